import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { type GatechartError, messageOf } from '../../errors.js';
import { deferred } from '../../time/deferred.js';
import { maxMessageBytes as defaultMaxMessageBytes } from '../../wire/framing/message-size.js';
import type { MessageOutline } from '../../wire/framing/message-scanner.js';
import { answerTooLarge } from '../http/answer/answer-finder.js';
import { HttpPost } from '../http/answer/http-post.js';
import type { HttpDispatcher } from '../http/dispatch/http-dispatcher.js';
import { HttpClientSession } from '../http/http-client-session.js';
import type { HttpTransportOptions } from '../http/http-options.js';
import { OtherMessages } from '../http/other-messages.js';
import { Listeners } from '../listeners.js';
import { ChannelOwners } from '../mcp/channel-owners.js';
import { IdTable } from '../mcp/id-table.js';
import {
  badInitializeAnswer,
  invalidRequest,
  isBadInitializeAnswer,
  isSdkMessage,
  type WireMessage,
} from '../mcp/json-rpc.js';
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
import { type LinkClosed, LinkError, type RequestOptions } from '../transport.js';
import { SseStream } from './sse-stream.js';

/** One stream and what is posted beside it: a single channel, as far as the server's messages go. */
export class SseLink implements McpLink, HandshakeChannel {
  readonly era = 'legacy';
  peer: McpPeer = { protocolVersion: '', capabilities: {}, info: undefined, instructions: undefined };
  readonly closed: Promise<LinkClosed>;
  readonly onNotification: McpLink['onNotification'];
  readonly onTraffic: NonNullable<McpLink['onTraffic']>;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;

  readonly #options: HttpTransportOptions;
  readonly #dispatcher: HttpDispatcher;
  readonly #session: HttpClientSession;
  readonly #stream: SseStream;
  readonly #otherMessages: OtherMessages;
  readonly #pending = new UnansweredRequests({
    gaveUp: (request, reason) => {
      if (this.#posts.get(request.id)?.cancel() === false || this.#ended !== undefined) return;
      this.#owners.gaveUp(request);
      const params = { requestId: request.id, reason: cancelReason(reason) };
      this.notify({ method: 'notifications/cancelled', params });
    },
    ended: (id) => this.#messages.requestEnded(id),
  });
  readonly #messages: ServerMessages;
  readonly #owners = new ChannelOwners(this.#pending);
  /** Those of requests that the server has not taken yet. */
  readonly #posts = new IdTable<HttpPost>();
  readonly #endpoint = deferred();
  #hasEndpoint = false;
  readonly #closed = deferred<LinkClosed>();
  #ended: Promise<void> | undefined;

  constructor(options: HttpTransportOptions, url: URL, dispatcher: HttpDispatcher) {
    const { name, logger, maxMessageBytes = defaultMaxMessageBytes } = options;
    this.#options = options;
    this.#dispatcher = dispatcher;
    this.closed = this.#closed.promise;
    const traffic = new Listeners<void>();
    this.onTraffic = traffic.add;
    this.#session = new HttpClientSession({
      ...options,
      url,
      maxMessageBytes,
      dispatcher,
      onMessage: (message) => this.#message(message),
      onTraffic: () => traffic.tell(),
      isAwaited: (id) => this.#pending.find(id) !== undefined,
      isOurs: (id) => this.#pending.ownId(id) !== undefined,
      onRefused: (id, error) => this.#fail(id, error),
      onLost: (error) => void this.#end(error),
    });
    this.#stream = new SseStream(this.#session, {
      endpoint: (address) => this.#meetEndpoint(address),
      message: (message) => this.#message(message),
      tooLarge: (outline) => this.#tooLarge(outline),
      ended: (error) => void this.#end(this.#session.error(error)),
    });
    this.#otherMessages = new OtherMessages({
      session: this.#session,
      answersInResponse: false,
      onFlood: (error) => void this.#end(error),
    });
    const say = (message: object): void => this.#say(message);
    this.#messages = new ServerMessages({ name, logger, pending: this.#pending, maxMessageBytes, send: say });
    this.onNotification = this.#messages.onNotification;
  }

  async shakeHands(): Promise<void> {
    const { logger, name } = this.#options;
    this.peer = await shakeHands({ channel: this, logger, name, identity: this.#options });
  }

  request(message: McpRequest, options: RequestOptions): Promise<McpResponse> {
    const { signal, on } = options;
    if (signal.aborted) return Promise.reject(signal.reason);
    if (this.#ended !== undefined)
      return Promise.reject(new LinkError('notSent', `${this.#options.name}: the link has ended`));
    if (on !== undefined) this.#messages.requestMade(on);
    return this.#pending.start(message, options, (id) => {
      const body = outgoingText(id, message, this.#session.options);
      // No id: no answer is due in response, as it comes on the stream.
      const post = new HttpPost(
        this.#session,
        { body, isUrgent: message.method === 'ping' },
        { failed: (error) => this.#postFailed(id, error), ended: () => void this.#posts.take(id) },
      );
      this.#posts.add(id, post);
      post.start();
    });
  }

  async ping(signal: AbortSignal): Promise<void> {
    try {
      await this.request({ method: 'ping' }, { signal });
    } catch (error) {
      // An error that the server answered is a sign of life too; what has no code was refused on this side.
      if (!(error instanceof LinkError) || error.rpcCode === undefined) throw error;
    }
  }

  /** Settles when the server has named the address that messages are posted to. */
  async start(): Promise<void> {
    if (this.#ended === undefined) this.#stream.start();
    await this.#endpoint.promise;
    if (this.#ended !== undefined) throw new Error('the link has ended');
  }

  get protocolVersion(): string | undefined {
    return this.#session.protocolVersion;
  }

  setProtocolVersion(version: string): void {
    this.#session.protocolVersion = version;
  }

  send(message: object): Promise<void> {
    if (this.#ended !== undefined) return Promise.reject(new Error('the link has ended'));
    return this.#otherMessages.send(message);
  }

  answerWith(answerer: QuestionAnswerer): void {
    this.#messages.answerWith(answerer);
  }

  notify({ method, params }: McpNotification): void {
    this.#say({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params }) });
  }

  close(): Promise<void> {
    return this.#end(undefined);
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
    const why = error?.message ?? `${this.#options.name}: the link was closed`;
    this.#endpoint.resolve();
    this.#stream.cancel();
    this.#messages.end();
    this.#otherMessages.failAll(error ?? new Error(why));
    for (const [id, post] of this.#posts.entries())
      this.#pending.fail(id, new LinkError(post.cancel() ? 'cutOff' : 'notSent', why, { cause: error }));
    this.#pending.failAll(() => new LinkError('cutOff', why, { cause: error }));
    this.#dispatcher.cancelAll();
    await this.#dispatcher.destroy();
  }

  #meetEndpoint(address: string): void {
    // Messages under way would be posted to one address, and later ones to another.
    if (this.#hasEndpoint) return;
    this.#session.moveTo(address);
    this.#hasEndpoint = true;
    this.#endpoint.resolve();
  }

  #message(message: WireMessage): void {
    if (this.#ended !== undefined) return;
    if (message.method !== undefined && this.#messages.take(message, () => this.#owners.belonging())) return;
    if (message.method === undefined) {
      this.#owners.answeredLate(this.#pending.ownId(message.id));
      if (this.#pending.answer(message)) return;
    }
    if (isBadInitializeAnswer(message)) return void this.#end(this.#session.protocolError(badInitializeAnswer));
    if (isSdkMessage(message)) this.onmessage?.(message);
  }

  #tooLarge(outline: MessageOutline | undefined): void {
    const { logger, maxMessageBytes, name } = this.#session.options;
    logger.warn(
      { connection: name, id: outline?.id, maxMessageBytes },
      'message of MCP server is larger than the limit',
    );
    const { id, hasMethod = false } = outline ?? {};
    const what = `sent a message of more than ${maxMessageBytes} bytes`;
    if (hasMethod && id !== undefined && id !== null)
      return this.#say({ jsonrpc: '2.0', id, error: { code: invalidRequest, message: `you ${what}` } });
    if (id === 0) return void this.#end(this.#session.tooLarge(what));
    this.#fail(id, answerTooLarge(this.#session));
  }

  #postFailed(id: number, error: LinkError): void {
    const request = this.#pending.find(id);
    // It may have reached the server.
    if (request !== undefined && error.outcome === 'cutOff') this.#owners.gaveUp(request);
    this.#pending.fail(id, error);
  }

  #fail(id: unknown, error: LinkError): void {
    const own = this.#pending.ownId(id);
    this.#owners.answeredLate(own);
    if (own !== undefined) this.#pending.fail(own, error);
  }

  /** Sends what is no request; what cannot be sent is logged. */
  #say(message: object): void {
    const { logger, name } = this.#options;
    this.send(message).catch((error: unknown) =>
      logger.debug({ connection: name, error: messageOf(error) }, 'telling MCP server'),
    );
  }
}
