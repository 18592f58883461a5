import type {
  JSONRPCNotification,
  JSONRPCResponse,
  Notification,
  RequestId,
  Result,
} from '@modelcontextprotocol/sdk/types.js';
import { Cancellation } from '../../time/cancellation.js';
import type { McpCall, McpCaller, McpRequest, McpWork } from './mcp-service.js';
import { errorAnswer, RpcError } from './rpc-error.js';

/** Bytes that a client may leave unread before it is told nothing more unasked. */
export const maxUnreadBytes = 1024 * 1024;

/** Whoever asked for a call. */
export interface Asker {
  /** Told what concerns the call while it runs, unless it is cancelled. */
  readonly notify: (message: JSONRPCNotification) => void;
  /** Told when the call does not run any more, before the answer. */
  readonly over: () => void;
  /** Told unless the call is cancelled. */
  readonly answer: (message: JSONRPCResponse) => void;
}

/**
 * A request that is worked on. It does not go through the SDK's server: that answers by id alone, so that a call whose
 * client is gone would answer the next one of the same id, it takes calls without bound, and it cannot cancel the id 0.
 */
export class RunningCall implements McpCall {
  readonly id: RequestId;
  readonly signal = new Cancellation();
  readonly caller: McpCaller = {
    client: { id: '', notify: () => false, ask: nobody, capabilities: {}, logLevel: undefined, identity: undefined },
    info: undefined,
    capabilities: {},
    logLevel: undefined,
    identity: undefined,
    headers: {},
  };
  readonly #asker: Asker;
  #phase: 'running' | 'over' = 'running';

  constructor(id: RequestId, asker: Asker) {
    this.id = id;
    this.#asker = asker;
  }

  /** Whether the work is still being done, also where nobody waits for it. */
  get isRunning(): boolean {
    return this.#phase === 'running';
  }

  notify({ method, params }: Notification): void {
    if (this.signal.aborted || !this.isRunning) return;
    this.#asker.notify({ jsonrpc: '2.0', method, ...(params !== undefined && { params }) });
  }

  ask(question: McpRequest): Promise<Result> {
    return nobody(question);
  }

  /** Runs the work, whose answer comes later unless the call is cancelled. Never rejects. */
  async run(work: McpWork): Promise<void> {
    const { id } = this;
    let answer: JSONRPCResponse;
    try {
      answer = { jsonrpc: '2.0', id, result: await work(this) };
    } catch (error) {
      answer = errorAnswer(id, error);
    }
    this.#phase = 'over';
    this.#asker.over();
    if (!this.signal.aborted) this.#asker.answer(answer);
  }

  /** The session is over, and nobody waits. */
  leave(): void {
    this.signal.abort(new Error('the session is over'));
  }

  /** The client has cancelled the call. */
  cancel(): void {
    this.signal.abort(new Error('the client has cancelled the call'));
  }
}

function nobody({ method }: McpRequest): Promise<Result> {
  return Promise.reject(new RpcError(-32_601, `${method} cannot be asked of this client`));
}
