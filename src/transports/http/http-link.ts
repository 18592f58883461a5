import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { type GatechartError, messageOf } from '../../errors.js';
import { deferred } from '../../time/deferred.js';
import { WaitGroup } from '../../time/wait-group.js';
import { within } from '../../time/within.js';
import { maxMessageBytes as defaultMaxMessageBytes } from '../../wire/framing/message-size.js';
import { Listeners } from '../listeners.js';
import {
  badInitializeAnswer,
  isAnswer,
  isBadInitializeAnswer,
  isSdkMessage,
  type WireMessage,
} from '../mcp/json-rpc.js';
import { IdTable } from '../mcp/id-table.js';
import { type HandshakeChannel, shakeHands } from '../mcp/mcp-handshake.js';
import type {
  McpLink,
  McpNotification,
  McpPeer,
  McpRequest,
  McpResponse,
  QuestionAnswerer,
} from '../mcp/mcp-messages.js';
import { outgoingText } from '../mcp/outgoing-message.js';
import { ServerMessages } from '../mcp/server-messages.js';
import { cancelReason, UnansweredRequests } from '../mcp/unanswered-requests.js';
import { type LinkClosed, LinkError, type RequestOptions, type StreamStatus } from '../transport.js';
import { HttpClientSession } from './http-client-session.js';
import type { HttpDispatcher } from './dispatch/http-dispatcher.js';
import { HttpEventStream } from './events/http-event-stream.js';
import type { HttpTransportOptions } from './http-options.js';
import { HttpPost } from './answer/http-post.js';
import { belongingOf, type PostedMessage } from './answer/posted-message.js';
import { OtherMessages } from './other-messages.js';

const drainMs = 1000;
/** One session. It is the SDK client's transport too, which shakes hands and answers pings on it. */
export class HttpLink implements McpLink, HandshakeChannel {
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
  readonly #otherMessages: OtherMessages;
  readonly #pending = new UnansweredRequests({
    gaveUp: ({ id }, reason) => this.#tellCancelled(id, reason),
    ended: (id) => this.#messages.requestEnded(id),
  });
  readonly #messages: ServerMessages;
  /** Those of requests. A post may outlast its request, whose answer may come on another stream, or before the end of its own. */
  readonly #posts = new IdTable<HttpPost>();
  readonly #underWay = new WaitGroup();
  readonly #closed = deferred<LinkClosed>();
  readonly #retiring = deferred();
  #ended: Promise<void> | undefined;
  /** Why it takes no new requests any more, while those under way may still be answered. */
  #retiredBy: GatechartError | undefined;

  constructor(options: HttpTransportOptions, url: URL, dispatcher: HttpDispatcher) {
    const { name, logger } = options;
    this.#options = options;
    this.#dispatcher = dispatcher;
    this.closed = this.#closed.promise;
    this.retiring = this.#retiring.promise;
    const traffic = new Listeners<void>();
    this.onTraffic = traffic.add;
    const maxMessageBytes = options.maxMessageBytes ?? defaultMaxMessageBytes;
    this.#session = new HttpClientSession({
      ...options,
      url,
      maxMessageBytes,
      dispatcher,
      onMessage: (message, inResponseTo) => this.#message(message, inResponseTo),
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
    this.#otherMessages = new OtherMessages({
      session: this.#session,
      answersInResponse: true,
      onFlood: (error) => void this.#end(error),
    });
    const say = (message: object): void => this.#say(message);
    this.#messages = new ServerMessages({ name, logger, pending: this.#pending, maxMessageBytes, send: say });
    this.onNotification = this.#messages.onNotification;
  }

  async shakeHands(): Promise<void> {
    const { logger, name, http } = this.#options;
    this.peer = await shakeHands({ channel: this, logger, name, identity: this.#options });
    // With a single connection the stream would leave none for requests.
    if (http.maxConnections > 1 && this.#ended === undefined) this.#events.open();
  }

  request(message: McpRequest, options: RequestOptions): Promise<McpResponse> {
    return this.#request(message, options, false);
  }

  async ping(signal: AbortSignal): Promise<void> {
    try {
      await this.#request({ method: 'ping' }, { signal }, true);
    } catch (error) {
      // Any answer is a sign of life.
      if (!(error instanceof LinkError) || error.outcome !== 'refused') throw error;
    }
  }

  #request(message: McpRequest, options: RequestOptions, isUrgent: boolean): Promise<McpResponse> {
    const { signal, on } = options;
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#ended !== undefined || this.#retiredBy !== undefined)
      return Promise.reject(new LinkError('notSent', `${this.#options.name}: the link has ended`));
    if (on !== undefined) this.#messages.requestMade(on);
    return this.#pending.start(message, options, (id) => {
      const body = outgoingText(id, message, this.#session.options);
      const post = new HttpPost(
        this.#session,
        { body, id, isUrgent, on, headers: message.traceParent },
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

  get protocolVersion(): string | undefined {
    return this.#session.protocolVersion;
  }

  send(message: object): Promise<void> {
    if (this.#ended !== undefined) return Promise.reject(new Error('the link has ended'));
    return this.#otherMessages.send(message);
  }

  streamStatus(): StreamStatus | undefined {
    return this.#events.status();
  }

  answerWith(answerer: QuestionAnswerer): void {
    this.#messages.answerWith(answerer);
  }

  notify({ method, params }: McpNotification): void {
    this.#say({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params }) });
  }

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
    this.#messages.end();
    const why = error?.message ?? `${this.#options.name}: the link was closed`;
    this.#otherMessages.failAll(error ?? new Error(why));
    // Requests under way may still get their own answers, if only that their session is unknown; cutting them off at once
    // would leave their outcome unknown for no reason.
    if (error !== undefined) await within(this.#underWay.idle(), drainMs, this.#options.clock);
    for (const [id, post] of this.#posts.entries())
      this.#pending.fail(id, new LinkError(post.cancel() ? 'cutOff' : 'notSent', why, { cause: error }));
    this.#dispatcher.cancelAll();
    if (error === undefined) await this.#session.end(this.#options.endSessionMs ?? 1000);
    await this.#dispatcher.destroy();
  }

  #message(message: WireMessage, inResponseTo: PostedMessage | undefined): void {
    if (message.method !== undefined && this.#messages.take(message, () => belongingOf(inResponseTo, this.#pending)))
      return;
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
    const params = { requestId: id, reason: cancelReason(reason) };
    this.#say({ jsonrpc: '2.0', method: 'notifications/cancelled', params });
  }

  /** Sends what is no request; what cannot be sent is logged. */
  #say(message: object): void {
    const { logger, name } = this.#options;
    this.send(message).catch((error: unknown) =>
      logger.debug({ connection: name, error: messageOf(error) }, 'telling MCP server'),
    );
  }
}
