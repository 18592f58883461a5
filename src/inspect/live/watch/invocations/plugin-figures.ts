import type { ChainStep } from '../../../../invocation/hook-chain.js';
import type { InvocationTrace } from '../../../../invocation/invocation-trace.js';
import { RecentLatencies } from '../model/latencies.js';

/** What one plugin did. */
class Figures {
  readonly latencies = new RecentLatencies();
  calls = 0;
  /** Blocks of the last minute, by the second. */
  readonly #blocks = new Uint16Array(60);
  #second = -1;

  blocked(t: number): void {
    const slot = this.#turn(t);
    this.#blocks[slot] = (this.#blocks[slot] ?? 0) + 1;
  }

  blocksPerMinute(t: number): number {
    this.#turn(t);
    return this.#blocks.reduce((sum, count) => sum + count, 0);
  }

  #turn(t: number): number {
    const second = Math.floor(t / 1000);
    const passed = Math.min(60, second - this.#second);
    for (let step = 1; step <= passed; step++) this.#blocks[(this.#second + step + 60) % 60] = 0;
    this.#second = Math.max(second, this.#second);
    return this.#second % 60;
  }
}

/** Counts the calls of plugins by name. Calls and blocks are exact; durations are those of the invocations that are told. */
export class PluginFigures {
  readonly #byName = new Map<string, Figures>();
  /** Of the steps of a chain, which are the same for most of its invocations. */
  readonly #bySteps = new WeakMap<readonly ChainStep[], readonly Figures[]>();

  ended(trace: InvocationTrace): void {
    const { steps, chain } = trace;
    const { started } = trace.executions;
    if (steps !== chain.steps) {
      for (let index = 0; index < started; index++) this.#of(steps[index]).calls++;
      return;
    }
    let figures = this.#bySteps.get(steps);
    if (figures === undefined) this.#bySteps.set(steps, (figures = steps.map((step) => this.#of(step))));
    for (let index = 0; index < started; index++) {
      const one = figures[index];
      if (one !== undefined) one.calls++;
    }
  }

  ran(step: ChainStep, ms: number, t: number): void {
    this.#of(step).latencies.add(ms, t);
  }

  ranInBackground(step: ChainStep, ms: number, t: number): void {
    const figures = this.#of(step);
    figures.calls++;
    figures.latencies.add(ms, t);
  }

  blocked(step: ChainStep, t: number): void {
    this.#of(step).blocked(t);
  }

  of(
    name: string,
    t: number,
  ):
    | { readonly calls: number; readonly p50?: number; readonly p99?: number; readonly blocksPerMinute: number }
    | undefined {
    const figures = this.#byName.get(name);
    if (figures === undefined) return undefined;
    const { p50, p99 } = figures.latencies.quantiles(t);
    return {
      calls: figures.calls,
      ...(p50 !== undefined && { p50 }),
      ...(p99 !== undefined && { p99 }),
      blocksPerMinute: figures.blocksPerMinute(t),
    };
  }

  #of(step: ChainStep | undefined): Figures {
    const name = step?.plugin.name ?? '';
    let figures = this.#byName.get(name);
    if (figures === undefined) this.#byName.set(name, (figures = new Figures()));
    return figures;
  }
}
