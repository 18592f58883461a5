import { CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';

/** A call that was made, and what it may come to. */
export interface MadeCall {
  readonly id: string;
  readonly server: string;
  /** Times that it may be executed. */
  readonly mostTimes: number;
  /** Whether its server fails now and then. */
  readonly mayFail: boolean;
}

/** Codes that promise that nothing was executed. */
const notExecuted: ReadonlySet<string> = new Set(['SERVER_UNAVAILABLE', 'BUSY']);
/** Codes that a call may end with where its server fails. */
const honest: ReadonlySet<string> = new Set([...notExecuted, 'OUTCOME_UNKNOWN', 'TIMEOUT', 'REFUSED_BY_SERVER']);

/** What became of every call through a gateway, and whether it may have. Remembers those alone that are not over. */
export class CallsMade {
  readonly #open = new Map<string, MadeCall>();
  /** Calls that have ended, with how; forgotten once they are balanced. */
  readonly #ended = new Map<string, { readonly call: MadeCall; readonly outcome: string }>();
  readonly #executions = new Map<string, number>();
  readonly #outcomes = new Map<string, number>();
  readonly problems: string[] = [];
  #made = 0;

  /** Calls that have not been settled. */
  get open(): number {
    return this.#open.size;
  }

  /** How many calls ended in which way. */
  get outcomes(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#outcomes].toSorted(([one], [other]) => (one < other ? -1 : 1)));
  }

  /** @param attributes whatever is known of it but its id */
  begin(attributes: Omit<MadeCall, 'id'>): MadeCall {
    const call = { ...attributes, id: `call-${++this.#made}` };
    this.#open.set(call.id, call);
    return call;
  }

  /** A server has executed a call. */
  executed(id: string): void {
    this.#executions.set(id, (this.#executions.get(id) ?? 0) + 1);
  }

  /** @param result of `execute_tool` */
  answered(call: MadeCall, result: unknown): void {
    const { structuredContent = {} } = CallToolResultSchema.parse(result);
    const { error, content } = structuredContent as { error?: { code: string; message: string }; content?: unknown };
    if (error === undefined) {
      const expected = JSON.stringify([{ type: 'text', text: JSON.stringify({ id: call.id, server: call.server }) }]);
      if (JSON.stringify(content) !== expected)
        this.problems.push(`${call.id} on ${call.server} got a wrong answer: ${JSON.stringify(content)}`);
      return this.#settle(call, 'answered');
    }
    const { code, message } = error;
    if (!call.mayFail || !honest.has(code)) this.problems.push(`${call.id} on ${call.server}: ${code} ${message}`);
    this.#settle(call, code);
  }

  /** The gateway itself gave no answer. */
  failed(call: MadeCall, error: unknown): void {
    this.problems.push(`${call.id} on ${call.server} was not answered: ${String(error)}`);
    this.#settle(call, 'no answer');
  }

  /** Holds what has ended against what was executed, and forgets it. */
  balance(): void {
    for (const { call, outcome } of this.#ended.values()) {
      const times = this.#executions.get(call.id) ?? 0;
      this.#executions.delete(call.id);
      const told = `${call.id} on ${call.server} (${outcome}) was executed ${times} times`;
      if (times > call.mostTimes || (outcome === 'answered' && times === 0)) this.problems.push(told);
      if (notExecuted.has(outcome) && times > 0) this.problems.push(told);
    }
    this.#ended.clear();
  }

  #settle(call: MadeCall, outcome: string): void {
    if (!this.#open.delete(call.id)) this.problems.push(`${call.id} was settled twice`);
    this.#ended.set(call.id, { call, outcome });
    this.#outcomes.set(outcome, (this.#outcomes.get(outcome) ?? 0) + 1);
  }
}
