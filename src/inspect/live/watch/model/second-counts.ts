import type { SecondCounts } from '../../feed/feed-states.js';
import { Latencies } from './latencies.js';

/** Seconds that are kept. */
const mostSeconds = 300;

/** How one hook of the counted seconds ended. */
export type CountedEnd = 'passed' | 'modified' | 'blocked' | 'failed' | 'timedOut' | 'aborted';

/** What each of the last 300 seconds brought. Exact, whatever is sampled. */
export class SecondCounter {
  readonly #epoch: number;
  /** Whether calls are those of a gateway; else hooks are. */
  readonly #countsCalls: boolean;
  readonly #over: { readonly counts: SecondCounts; readonly number: number }[] = [];
  #numbered = 0;
  #second = -1;
  #passed = 0;
  #modified = 0;
  #blocked = 0;
  #failed = 0;
  #calls = 0;
  readonly #latencies = new Latencies();
  readonly #chains = new Latencies();
  #blocksBy: Record<string, number> | undefined;

  /** @param epoch milliseconds since 1970 at which times begin */
  constructor(epoch: number, countsCalls: boolean) {
    this.#epoch = epoch;
    this.#countsCalls = countsCalls;
  }

  /** Number of the last second that is over. */
  get last(): number {
    return this.#numbered;
  }

  /** A hook has ended. */
  hook(t: number, end: CountedEnd, ms: number, blockedBy: string | undefined): void {
    this.roll(t);
    if (end === 'passed') this.#passed++;
    else if (end === 'modified') this.#modified++;
    else if (end === 'blocked') this.#block(blockedBy);
    else this.#failed++;
    this.#chains.add(ms);
    if (this.#countsCalls) return;
    this.#calls++;
    this.#latencies.add(ms);
  }

  /** A call through the gateway has ended. */
  call(t: number, ms: number): void {
    this.roll(t);
    this.#calls++;
    this.#latencies.add(ms);
  }

  /** Closes the seconds that are over. @returns whether there is a new one */
  roll(t: number): boolean {
    const second = Math.floor(t / 1000);
    if (second === this.#second) return false;
    const isNew = this.#second >= 0 && second > this.#second;
    if (isNew) this.#close();
    this.#second = Math.max(second, this.#second);
    return isNew;
  }

  /** Those after the one of this number, oldest first. */
  after(number: number): readonly SecondCounts[] {
    return this.#over.filter((one) => one.number > number).map(({ counts }) => counts);
  }

  #block(by: string | undefined): void {
    this.#blocked++;
    if (by === undefined) return;
    this.#blocksBy ??= {};
    this.#blocksBy[by] = (this.#blocksBy[by] ?? 0) + 1;
  }

  #close(): void {
    const p50 = this.#latencies.quantile(0.5);
    const p99 = this.#latencies.quantile(0.99);
    const chain = this.#chains.quantile(0.5);
    const counts: SecondCounts = {
      second: Math.floor(this.#epoch / 1000) + this.#second,
      passed: this.#passed,
      modified: this.#modified,
      blocked: this.#blocked,
      failed: this.#failed,
      calls: this.#calls,
      ...(p50 !== undefined && { p50 }),
      ...(p99 !== undefined && { p99 }),
      ...(chain !== undefined && { chain }),
      ...(this.#blocksBy !== undefined && { blocksBy: this.#blocksBy }),
    };
    this.#over.push({ counts, number: ++this.#numbered });
    if (this.#over.length > mostSeconds) this.#over.shift();
    this.#passed = this.#modified = this.#blocked = this.#failed = this.#calls = 0;
    this.#latencies.clear();
    this.#chains.clear();
    this.#blocksBy = undefined;
  }
}
