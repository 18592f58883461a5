import type { Transport as SdkTransport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { type GatechartError, messageOf } from '../../errors.js';
import type { CancelSignal } from '../../time/cancellation.js';
import { deferred } from '../../time/deferred.js';
import { WaitGroup } from '../../time/wait-group.js';
import { within } from '../../time/within.js';
import { maxMessageBytes } from '../../wire/framing/message-size.js';
import { Listeners } from '../listeners.js';
import {
  badInitializeAnswer,
  isAnswer,
  isBadInitializeAnswer,
  isSdkMessage,
  type WireMessage,
} from '../mcp/json-rpc.js';
import { IdTable } from '../mcp/id-table.js';
import { shakeHands } from '../mcp/mcp-handshake.js';
import type { McpLink, McpNotification, McpPeer, McpRequest, McpResponse } from '../mcp/mcp-messages.js';
import { outgoingText } from '../mcp/outgoing-message.js';
import { cancelReason, UnansweredRequests } from '../mcp/unanswered-requests.js';
import { type LinkClosed, LinkError, type RequestOptions, type StreamStatus } from '../transport.js';
import { HttpClientSession } from './http-client-session.js';
import type { HttpDispatcher } from './dispatch/http-dispatcher.js';
import { HttpEventStream } from './events/http-event-stream.js';
import type { HttpTransportOptions } from './http-options.js';
import { HttpPost } from './answer/http-post.js';
import { SdkMessages } from './sdk-messages.js';

const drainMs = 1000;
/** Answers of ours to what the server asks, such as pings, that may wait for it to take them. */
const mostAnswersUnderWay = 100;

/** One session. It is the SDK client's transport too, which shakes hands and answers the server's own requests on it. */
export class HttpLink implements McpLink, SdkTransport {
  readonly era = 'legacy';
  peer: McpPeer = { protocolVersion: '', capabilities: {}, info: undefined, instructions: undefined };
  readonly closed: Promise<LinkClosed>;
  readonly retiring: Promise<void>;
  readonly onNotification: McpLink['onNotification'];
  readonly onTraffic: NonNullable<McpLink['onTraffic']>;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;

  readonly #options: HttpTransportOptions;
  readonly #dispatcher: HttpDispatcher;
  readonly #session: HttpClientSession;
  readonly #events: HttpEventStream;
  readonly #notifications = new Listeners<McpNotification>();
  readonly #sdkMessages: SdkMessages;
  readonly #pending = new UnansweredRequests((id, reason) => this.#tellCancelled(id, reason));
  /** Those of requests. A post may outlast its request, whose answer may come on another stream, or before the end of its own. */
  readonly #posts = new IdTable<HttpPost>();
  readonly #underWay = new WaitGroup();
  readonly #closed = deferred<LinkClosed>();
  readonly #retiring = deferred();
  #ended: Promise<void> | undefined;
  /** Why it takes no new requests any more, while those under way may still be answered. */
  #retiredBy: GatechartError | undefined;

  constructor(options: HttpTransportOptions, url: URL, dispatcher: HttpDispatcher) {
    const { name, http, logger, clock, random } = options;
    this.#options = options;
    this.#dispatcher = dispatcher;
    this.closed = this.#closed.promise;
    this.retiring = this.#retiring.promise;
    const traffic = new Listeners<void>();
    this.onTraffic = traffic.add;
    this.#session = new HttpClientSession({
      name,
      url,
      http,
      logger,
      clock,
      random,
      maxMessageBytes: options.maxMessageBytes ?? maxMessageBytes,
      dispatcher,
      onMessage: (message) => this.#message(message),
      onTraffic: () => traffic.tell(),
      isAwaited: (id) => this.#pending.has(this.#pending.ownId(id)),
      isOurs: (id) => this.#pending.ownId(id) !== undefined,
      onRefused: (id, error) => {
        const own = this.#pending.ownId(id);
        if (own !== undefined) this.#pending.fail(own, error);
      },
      onLost: (error, request) => this.#retire(error, request),
    });
    this.#events = new HttpEventStream(this.#session);
    this.#sdkMessages = new SdkMessages(this.#session);
    this.onNotification = this.#notifications.add;
  }

  async shakeHands(): Promise<void> {
    const { logger, name, http } = this.#options;
    this.peer = await shakeHands({ channel: this, logger, name, notifications: this.#notifications });
    // With a single connection the stream would leave none for requests.
    if (http.maxConnections > 1 && this.#ended === undefined) this.#events.open();
  }

  request(message: McpRequest, { signal }: RequestOptions): Promise<McpResponse> {
    return this.#request(message, signal, false);
  }

  async ping(signal: AbortSignal): Promise<void> {
    try {
      await this.#request({ method: 'ping' }, signal, true);
    } catch (error) {
      // Any answer is a sign of life.
      if (!(error instanceof LinkError) || error.outcome !== 'refused') throw error;
    }
  }

  #request({ method, params }: McpRequest, signal: CancelSignal, isUrgent: boolean): Promise<McpResponse> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#ended !== undefined || this.#retiredBy !== undefined)
      return Promise.reject(new LinkError('notSent', `${this.#options.name}: the link has ended`));
    return this.#pending.start(signal, (id) => {
      const body = outgoingText({ jsonrpc: '2.0', id, method, params }, this.#session.options);
      const post = new HttpPost(
        this.#session,
        { body, id, isUrgent },
        { failed: (error) => this.#pending.fail(id, error), ended: () => this.#postEnded(id) },
      );
      this.#posts.add(id, post);
      this.#underWay.add();
      post.start();
    });
  }

  async start(): Promise<void> {}

  setProtocolVersion(version: string): void {
    this.#session.protocolVersion = version;
  }

  send(message: JSONRPCMessage): Promise<void> {
    if (this.#ended !== undefined) return Promise.reject(new Error('the link has ended'));
    if (!('method' in message) && this.#sdkMessages.answers >= mostAnswersUnderWay) {
      const error = this.#session.protocolError(
        `asks more than it takes the answers to: ${mostAnswersUnderWay} are waiting`,
      );
      void this.#end(error);
      return Promise.reject(error);
    }
    return this.#sdkMessages.send(message);
  }

  streamStatus(): StreamStatus | undefined {
    return this.#events.status();
  }

  answerWith(): void {}

  notify(): void {}

  close(): Promise<void> {
    return this.#end(this.#retiredBy);
  }

  /** Other requests than the one that shows it may be answered yet, at their own time; the link ends with the last of them. */
  #retire(error: GatechartError, request: unknown): void {
    if (this.#ended !== undefined || this.#retiredBy !== undefined) return;
    const itself = this.#pending.ownId(request) === undefined ? 0 : 1;
    if (this.#underWay.count === itself) return void this.#end(error);
    this.#retiredBy = error;
    this.#events.stop();
    this.#retiring.resolve();
  }

  #postEnded(id: number): void {
    this.#posts.take(id);
    this.#underWay.done();
    if (this.#underWay.count === 0 && this.#retiredBy !== undefined) void this.#end(this.#retiredBy);
  }

  #end(error: GatechartError | undefined): Promise<void> {
    if (this.#ended === undefined) {
      this.#ended = this.#tearDown(error);
      this.#closed.resolve(error === undefined ? {} : { error });
      this.onclose?.();
    }
    return this.#ended;
  }

  async #tearDown(error: GatechartError | undefined): Promise<void> {
    this.#events.stop();
    const why = error?.message ?? `${this.#options.name}: the link was closed`;
    this.#sdkMessages.failAll(error ?? new Error(why));
    // Requests under way may still get their own answers, if only that their session is unknown; cutting them off at once
    // would leave their outcome unknown for no reason.
    if (error !== undefined) await within(this.#underWay.idle(), drainMs, this.#options.clock);
    for (const [id, post] of this.#posts.entries())
      this.#pending.fail(id, new LinkError(post.cancel() ? 'cutOff' : 'notSent', why, { cause: error }));
    this.#dispatcher.cancelAll();
    if (error === undefined) await this.#session.end(this.#options.endSessionMs ?? 1000);
    await this.#dispatcher.destroy();
  }

  #message(message: WireMessage): void {
    if (isAnswer(message)) {
      if (this.#pending.answer(message)) return;
    }
    if (isBadInitializeAnswer(message)) return void this.#end(this.#session.protocolError(badInitializeAnswer));
    if (isSdkMessage(message)) this.onmessage?.(message);
  }

  #tellCancelled(id: number, reason: unknown): void {
    const wasSent = this.#posts.get(id)?.cancel() ?? false;
    // The server never heard of a request that only waited for a connection.
    if (!wasSent || this.#ended !== undefined) return;
    const { logger, name } = this.#options;
    const params = { requestId: id, reason: cancelReason(reason) };
    this.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params }).catch((error: unknown) =>
      logger.debug({ connection: name, error: messageOf(error) }, 'telling MCP server about a cancelled request'),
    );
  }
}
