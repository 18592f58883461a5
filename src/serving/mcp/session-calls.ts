import type { CallToolResult, JSONRPCRequest, JSONRPCResponse, RequestId } from '@modelcontextprotocol/sdk/types.js';
import { isRecord } from '../../json/records.js';
import { Cancellation } from '../../time/cancellation.js';
import type { Full, Share } from '../fair-share.js';
import type { ToolCalls } from '../../hosting/tool-calls.js';

/** A request that runs a tool, with the arguments as an object. */
export interface ToolCall {
  readonly id: RequestId;
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** What a `tools/call` asks for; undefined if its parameters are not what they must be, or ask for a task. */
export function toolCallOf({ id, params = {} }: JSONRPCRequest): ToolCall | undefined {
  if (isRecord(params['task'])) return undefined;
  // Some clients write out what they leave out.
  const { name, arguments: args } = params;
  if (typeof name !== 'string') return undefined;
  if (args === undefined || args === null) return { id, name, args: {} };
  return isRecord(args) ? { id, name, args } : undefined;
}

/** Whoever asked for a call. */
export interface Asker {
  /** Told unless the call is cancelled. */
  readonly answer: (message: JSONRPCResponse) => void;
  /** Told when the call does not run any more, before the answer. */
  readonly over?: () => void;
}

interface RunningCall {
  readonly id: RequestId;
  readonly cancellation: Cancellation;
}

/**
 * The tool calls of one session that are running. They do not go through the SDK's server: it answers by id alone, so that
 * a call whose client is gone would answer the next one of the same id, it takes calls without bound, and it cannot
 * cancel the id 0.
 */
export class SessionCalls {
  readonly #tools: ToolCalls;
  readonly #share: Share;
  readonly #running = new Set<RunningCall>();

  constructor(tools: ToolCalls, share: Share) {
    this.#tools = tools;
    this.#share = share;
  }

  /** Runs a call, whose answer comes later unless it is cancelled; or says why it cannot be taken. */
  start({ id, name, args }: ToolCall, asker: Asker): Full | undefined {
    const full = this.#share.take(1);
    if (full !== undefined) return full;
    const call = { id, cancellation: new Cancellation() };
    this.#running.add(call);
    void this.#run(call, this.#tools.call(name, args, call.cancellation), asker);
    return undefined;
  }

  /** The client does not wait for this call any more. */
  cancel(id: unknown): void {
    for (const call of this.#running) {
      if (call.id === id) call.cancellation.abort(new Error('the client has cancelled the call'));
    }
  }

  /** The session is over, and nobody waits. */
  leave(): void {
    for (const { cancellation } of this.#running) cancellation.abort(new Error('the session is over'));
  }

  async #run(call: RunningCall, result: Promise<CallToolResult>, { answer, over }: Asker): Promise<void> {
    const message: JSONRPCResponse = { jsonrpc: '2.0', id: call.id, result: await result };
    this.#share.give(1);
    this.#running.delete(call);
    over?.();
    if (!call.cancellation.aborted) answer(message);
  }
}
