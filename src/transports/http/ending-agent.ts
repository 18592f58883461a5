import type { LookupFunction } from 'node:net';
import { Agent, buildConnector, type Dispatcher, request } from 'undici';
import { deferred } from '../../time/deferred.js';
import { listenForAbort, unlistenForAbort } from '../../time/shared-signal.js';
import { OpenSockets } from './dispatch/open-sockets.js';

export interface EndingAgentOptions extends Omit<Agent.Options, 'connect' | 'factory'> {
  /** Milliseconds for a connection to come about. Default 10,000. */
  readonly connectTimeoutMs?: number;
  /** Resolves names. Default: as the operating system does. */
  readonly lookup?: LookupFunction | undefined;
}

export interface AgentRequest {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** Requests that are not those of a link. They can be ended at once, whatever they wait for. */
export class EndingAgent {
  readonly #agent: Agent;
  readonly #sockets = new OpenSockets();

  constructor({ connectTimeoutMs, lookup, ...options }: EndingAgentOptions = {}) {
    const connect = buildConnector({
      ...(connectTimeoutMs !== undefined && { timeout: connectTimeoutMs }),
      ...(lookup !== undefined && { lookup }),
    });
    this.#agent = new Agent({ ...options, connect: this.#sockets.watch(connect) });
  }

  /** @throws the reason of the signal, and of {@link end}; what undici throws */
  async request(url: URL, { signal, ...options }: AgentRequest): Promise<Dispatcher.ResponseData> {
    const sent = { ...options, dispatcher: this.#agent };
    if (signal === undefined) return request(url, sent);
    signal.throwIfAborted();
    // undici heeds a signal once there is a connection, and not while one is being made.
    const aborted = deferred<never>();
    const abort = (): void => aborted.reject(signal.reason);
    listenForAbort(signal, abort);
    try {
      return await Promise.race([request(url, { ...sent, signal }), aborted.promise]);
    } finally {
      unlistenForAbort(signal, abort);
    }
  }

  /**
   * Ends all requests and connections; settles when they are gone.
   *
   * @param reason what requests under way are rejected with
   */
  end(reason: Error): Promise<void> {
    return this.#sockets.end(() => [this.#agent.destroy(reason)], reason);
  }
}
