import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  isJSONRPCErrorResponse,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type JSONRPCRequest,
  type JSONRPCResponse,
  type RequestId,
} from '@modelcontextprotocol/sdk/types.js';
import { EventAnswer } from './event-answer.js';
import { busy, type Refusal, refusals } from './http-answers.js';
import type { HttpExchange } from './http-exchange.js';
import type { Incoming } from '../mcp/incoming-message.js';
import type { McpIdentity, McpService, McpWork } from '../mcp/mcp-service.js';
import { RunningCall } from '../mcp/running-call.js';
import { SessionClient } from '../mcp/session-client.js';
import type { ServerLoad, SessionLoad } from '../server-load.js';
import { answerOn } from './resumable-answer.js';
import { type AwaitedRequest, SessionRequests } from './session-requests.js';
import type { Replay, SessionReplay } from './session-replay.js';

export interface McpHttpSessionDependencies {
  readonly service: McpService;
  readonly load: ServerLoad;
  /** Keeps what is said on streams that may break off. Absent: what is lost is lost. */
  readonly replay?: Replay | undefined;
  /** Milliseconds on the server's clock. */
  readonly now: () => number;
}

/**
 * One session of Streamable HTTP: a stream per request, and one for what the server says unasked. Written on node:http
 * because the SDK's own transport goes through web streams, which made a call three times as expensive.
 */
export class McpHttpSession implements Transport {
  readonly sessionId: string;
  readonly load: SessionLoad;
  readonly client: SessionClient;
  onclose?: Transport['onclose'];
  onerror?: Transport['onerror'];
  onmessage?: Transport['onmessage'];
  /** When the session was last heard of, on the server's clock. */
  lastUsed: number;
  /** Calls it was asked for, running ones and others. */
  callsTaken = 0;
  readonly #dependencies: McpHttpSessionDependencies;
  readonly #requests = new SessionRequests();
  readonly #replay: SessionReplay | undefined;
  #stream: EventAnswer | undefined;

  /** `identity` is that of the client who opens it, and to whom alone it is known. */
  constructor(sessionId: string, dependencies: McpHttpSessionDependencies, identity?: McpIdentity) {
    this.sessionId = sessionId;
    this.#dependencies = dependencies;
    const { service } = dependencies;
    this.client = new SessionClient({ service, identity, say: (message) => this.#stream?.say(message) === true });
    this.load = dependencies.load.open();
    this.#replay = dependencies.replay?.open();
    this.lastUsed = dependencies.now();
  }

  /** What a client waits for: such a session is never ended for being idle. */
  get awaited(): 'answer' | 'stream' | 'nothing' {
    if (this.#requests.areAwaited) return 'answer';
    return this.#stream === undefined ? 'nothing' : 'stream';
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  /** Takes one message; the exchange is answered now or when the request is. */
  receive(incoming: Incoming, exchange: HttpExchange): Refusal | undefined {
    this.#heardOf();
    if (incoming.kind === 'request') return this.#take(incoming.request, exchange);
    if (incoming.kind === 'answer') this.client.settle(incoming.answer);
    if (incoming.kind === 'notification') {
      if (incoming.method === 'notifications/cancelled') this.#cancel(incoming.params['requestId']);
      else this.client.hear(incoming);
    }
    exchange.response.writeHead(202, {
      'content-type': 'application/json',
      'mcp-session-id': this.sessionId,
      'content-length': 0,
    });
    exchange.response.end();
    return undefined;
  }

  /** Whether what is said on its streams is kept, so that {@link resume} can be of use. */
  get keepsEvents(): boolean {
    return this.#replay !== undefined;
  }

  /** Opens the stream for what the server says unasked, in place of an earlier one: its client may be gone unnoticed. */
  openStream(exchange: HttpExchange): Refusal | undefined {
    this.#heardOf();
    this.#stream?.end();
    const stream = new EventAnswer(exchange, this.sessionId);
    this.#stream = stream;
    exchange.whenOver(() => {
      if (this.#stream === stream) this.#stream = undefined;
      this.#heardOf();
    });
    stream.open();
    exchange.response.flushHeaders();
    return undefined;
  }

  /** Goes on with the stream that broke off after this event. */
  resume(lastEventId: string, exchange: HttpExchange): Refusal | undefined {
    this.#heardOf();
    const rest = this.#replay?.restAfter(lastEventId);
    if (rest === undefined) return refusals.eventUnknown;
    const { events, answer } = rest;
    const request = answer === undefined ? undefined : this.#requests.answeredBy(answer);
    if (request !== undefined && (this.#requests.awaited(request.id) ?? request) !== request) return refusals.idInUse;
    const full = exchange.hold(this.load.bytes, Buffer.byteLength(events));
    if (full !== undefined) return busy(503, this.#dependencies.load.tooManyBytes());
    if (request === undefined || answer === undefined) {
      new EventAnswer(exchange, this.sessionId).endWith(events);
    } else {
      answer.resume(exchange, events);
      this.#await(request);
    }
    return undefined;
  }

  send(message: JSONRPCMessage): Promise<void> {
    if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) {
      const request = message.id === undefined ? undefined : this.#requests.awaited(message.id);
      // The client has gone away, or was answered already: nobody is there to tell.
      if (request !== undefined) this.#answer(request, message);
    } else {
      this.#stream?.say(message);
    }
    return Promise.resolve();
  }

  /** Forgets what nobody will ask for any more. */
  sweep(): void {
    this.#replay?.sweep();
  }

  /** Tells everyone who waits that we are still there. */
  keepAlive(): void {
    for (const { answer } of this.#requests.allAwaited()) answer.keepAlive();
    this.#stream?.keepAlive();
  }

  /** Ends every stream of the session, answered or not. */
  close(): Promise<void> {
    for (const request of this.#requests.allAwaited()) this.#endUnanswered(request);
    this.#stream?.end();
    this.#stream = undefined;
    this.#requests.leave();
    this.#replay?.close();
    this.client.close();
    this.onclose?.();
    return Promise.resolve();
  }

  #take(message: JSONRPCRequest, exchange: HttpExchange): Refusal | undefined {
    const { id } = message;
    if (this.#requests.awaited(id) !== undefined) return refusals.idInUse;
    const taken = this.client.take(message);
    if (typeof taken === 'function') return this.#run(id, taken, exchange);
    const answer = new EventAnswer(exchange, this.sessionId);
    if (taken === undefined) {
      this.#await({ id, answer });
      this.onmessage?.(message);
    } else {
      this.#answer({ id, answer }, taken);
    }
    return undefined;
  }

  #run(id: RequestId, work: McpWork, exchange: HttpExchange): Refusal | undefined {
    const full = this.load.calls.take(1);
    if (full !== undefined) return busy(full === 'ownLimit' ? 429 : 503, this.#dependencies.load.tooManyCalls(full));
    this.callsTaken++;
    const answer = answerOn(exchange, this.sessionId, this.client.protocolVersion, this.#replay);
    const call = new RunningCall(id, {
      client: this.client,
      source: exchange,
      say: (message) => answer.say(message),
      over: () => {
        this.load.calls.give(1);
        this.#requests.ended(request);
      },
      answer: (message) => this.#answer(request, message),
    });
    const request = { id, answer, call };
    this.#await(request);
    void call.run(work);
    return undefined;
  }

  #await(request: AwaitedRequest): void {
    const { exchange } = request.answer;
    this.#requests.add(request);
    exchange.whenOver(() => {
      // Otherwise it is answered on another connection.
      if (request.answer.exchange === exchange) this.#lose(request);
    });
  }

  #lose(request: AwaitedRequest): void {
    request.answer.lost();
    this.#forget(request);
  }

  #answer(request: AwaitedRequest, message: JSONRPCResponse): void {
    this.#forget(request);
    const bytes = request.answer.answer(message);
    if (bytes === 0) return;
    this.load.bytes.add(bytes);
    request.answer.exchange.whenOver(() => this.load.bytes.give(bytes));
  }

  /** An answered request must not be written to again, also while its answer waits to be read. */
  #forget(request: AwaitedRequest): void {
    this.#requests.forget(request);
    this.#heardOf();
  }

  // A cancelled request is never answered, so its stream ends here.
  #cancel(id: unknown): void {
    this.#requests.cancelUnawaited(id);
    if (typeof id !== 'string' && typeof id !== 'number') return;
    const request = this.#requests.awaited(id);
    if (request === undefined) return;
    request.call?.cancel();
    this.#endUnanswered(request);
  }

  #endUnanswered(request: AwaitedRequest): void {
    this.#forget(request);
    request.answer.end();
  }

  #heardOf(): void {
    this.lastUsed = this.#dependencies.now();
  }
}
