import type { JSONRPCResponse, RequestId } from '@modelcontextprotocol/sdk/types.js';
import { WaitGroup } from '../../time/wait-group.js';
import type { McpWork } from './mcp-service.js';
import type { Say } from './open-questions.js';
import { RunningCall } from './running-call.js';
import type { SessionClient } from './session-client.js';
import type { ServerLoad, SessionLoad } from '../server-load.js';

/** Where calls say what they have to. */
export interface CallOutput {
  readonly say: Say;
  readonly answer: (message: JSONRPCResponse) => void;
}

/** The calls of one session on a single channel that run. */
export class SessionCalls {
  readonly #load: ServerLoad;
  readonly #share: SessionLoad;
  readonly #client: SessionClient;
  readonly #output: CallOutput;
  readonly #calls = new Set<RunningCall>();
  readonly #running = new WaitGroup();

  constructor(client: SessionClient, load: ServerLoad, output: CallOutput) {
    this.#client = client;
    this.#load = load;
    this.#share = load.open();
    this.#output = output;
  }

  /** Settles when no call is running. */
  idle(): Promise<void> {
    return this.#running.idle();
  }

  /** Runs a call, whose answer comes later unless it is cancelled; or says why it cannot be taken. */
  start(id: RequestId, work: McpWork, bytes: number): string | undefined {
    if (this.#share.bytes.take(bytes) !== undefined) return this.#load.tooManyBytes();
    const full = this.#share.calls.take(1);
    if (full !== undefined) {
      this.#share.bytes.give(bytes);
      return this.#load.tooManyCalls(full);
    }
    const call = new RunningCall(id, {
      client: this.#client,
      say: this.#output.say,
      over: () => {
        this.#share.calls.give(1);
        this.#share.bytes.give(bytes);
        this.#calls.delete(call);
        this.#running.done();
      },
      answer: this.#output.answer,
    });
    this.#calls.add(call);
    this.#running.add();
    void call.run(work);
    return undefined;
  }

  /** The client does not wait for this call any more. */
  cancel(id: unknown): void {
    for (const call of this.#calls) if (call.id === id) call.cancel();
  }

  /** The session is over, and nobody waits. */
  leave(): void {
    for (const call of this.#calls) call.leave();
  }
}
