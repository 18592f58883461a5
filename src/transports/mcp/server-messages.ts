import { messageOf } from '../../errors.js';
import { isRecord } from '../../json/records.js';
import type { Logger } from '../../observability/logger.js';
import { Listeners } from '../listeners.js';
import { type CallListener, RpcRefusal, type ServerNotification } from '../transport.js';
import { invalidParams, invalidRequest, methodNotFound, type WireMessage } from './json-rpc.js';
import type { McpLink, QuestionAnswerer } from './mcp-messages.js';
import { progressTokenOf } from './progress-token.js';
import { ServerQuestions, type ServerQuestionsDependencies } from './server-questions.js';
import type { UnansweredRequests } from './unanswered-requests.js';

/** Whose a message of the server is that answers nothing. */
export type Belonging =
  /** That of these requests, all of one owner; the newest one's listener hears it. */
  | { readonly kind: 'requests'; readonly listener: CallListener; readonly ids: readonly number[] }
  /** That of no request, or it cannot be told of which. */
  | { readonly kind: 'none' }
  /** That of a request which has ended: nobody is to hear it. */
  | { readonly kind: 'ended' };

export interface ServerMessagesDependencies extends ServerQuestionsDependencies {
  readonly name: string;
  readonly logger: Logger;
  readonly pending: UnansweredRequests;
}

/** What concerns everybody on a link, on whichever stream it comes. */
const aboutTheServer: ReadonlySet<string> = new Set([
  'notifications/tools/list_changed',
  'notifications/prompts/list_changed',
  'notifications/resources/list_changed',
  'notifications/resources/updated',
]);

/** Whose requests a link has carried that have a listener. */
type SoleOwner = { readonly kind: 'none' | 'several' } | { readonly kind: 'one'; readonly owner: object };

/** What the server of one link says and asks of itself, and who hears it. */
export class ServerMessages {
  readonly onNotification: McpLink['onNotification'];
  readonly #dependencies: ServerMessagesDependencies;
  readonly #questions: ServerQuestions;
  readonly #notifications = new Listeners<ServerNotification>();
  #soleOwner: SoleOwner = { kind: 'none' };
  #answerer: QuestionAnswerer = async () => {
    throw new RpcRefusal(methodNotFound, 'Method not found');
  };

  constructor(dependencies: ServerMessagesDependencies) {
    this.#dependencies = dependencies;
    this.#questions = new ServerQuestions(dependencies);
    this.onNotification = this.#notifications.add;
  }

  answerWith(answerer: QuestionAnswerer): void {
    this.#answerer = answerer;
  }

  /** A request is made that has a listener. */
  requestMade({ owner }: CallListener): void {
    const sole = this.#soleOwner;
    if (sole.kind === 'none') this.#soleOwner = { kind: 'one', owner };
    else if (sole.kind === 'one' && sole.owner !== owner) this.#soleOwner = { kind: 'several' };
  }

  requestEnded(id: number): void {
    this.#questions.requestEnded(id);
  }

  /** The link has ended: nobody waits for answers of ours. */
  end(): void {
    this.#questions.end();
  }

  /**
   * Takes what the server says or asks; false for answers and for `ping`, which the SDK's client answers.
   *
   * @param belonging called if it has to be known
   */
  take(message: WireMessage, belonging: () => Belonging): boolean {
    const { id, method } = message;
    if (method === undefined) return false;
    if (id === undefined) this.#notification(message, belonging);
    else if (method === 'ping' && isQuestionId(id)) return false;
    else this.#question(message, belonging);
    return true;
  }

  #notification(message: WireMessage, belonging: () => Belonging): void {
    const { method, params } = message;
    if (typeof method !== 'string' || (params !== undefined && !isRecord(params)))
      return this.#drop(method, 'it is no JSON-RPC notification');
    if (method === 'notifications/cancelled') return this.#questions.takenBack(params?.['requestId']);
    if (method === 'notifications/progress') return this.#progress(method, params ?? {});
    const notification = params === undefined ? { method } : { method, params };
    if (aboutTheServer.has(method)) return this.#tellAll(notification);
    const whose = belonging();
    if (whose.kind === 'requests') this.#tell(whose.listener, notification);
    else if (whose.kind === 'none') this.#tellAll(notification);
    else this.#drop(method, 'its request has ended');
  }

  #progress(method: string, params: Readonly<Record<string, unknown>>): void {
    const request = this.#dependencies.pending.find(params['progressToken']);
    const progressToken = request === undefined ? undefined : progressTokenOf(request.message);
    if (request?.on === undefined || progressToken === undefined)
      return this.#drop(method, 'nobody wants to hear of it, or not any more');
    this.#tell(request.on, { method, params: { ...params, progressToken } });
  }

  #question(message: WireMessage, belonging: () => Belonging): void {
    const { id, method, params } = message;
    const questions = this.#questions;
    if (!isQuestionId(id)) {
      const shown = id !== null && typeof id === 'object' ? null : id;
      return questions.refuse(shown, invalidParams, 'the id of a request must be a text or a whole number');
    }
    if (typeof method !== 'string') return questions.refuse(id, methodNotFound, 'the method must be a text');
    if (params !== undefined && !isRecord(params))
      return questions.refuse(id, invalidParams, 'params must be an object');
    const whose = belonging();
    if (whose.kind === 'ended')
      return questions.refuse(id, invalidRequest, 'the request that this belongs to has ended');
    const question = params === undefined ? { method } : { method, params };
    if (whose.kind === 'none') {
      const owner = this.#soleOwner.kind === 'one' ? this.#soleOwner.owner : undefined;
      return questions.ask(id, question, [], (asked, signal) => this.#answerer(asked, signal, owner));
    }
    const { listener, ids } = whose;
    questions.ask(id, question, ids, (asked, signal) => listener.ask(asked, signal));
  }

  #tell(listener: CallListener, notification: ServerNotification): void {
    try {
      listener.notification(notification);
    } catch (error) {
      this.#failed(notification, error);
    }
  }

  #tellAll(notification: ServerNotification): void {
    try {
      this.#notifications.tell(notification);
    } catch (error) {
      this.#failed(notification, error);
    }
  }

  #failed({ method }: ServerNotification, error: unknown): void {
    const { logger, name } = this.#dependencies;
    logger.error({ connection: name, method, error: messageOf(error) }, 'hearing a notification of MCP server');
  }

  #drop(method: unknown, why: string): void {
    const { logger, name } = this.#dependencies;
    logger.debug({ connection: name, method, why }, 'notification of MCP server; ignored');
  }
}

function isQuestionId(id: unknown): id is string | number {
  return typeof id === 'string' || (typeof id === 'number' && Number.isInteger(id));
}
