import type { JSONRPCResponse, Notification, RequestId, Result } from '@modelcontextprotocol/sdk/types.js';
import { type CancelSignal, Cancellation } from '../../time/cancellation.js';
import type { McpCall, McpCaller, McpRequest, McpWork } from './mcp-service.js';
import type { Say } from './open-questions.js';
import { errorAnswer } from './rpc-error.js';
import type { SessionClient } from './session-client.js';

/** Bytes that a client may leave unread before it is told nothing more unasked. */
export const maxUnreadBytes = 1024 * 1024;

/** Whoever asked for a call. */
export interface Asker {
  readonly client: SessionClient;
  /** What its request came in, where that has headers. */
  readonly source?: Pick<McpCaller, 'headers' | 'identity'>;
  /** Told and asked what concerns the call while it runs. */
  readonly say: Say;
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
  readonly #asker: Asker;
  #phase: 'running' | 'over' = 'running';
  // Made when they are asked for: most calls need neither.
  #caller: McpCaller | undefined;
  #answered: Cancellation | undefined;
  /** What is left to do behind the answer. */
  #later: (() => void)[] | undefined;

  constructor(id: RequestId, asker: Asker) {
    this.id = id;
    this.#asker = asker;
  }

  /** Whether the work is still being done, also where nobody waits for it. */
  get isRunning(): boolean {
    return this.#phase === 'running';
  }

  get caller(): McpCaller {
    const { client, source } = this.#asker;
    const { info, capabilities, logLevel } = client;
    const { identity, headers } = source ?? { identity: client.identity, headers: {} };
    this.#caller ??= { client, info, capabilities, logLevel, identity, headers };
    return this.#caller;
  }

  notify({ method, params }: Notification): void {
    if (this.signal.aborted || !this.isRunning) return;
    this.#asker.say({ jsonrpc: '2.0', method, ...(params !== undefined && { params }) });
  }

  ask(question: McpRequest, signal?: CancelSignal): Promise<Result> {
    if (!this.isRunning) return Promise.reject(alreadyAnswered());
    this.#answered ??= new Cancellation();
    const signals = [this.signal, this.#answered, ...(signal === undefined ? [] : [signal])];
    return this.#asker.client.askOver(this.#asker.say, question, signals);
  }

  whenAnswered(act: () => void): void {
    if (this.isRunning) (this.#later ??= []).push(act);
    else act();
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
    this.#answered?.abort(alreadyAnswered());
    this.#asker.over();
    try {
      if (!this.signal.aborted) this.#asker.answer(answer);
    } finally {
      for (const act of this.#later ?? []) act();
    }
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

function alreadyAnswered(): Error {
  return new Error('the call has been answered');
}
