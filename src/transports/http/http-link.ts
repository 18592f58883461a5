import { maxMessageBytes } from '../../wire/framing/message-size.js';
import type { Transport as SdkTransport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { type GatechartError, messageOf } from '../../errors.js';
import { HttpEventStream } from './http-event-stream.js';
import type { HttpPool } from './http-pool.js';
import { HttpPost } from './http-post.js';
import { HttpSession } from './http-session.js';
import { IdTable } from '../mcp/id-table.js';
import type { HttpTransportOptions } from './http-options.js';
import {
  isAnswer,
  isSdkMessage,
  isBadInitializeAnswer,
  badInitializeAnswer,
  type WireMessage,
} from '../mcp/json-rpc.js';
import { Listeners } from '../listeners.js';
import { shakeHands } from '../mcp/mcp-handshake.js';
import type { McpLink, McpNotification, McpRequest, McpResponse } from '../mcp/mcp-messages.js';
import { outgoingText } from '../mcp/outgoing-message.js';
import { cancelReason, PendingRequests } from '../mcp/pending-requests.js';
import type { CancelSignal } from '../../time/cancellation.js';
import { type LinkClosed, LinkError, type RequestOptions, type StreamStatus } from '../transport.js';

const drainMs = 1000;
/** Answers of ours to what the server asks, such as pings, that may wait for it to take them. */
const mostAnswersUnderWay = 100;

/** One session. It is the SDK client's transport too, which shakes hands and answers the server's own requests on it. */
export class HttpLink implements McpLink, SdkTransport {
  readonly closed: Promise<LinkClosed>;
  readonly retiring: Promise<void>;
  readonly onNotification: McpLink['onNotification'];
  readonly onTraffic: NonNullable<McpLink['onTraffic']>;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;

  readonly #options: HttpTransportOptions;
  readonly #pool: HttpPool;
  readonly #session: HttpSession;
  readonly #events: HttpEventStream;
  readonly #notifications = new Listeners<McpNotification>();
  readonly #pending = new PendingRequests((id, reason) => this.#tellCancelled(id, reason));
  readonly #posts = new IdTable<HttpPost>();
  /** What the SDK's client sends, and what fails it. */
  readonly #others = new Map<HttpPost, (reason: Error) => void>();
  #answersUnderWay = 0;
  #settleClosed: (closed: LinkClosed) => void = () => {};
  #ended: Promise<void> | undefined;
  #drained: () => void = () => {};
  #settleRetiring: () => void = () => {};
  /** Why it takes no new requests any more, while those under way may still be answered. */
  #retiredBy: GatechartError | undefined;
  /** What ended it, if it was not we. */
  endedBy: GatechartError | undefined;

  constructor(options: HttpTransportOptions, url: URL, pool: HttpPool) {
    const { name, http, logger, clock, random } = options;
    this.#options = options;
    this.#pool = pool;
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    this.retiring = new Promise((resolve) => {
      this.#settleRetiring = resolve;
    });
    const traffic = new Listeners<void>();
    this.onTraffic = traffic.add;
    this.#session = new HttpSession({
      name,
      url,
      http,
      logger,
      clock,
      random,
      maxMessageBytes: options.maxMessageBytes ?? maxMessageBytes,
      pool,
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
    this.onNotification = this.#notifications.add;
  }

  async shakeHands(): Promise<void> {
    const { logger, name, http } = this.#options;
    await shakeHands({ channel: this, logger, name, notifications: this.#notifications });
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
        {
          failed: (error) => this.#pending.fail(id, error),
          ended: () => {
            this.#posts.take(id);
            this.#postEnded();
          },
        },
      );
      this.#posts.add(id, post);
      post.start();
    });
  }

  async start(): Promise<void> {}

  setProtocolVersion(version: string): void {
    this.#session.protocolVersion = version;
  }

  send(message: JSONRPCMessage): Promise<void> {
    if (this.#ended !== undefined) return Promise.reject(new Error('the link has ended'));
    const answers = 'method' in message ? 0 : 1;
    if (this.#answersUnderWay + answers > mostAnswersUnderWay) {
      const error = this.#session.breach(`asks more than it takes the answers to: ${mostAnswersUnderWay} are waiting`);
      void this.#end(error);
      return Promise.reject(error);
    }
    this.#answersUnderWay += answers;
    return new Promise((resolve, reject) => {
      const id = 'method' in message && 'id' in message ? message.id : undefined;
      const post = new HttpPost(
        this.#session,
        { body: JSON.stringify(message), id },
        {
          failed: (error) => reject(error.cause ?? error),
          ended: () => {
            this.#others.delete(post);
            this.#answersUnderWay -= answers;
            resolve();
          },
        },
      );
      this.#others.set(post, reject);
      post.start();
    });
  }

  streamStatus(): StreamStatus | undefined {
    return this.#events.status();
  }

  close(): Promise<void> {
    return this.#end(this.#retiredBy);
  }

  /** Other requests than the one that shows it may be answered yet, at their own time; the link ends with the last of them. */
  #retire(error: GatechartError, request: unknown): void {
    if (this.#ended !== undefined || this.#retiredBy !== undefined) return;
    const isOfRequest = typeof request === 'number' && this.#posts.get(request) !== undefined;
    if (this.#posts.size === (isOfRequest ? 1 : 0)) return void this.#end(error);
    this.#retiredBy = error;
    this.#events.stop();
    this.#settleRetiring();
  }

  #postEnded(): void {
    if (this.#posts.size > 0) return;
    this.#drained();
    if (this.#retiredBy !== undefined) void this.#end(this.#retiredBy);
  }

  #end(error: GatechartError | undefined): Promise<void> {
    if (this.#ended === undefined) {
      this.endedBy = error;
      this.#ended = this.#tearDown(error);
      this.#settleClosed(error === undefined ? {} : { error });
      this.onclose?.();
    }
    return this.#ended;
  }

  async #tearDown(error: GatechartError | undefined): Promise<void> {
    this.#events.stop();
    const why = error?.message ?? `${this.#options.name}: the link was closed`;
    for (const [post, reject] of this.#others) {
      post.cancel();
      reject(error ?? new Error(why));
    }
    this.#others.clear();
    if (error !== undefined) await this.#drain();
    for (const [id, post] of this.#posts.entries()) {
      this.#posts.take(id);
      const outcome = post.cancel() ? 'cutOff' : 'notSent';
      this.#pending.fail(id, new LinkError(outcome, why, { cause: error }));
    }
    this.#pending.failAll(() => new LinkError('cutOff', why, { cause: error }));
    this.#session.cancelAll();
    if (error === undefined) await this.#session.end(this.#options.endSessionMs ?? 1000);
    await this.#pool.destroy();
  }

  /**
   * Requests in flight may still get their own answers, if only that their session is unknown; cutting them off at
   * once would leave their outcome unknown for no reason.
   */
  #drain(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#options.clock.setTimeout(resolve, drainMs);
      timer.ref?.();
      this.#drained = () => {
        this.#options.clock.clearTimeout(timer);
        resolve();
      };
      // The request whose failure ends the link has been settled already, or will be in this turn.
      if (this.#posts.size === 0) this.#drained();
    });
  }

  #message(message: WireMessage): void {
    if (isAnswer(message)) {
      if (this.#pending.answer(message)) return;
    }
    if (isBadInitializeAnswer(message)) return void this.#end(this.#session.breach(badInitializeAnswer));
    if (isSdkMessage(message)) this.onmessage?.(message);
  }

  #tellCancelled(id: number, reason: unknown): void {
    const sent = this.#posts.take(id)?.cancel() ?? false;
    this.#postEnded();
    // The server never heard of a request that only waited for a connection.
    if (!sent || this.#ended !== undefined) return;
    const { logger, name } = this.#options;
    const params = { requestId: id, reason: cancelReason(reason) };
    this.send({ jsonrpc: '2.0', method: 'notifications/cancelled', params }).catch((error: unknown) =>
      logger.debug({ connection: name, error: messageOf(error) }, 'telling MCP server about a cancelled request'),
    );
  }
}
