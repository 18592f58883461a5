import { maxMessageBytes as defaultMaxMessageBytes } from '../../wire/framing/message-size.js';
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { GatechartError } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import { messageOf } from '../../errors.js';
import { deferred } from '../../time/deferred.js';
import { ChannelOwners } from '../mcp/channel-owners.js';
import { invalidRequest, parseError, refusalOfAnswer, type WireMessage } from '../mcp/json-rpc.js';
import { Listeners } from '../listeners.js';
import { shakeHands } from '../mcp/mcp-handshake.js';
import type {
  McpClientIdentity,
  McpLink,
  McpNotification,
  McpPeer,
  McpRequest,
  McpResponse,
  QuestionAnswerer,
} from '../mcp/mcp-messages.js';
import type { MessageOutline } from '../../wire/framing/message-scanner.js';
import { type Belonging, ServerMessages } from '../mcp/server-messages.js';
import { cancelReason, type OpenRequest, UnansweredRequests } from '../mcp/unanswered-requests.js';
import { StdioChannel, type UnreadableMessage } from './stdio-channel.js';
import { describeServer } from './stdio-command.js';
import type { StdioTransportOptions } from './stdio-options.js';
import { StdioOutbox } from './stdio-outbox.js';
import { type LinkClosed, LinkError, type RequestOptions } from '../transport.js';

/** Answers to nobody that are logged as warnings; further ones only for those who debug. */
const unmatchedShown = 10;

/** One child process that speaks MCP, and the requests that wait for its answers. */
export class StdioLink implements McpLink {
  readonly era = 'legacy';
  peer: McpPeer = { protocolVersion: '', capabilities: {}, info: undefined, instructions: undefined };
  readonly closed: Promise<LinkClosed>;
  readonly onNotification: McpLink['onNotification'];
  readonly onTraffic: NonNullable<McpLink['onTraffic']>;
  readonly #name: string;
  readonly #logger: Logger;
  readonly #identity: McpClientIdentity;
  readonly #channel: StdioChannel;
  readonly #outbox: StdioOutbox;
  readonly #pending = new UnansweredRequests({
    gaveUp: (request, reason) => this.#tellCancelled(request, reason),
    ended: (id) => this.#messages.requestEnded(id),
  });
  readonly #messages: ServerMessages;
  readonly #owners = new ChannelOwners(this.#pending);
  readonly #belonging = (): Belonging => this.#owners.belonging();
  readonly #sendRequest = (id: number, message: McpRequest): void => this.#outbox.send(id, message);
  /** In the handshake the SDK's client is the only one who waits for an answer; its request has the id 0. */
  #phase: 'shaking hands' | 'open' = 'shaking hands';
  /** The highest id of ours that was answered. */
  #lastAnswered = 0;
  #unmatched = 0;

  constructor(options: StdioTransportOptions, child: ChildProcessWithoutNullStreams) {
    const { name, server, logger, clock, maxMessageBytes = defaultMaxMessageBytes } = options;
    this.#name = name;
    this.#logger = logger;
    this.#identity = options;
    const send = (message: object): void => this.#send(message);
    this.#messages = new ServerMessages({ name, logger, pending: this.#pending, maxMessageBytes, send });
    this.onNotification = this.#messages.onNotification;
    const closed = deferred<LinkClosed>();
    this.closed = closed.promise;
    this.#channel = new StdioChannel({
      child,
      name,
      target: describeServer(server),
      logger,
      clock,
      maxMessageBytes,
      longLineMs: options.longLineMs ?? 30_000,
      terminateGraceMs: options.terminateGraceMs ?? 2000,
      leaveMs: options.leaveMs ?? 500,
      onMessage: (message) => this.#message(message),
      onUnreadable: (outline, trouble) => this.#unreadable(outline, trouble),
      onEnded: (error) => {
        closed.resolve(error === undefined ? {} : { error });
        this.#failAll(error);
      },
    });
    this.#outbox = new StdioOutbox({
      name,
      stdin: child.stdin,
      maxMessageBytes,
      maxWaiting: options.maxWaiting ?? 1000,
      write: (line, id) => this.#channel.write(line, id),
      unreadLength: () => this.#channel.unreadLength,
      onFailed: (id, error) => this.#pending.fail(id, error),
    });
    const traffic = new Listeners<void>();
    this.onTraffic = traffic.add;
    child.stdout.on('data', () => traffic.tell());
  }

  async shakeHands(): Promise<void> {
    const [channel, logger, name, identity] = [this.#channel, this.#logger, this.#name, this.#identity];
    this.peer = await shakeHands({ channel, logger, name, identity });
    this.#phase = 'open';
  }

  request(message: McpRequest, options: RequestOptions): Promise<McpResponse> {
    const { signal, on } = options;
    if (signal.aborted) return Promise.reject(signal.reason);
    if (!this.#channel.writable) return Promise.reject(new LinkError('notSent', 'the MCP server has ended'));
    if (on !== undefined) this.#messages.requestMade(on);
    return this.#pending.start(message, options, this.#sendRequest);
  }

  async ping(signal: AbortSignal): Promise<void> {
    try {
      await this.request({ method: 'ping' }, { signal });
    } catch (error) {
      // An error that the server answered is a sign of life too; what has no code was refused on this side.
      if (!(error instanceof LinkError) || error.rpcCode === undefined) throw error;
    }
  }

  answerWith(answerer: QuestionAnswerer): void {
    this.#messages.answerWith(answerer);
  }

  notify({ method, params }: McpNotification): void {
    this.#send({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params }) });
  }

  async close(): Promise<void> {
    await this.#channel.close();
  }

  #failAll(error: GatechartError | undefined): void {
    this.#messages.end();
    const why = error?.message ?? `${this.#name}: the link was closed`;
    for (const id of this.#outbox.close()) this.#pending.fail(id, new LinkError('notSent', why, { cause: error }));
    this.#pending.failAll(() => new LinkError('cutOff', why, { cause: error }));
  }

  /** Sends what is no request; what cannot be sent is logged. */
  #send(message: object): void {
    this.#channel
      .send(message)
      .catch((error: unknown) =>
        this.#logger.debug({ connection: this.#name, error: messageOf(error) }, 'telling MCP server'),
      );
  }

  #tellCancelled(request: OpenRequest, reason: unknown): void {
    if (this.#outbox.withdraw(request.id) || !this.#channel.writable) return;
    this.#owners.gaveUp(request);
    const params = { requestId: request.id, reason: cancelReason(reason) };
    this.#channel.write(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/cancelled', params }));
  }

  /** False for what is for the SDK's client. */
  #message(message: WireMessage): boolean {
    if (message.method !== undefined) return this.#messages.take(message, this.#belonging);
    // Not of one that somebody waits for: of those, this changes nothing.
    this.#owners.answeredLate(this.#pending.ownId(message.id));
    if (this.#pending.answer(message)) {
      this.#lastAnswered = Math.max(this.#lastAnswered, this.#pending.ownId(message.id) ?? 0);
      return true;
    }
    if (message.error === undefined || message.id === 0) return false;
    const error = refusalOfAnswer(message);
    const isOfRequest = error.rpcCode === parseError || error.rpcCode === invalidRequest || this.#hasOnlyRequestsOpen();
    const found = { id: message.id, code: error.rpcCode, error: error.message };
    const said = 'MCP server sent an error that answers no request; ignored';
    this.#toNobody(message.id, isOfRequest ? error : undefined, found, said);
    if (this.#phase === 'shaking hands')
      this.#channel.endWithProtocolError(`answered initialize with an error: ${error.message}`);
    return true;
  }

  /**
   * Some servers answer notifications, with an error that has no id. Nothing but requests can be meant once a request is
   * answered that was written after the last notification.
   */
  #hasOnlyRequestsOpen(): boolean {
    return this.#lastAnswered >= (this.#channel.firstWritten ?? Number.POSITIVE_INFINITY);
  }

  #unreadable(outline: MessageOutline, trouble: UnreadableMessage): void {
    const { id, hasMethod } = outline;
    const what =
      trouble.kind === 'tooLong'
        ? `has more than ${trouble.maxBytes} bytes, the most that a message may have`
        : `cannot be read as JSON: ${trouble.shown}`;
    if (hasMethod) return this.#refuseRequest(id, what);
    const error = this.#unreadableAnswer(trouble, what);
    const ownId = this.#pending.ownId(id);
    this.#owners.answeredLate(ownId);
    if (ownId !== undefined && this.#pending.has(ownId)) return this.#pending.fail(ownId, error);
    if (id === 0 && this.#phase === 'shaking hands')
      return this.#channel.endWithProtocolError(`answered initialize; that ${what}`);
    this.#toNobody(id, error, { id, what }, 'MCP server sent an answer to no request; ignored');
  }

  #unreadableAnswer({ kind }: UnreadableMessage, what: string): LinkError {
    const message = `${this.#name}: the answer ${what}`;
    if (kind === 'broken') return new LinkError('refused', message);
    const details = { connection: this.#name };
    return new LinkError('refused', message, { cause: new GatechartError('MESSAGE_TOO_LARGE', message, { details }) });
  }

  /** The server asks or tells something that we cannot read; whoever asks is answered. */
  #refuseRequest(id: MessageOutline['id'], what: string): void {
    this.#logger.warn({ connection: this.#name, id, what }, 'MCP server sent a message that cannot be read');
    if (id === undefined || id === null) return;
    const error = { code: invalidRequest, message: `the message ${what}` };
    this.#send({ jsonrpc: '2.0', id, error });
  }

  /**
   * What answers none of our requests by its id. A server that could not read a request cannot know its id: where one
   * request waits and nothing was written after it, no other can be meant. What was given up may still be answered.
   *
   * @param error what such a request fails with; undefined where something else may be meant
   */
  #toNobody(id: unknown, error: LinkError | undefined, found: object, message: string): void {
    const isForeign = this.#pending.ownId(id) === undefined;
    const { lastWritten } = this.#channel;
    const isOnly = this.#pending.size - this.#outbox.size === 1 && this.#pending.has(lastWritten);
    if (isForeign && isOnly && error !== undefined) return this.#pending.fail(lastWritten, error);
    const level = isForeign && ++this.#unmatched <= unmatchedShown ? 'warn' : 'debug';
    this.#logger[level]({ connection: this.#name, ...found }, message);
  }
}
