import { RecentLatencies } from '../model/latencies.js';

/** The calls over one connection. */
interface Calls {
  readonly latencies: RecentLatencies;
  second: number;
  inSecond: number;
  inLastSecond: number;
  /** Made once a second: thousands of connections may be busy. */
  quantiles: ReturnType<RecentLatencies['quantiles']> | undefined;
}

/** Counts the calls over connections, by the names of those. */
export class ConnectionCalls {
  readonly #byName = new Map<string, Calls>();
  readonly #touched: (name: string) => void;

  /** @param touched hears that a row has changed */
  constructor(touched: (name: string) => void) {
    this.#touched = touched;
  }

  began(name: string): void {
    if (!this.#byName.has(name)) {
      this.#byName.set(name, {
        latencies: new RecentLatencies(),
        second: -1,
        inSecond: 0,
        inLastSecond: 0,
        quantiles: undefined,
      });
    }
    this.#touched(name);
  }

  ended(name: string, ms: number, t: number): void {
    const calls = this.#byName.get(name);
    if (calls === undefined) return;
    turn(calls, t);
    calls.inSecond++;
    calls.latencies.add(ms, t);
    this.#touched(name);
  }

  /** What a row says of them; undefined where there was none yet. */
  figures(
    name: string,
    t: number,
  ): { readonly perSecond: number; readonly p50: number | undefined; readonly p99: number | undefined } | undefined {
    const calls = this.#byName.get(name);
    if (calls === undefined) return undefined;
    turn(calls, t);
    calls.quantiles ??= calls.latencies.quantiles(t);
    return { perSecond: calls.inLastSecond, ...calls.quantiles };
  }

  forget(name: string): void {
    this.#byName.delete(name);
  }

  /** Names of those that had calls in the last seconds: their figures change by themselves. */
  *lively(t: number): Iterable<string> {
    for (const [name, { second, inLastSecond }] of this.#byName) {
      if (inLastSecond > 0 || Math.floor(t / 1000) - second <= 1) yield name;
    }
  }
}

function turn(calls: Calls, t: number): void {
  const second = Math.floor(t / 1000);
  if (second === calls.second) return;
  calls.inLastSecond = second === calls.second + 1 ? calls.inSecond : 0;
  calls.inSecond = 0;
  calls.quantiles = undefined;
  calls.second = second;
}
