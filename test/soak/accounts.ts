import { appendFileSync, readFileSync } from 'node:fs';
import { isGatechartError, messageOf } from '../../src/errors.js';
import type { HookOutcome } from '../../src/hooks/hook-outcome.js';

/** One call of the soak. */
export interface SoakCall {
  readonly id: string;
  readonly transport: string;
  readonly act: string;
  /** Whether a call that was cut off may be executed a second time. */
  readonly replays: boolean;
  /** Milliseconds since the soak began. */
  readonly startedAt: number;
}

/** A time in which a server was killed or stopped. */
export interface Fault {
  readonly transport: string;
  readonly from: number;
  to: number;
}

interface Settled extends SoakCall {
  readonly outcome: string;
  readonly endedAt: number;
}

/** Codes that promise that the call was not executed. */
const notExecuted: ReadonlySet<string> = new Set(['CONNECTION_FAILED', 'QUEUE_FULL', 'CONNECTION_CLOSED']);
/** Acts whose answer does not carry the call's id. */
const withoutId: ReadonlySet<string> = new Set(['odd', 'huge', 'large']);
/** Milliseconds after a fault in which what it cut off may still be noticed. */
const aftermath = 2_000;

/** What became of every call, and whether it may have. Kept in a file, so that the soak's own memory stays flat. */
export class Accounts {
  readonly #file: string;
  readonly #now: () => number;
  readonly #byOutcome = new Map<string, number>();
  #unwritten: string[] = [];
  readonly problems: string[] = [];
  readonly faults: Fault[] = [];
  started = 0;
  settled = 0;

  constructor(file: string, now: () => number) {
    this.#file = file;
    this.#now = now;
  }

  answered(call: SoakCall, { violation, metadata }: HookOutcome): void {
    const given = call.act === 'block' ? violation?.code : metadata['id'];
    if (!withoutId.has(call.act) && given !== call.id)
      this.problems.push(`${call.transport} ${call.id} (${call.act}) got the answer of ${String(given)}`);
    this.#settle(call, 'answered');
  }

  failed(call: SoakCall, error: unknown): void {
    if (!isGatechartError(error)) this.problems.push(`${call.id} failed with no code: ${messageOf(error)}`);
    this.#settle(call, isGatechartError(error) ? error.code : 'no code');
  }

  get outcomes(): Record<string, number> {
    return Object.fromEntries([...this.#byOutcome].toSorted(([a], [b]) => a.localeCompare(b)));
  }

  /** Compares with what the servers noted. */
  balance(ledger: string): { readonly executedTwice: number } {
    this.#write();
    const executions = new Map<string, number>();
    for (const id of readFileSync(ledger, 'utf8').split('\n')) executions.set(id, (executions.get(id) ?? 0) + 1);
    if (this.settled !== this.started) this.problems.push(`${this.started} calls began and ${this.settled} settled`);
    let executedTwice = 0;
    for (const line of readFileSync(this.#file, 'utf8').split('\n')) {
      if (line === '') continue;
      const call = JSON.parse(line) as Settled;
      const count = executions.get(call.id) ?? 0;
      if (count > 1) executedTwice++;
      const why = this.#wrong(call, count);
      if (why !== undefined)
        this.problems.push(
          `${call.transport} ${call.id} (${call.act}, ${call.outcome}), executed ${count} times: ${why}`,
        );
    }
    return { executedTwice };
  }

  #wrong(call: Settled, count: number): string | undefined {
    if (call.outcome === 'answered' && count === 0) return 'nobody can have answered it';
    if (notExecuted.has(call.outcome) && count > 0 && !call.replays) return 'its error says that it was not executed';
    if (count > 2 || (count === 2 && !call.replays)) return 'too often';
    if (count === 2 && !this.faults.some((fault) => overlaps(fault, call))) return 'twice, and its server was well';
    return undefined;
  }

  #settle(call: SoakCall, outcome: string): void {
    this.settled++;
    this.#unwritten.push(JSON.stringify({ ...call, outcome, endedAt: this.#now() } satisfies Settled));
    if (this.#unwritten.length >= 500) this.#write();
    const key = `${call.transport} ${call.act} ${outcome}`;
    this.#byOutcome.set(key, (this.#byOutcome.get(key) ?? 0) + 1);
  }

  #write(): void {
    appendFileSync(this.#file, this.#unwritten.map((line) => `${line}\n`).join(''));
    this.#unwritten = [];
  }
}

function overlaps(fault: Fault, { transport, startedAt, endedAt }: Settled): boolean {
  return fault.transport === transport && startedAt <= fault.to + aftermath && endedAt >= fault.from;
}
