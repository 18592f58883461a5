import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  ErrorCode,
  type JSONRPCMessage,
  type JSONRPCNotification,
  type JSONRPCRequest,
  type RequestId,
} from '@modelcontextprotocol/sdk/types.js';
import { messageOf } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import { deferred } from '../../time/deferred.js';
import type { Endpoint } from '../endpoint.js';
import { busyCode, type LoadLimits, ServerLoad } from '../server-load.js';
import { eraOf } from './era.js';
import { idOf, readIncoming } from './incoming-message.js';
import { createMcpServer } from './mcp-server.js';
import type { McpService } from './mcp-service.js';
import { SessionCalls } from './session-calls.js';
import { SessionClient } from './session-client.js';

export interface TransportEndpointDependencies {
  readonly service: McpService;
  readonly limits: LoadLimits;
  readonly logger: Logger;
}

/**
 * Serves one client over a transport of the SDK's, in memory for instance. Messages pass as objects; what becomes of those
 * that are sent is the transport's concern.
 */
export async function openTransportEndpoint(
  transport: Transport,
  { service, limits, logger }: TransportEndpointDependencies,
): Promise<Endpoint> {
  const server = createMcpServer(service, logger);
  const session = new TransportSession(transport, service, new ServerLoad(limits), logger);
  await server.connect(session);
  return {
    address: 'a transport',
    ended: session.ended,
    drain: () => session.drain(),
    idle: () => session.idle(),
    close: () => server.close(),
  };
}

class TransportSession implements Transport {
  onclose?: Transport['onclose'];
  onerror?: Transport['onerror'];
  onmessage?: Transport['onmessage'];
  readonly ended: Promise<void>;
  readonly #transport: Transport;
  readonly #client: SessionClient;
  readonly #calls: SessionCalls;
  readonly #logger: Logger;
  readonly #ended = deferred();
  #phase: 'serving' | 'draining' | 'closed' = 'serving';

  constructor(transport: Transport, service: McpService, load: ServerLoad, logger: Logger) {
    this.#transport = transport;
    this.#logger = logger;
    this.ended = this.#ended.promise;
    const say = (message: JSONRPCNotification | JSONRPCRequest): boolean => {
      if (this.#phase === 'closed') return false;
      this.#send(message);
      return true;
    };
    this.#client = new SessionClient({ service, say });
    this.#calls = new SessionCalls(this.#client, load, { say, answer: (message) => this.#send(message) });
  }

  start(): Promise<void> {
    const transport = this.#transport;
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK's transports are no event targets
    transport.onmessage = (message) => this.#receive(message);
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- likewise
    transport.onclose = () => this.#end();
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- likewise
    transport.onerror = (error) => this.onerror?.(error);
    return transport.start();
  }

  send(message: JSONRPCMessage): Promise<void> {
    return this.#transport.send(message);
  }

  drain(): void {
    if (this.#phase === 'serving') this.#phase = 'draining';
    this.#client.drain();
  }

  /** Settles when no call is running. */
  idle(): Promise<void> {
    return this.#calls.idle();
  }

  async close(): Promise<void> {
    this.#end();
    await this.#transport.close();
  }

  #end(): void {
    if (this.#phase === 'closed') return;
    this.#phase = 'closed';
    this.#calls.leave();
    this.#client.close();
    this.#ended.resolve();
    this.onclose?.();
  }

  #receive(message: JSONRPCMessage): void {
    if (this.#phase === 'closed') return;
    const era = eraOf({}, message);
    if (era !== 'legacy') return this.#fail(idOf(message), era.rpcCode, era.message, era.rpcData);
    const incoming = readIncoming(message);
    switch (incoming.kind) {
      case 'request':
        return this.#take(incoming.request);
      case 'notification':
        if (incoming.method === 'notifications/cancelled') this.#calls.cancel(incoming.params['requestId']);
        else this.#client.hear(incoming);
        return;
      case 'answer':
        this.#client.settle(incoming.answer);
        return;
      case 'badRequest':
        for (const id of incoming.ids) this.#fail(id, ErrorCode.InvalidRequest, 'Invalid request');
        return;
      case 'stray':
        return this.#logger.debug({}, 'the client sent what is no JSON-RPC message; ignored');
    }
  }

  #take(message: JSONRPCRequest): void {
    if (this.#phase === 'draining') return this.#fail(message.id, busyCode, 'The server is shutting down');
    const taken = this.#client.take(message);
    if (taken === undefined) return this.onmessage?.(message);
    if (typeof taken !== 'function') return this.#send(taken);
    const refusal = this.#calls.start(message.id, taken, 0);
    if (refusal !== undefined) this.#fail(message.id, busyCode, refusal);
  }

  #fail(id: RequestId | null, code: number, message: string, data?: unknown): void {
    if (id === null) return;
    this.#send({ jsonrpc: '2.0', id, error: { code, message, ...(data !== undefined && { data }) } });
  }

  #send(message: JSONRPCMessage): void {
    if (this.#phase === 'closed') return;
    this.#transport.send(message).catch((error: unknown) => {
      this.#logger.debug({ error: messageOf(error) }, 'a message to the client could not be sent');
    });
  }
}
