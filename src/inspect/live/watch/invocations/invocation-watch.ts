import type { ChainStep } from '../../../../invocation/hook-chain.js';
import type { InvocationObserver, InvocationTrace } from '../../../../invocation/invocation-trace.js';
import type { ActorWatch } from '../actors/actor-watch.js';
import { Ring } from '../model/ring.js';
import type { Sampler } from '../model/sampler.js';
import type { SecondCounter } from '../model/second-counts.js';
import type { CallWatch } from './call-watch.js';
import type { CallFacts } from './call-facts.js';
import { KeptInvocation } from './kept-invocation.js';
import type { PluginFigures } from './plugin-figures.js';

/** Milliseconds after which an invocation that runs is told. */
const longMs = 200;
const mostLong = 100;

export interface InvocationWatchDependencies {
  readonly now: () => number;
  /** Times of clocks, in milliseconds since the epoch. */
  readonly timeOf: (onClock: number) => number;
  readonly counts: SecondCounter;
  readonly figures: PluginFigures;
  readonly actors: ActorWatch;
  readonly calls: CallWatch;
  readonly sampler: Sampler;
  readonly limits: { readonly items: number; readonly bytes: number };
  /** What the connection of a plugin does; undefined for a plugin of this process. */
  readonly outstandingOf: (step: ChainStep) => string | undefined;
  readonly news: () => void;
}

/** One that runs. */
interface Running {
  readonly isDrawn: boolean;
  readonly call: CallFacts | undefined;
  outstanding: Map<ChainStep, string> | undefined;
  kept: KeptInvocation | undefined;
}

/** Hears of invocations: counts all, and holds those that are drawn, that went wrong, and the slowest of each second. */
export class InvocationWatch implements InvocationObserver {
  readonly #dependencies: InvocationWatchDependencies;
  readonly #running = new Map<InvocationTrace, Running>();
  readonly #ring: Ring<KeptInvocation>;
  readonly #byId = new Map<string, KeptInvocation>();
  readonly #byTrace = new WeakMap<InvocationTrace, KeptInvocation>();
  readonly #changed = new Set<KeptInvocation>();
  #slowest:
    | { readonly ms: number; readonly id: string; readonly trace: InvocationTrace; readonly of: Running }
    | undefined;
  #second = -1;
  #withoutActor = 0;

  constructor(dependencies: InvocationWatchDependencies) {
    this.#dependencies = dependencies;
    this.#ring = new Ring(
      dependencies.limits,
      ({ bytes }) => bytes,
      (kept) => {
        this.#byId.delete(kept.id);
        this.#changed.delete(kept);
      },
    );
  }

  get size(): number {
    return this.#ring.size;
  }

  get bytes(): number {
    return this.#ring.bytes;
  }

  find(id: string): KeptInvocation | undefined {
    return this.#byId.get(id);
  }

  /** From the newest to the oldest. */
  newest(): Iterable<KeptInvocation> {
    return this.#ring.newest();
  }

  began(trace: InvocationTrace): void {
    const { actors, calls, sampler, timeOf } = this.#dependencies;
    const t = timeOf(trace.beganAt);
    const call = calls.of(trace.requestId);
    const isDrawn = call?.isDrawn ?? sampler.draws(trace.requestId, t);
    actors.expect(isDrawn, t);
    this.#running.set(trace, { isDrawn, call, outstanding: undefined, kept: undefined });
  }

  expired(trace: InvocationTrace, step: ChainStep): void {
    const doing = this.#dependencies.outstandingOf(step);
    const running = this.#running.get(trace);
    if (running !== undefined && doing !== undefined) (running.outstanding ??= new Map()).set(step, doing);
  }

  ended(trace: InvocationTrace): void {
    const { counts, figures, news, sampler, timeOf } = this.#dependencies;
    const { end } = trace;
    const running = this.#running.get(trace);
    this.#running.delete(trace);
    if (end === undefined || running === undefined) return;
    const t = timeOf(end.at);
    const ms = end.at - trace.beganAt;
    const decider = end.stoppedBy === undefined ? undefined : trace.steps[end.stoppedBy];
    counts.hook(t, end.kind, ms, decider?.plugin.name);
    figures.ended(trace);
    if (end.kind === 'blocked' && decider !== undefined) figures.blocked(decider, t);
    if (running.kept !== undefined) this.#settle(running.kept);
    else if (running.isDrawn || (end.kind !== 'passed' && end.kind !== 'modified')) {
      if (!running.isDrawn) sampler.kept();
      this.#keep(trace, this.#idOf(trace), running);
    } else this.#noteSlowest(trace, ms, t, running);
    if (running.isDrawn) this.#noteDurations(trace, t);
    news();
  }

  inBackground(trace: InvocationTrace): void {
    const { figures, news, now } = this.#dependencies;
    const kept = this.#byTrace.get(trace);
    trace.backgroundRuns?.forEach((run, index) => {
      const step = trace.background[index];
      if (step === undefined || run.status === undefined || kept === undefined || kept.counted.has(index)) return;
      kept.counted.add(index);
      figures.ranInBackground(step, run.durationMs, now());
    });
    if (kept === undefined || !this.#byId.has(kept.id)) return;
    this.#changed.add(kept);
    news();
  }

  /** Takes in those that have run for long, and gives all that changed their numbers. */
  refresh(stamp: () => number): void {
    const { now, sampler, timeOf } = this.#dependencies;
    const t = now();
    this.#turn(t);
    let long = 0;
    for (const [trace, running] of this.#running) {
      if (t - timeOf(trace.beganAt) < longMs || ++long > mostLong) break;
      if (running.kept !== undefined) continue;
      if (!running.isDrawn) sampler.kept();
      running.outstanding ??= new Map();
      running.kept = this.#keep(trace, this.#idOf(trace), running);
    }
    if (this.#changed.size === 0) return;
    const number = stamp();
    for (const kept of this.#changed) kept.stamp = number;
    this.#changed.clear();
  }

  clear(): void {
    this.#running.clear();
    this.#ring.clear();
    this.#byId.clear();
    this.#changed.clear();
    this.#slowest = undefined;
  }

  #keep(trace: InvocationTrace, id: string, { call, outstanding }: Running): KeptInvocation {
    const kept = new KeptInvocation(trace, id, call, outstanding ?? none);
    call?.invocations.push(kept);
    this.#byId.set(id, kept);
    this.#byTrace.set(trace, kept);
    this.#changed.add(kept);
    this.#ring.push(kept);
    return kept;
  }

  #settle(kept: KeptInvocation): void {
    const more = kept.settle();
    if (!this.#byId.has(kept.id)) return;
    this.#ring.grew(more);
    if (this.#byId.has(kept.id)) this.#changed.add(kept);
  }

  #noteSlowest(trace: InvocationTrace, ms: number, t: number, of: Running): void {
    this.#turn(t);
    if (this.#slowest !== undefined && this.#slowest.ms >= ms) return;
    this.#slowest = { ms, id: this.#idOf(trace), trace, of };
  }

  /** The second is over: its slowest is known. */
  #turn(t: number): void {
    const second = Math.floor(t / 1000);
    if (second === this.#second) return;
    this.#second = second;
    const slowest = this.#slowest;
    this.#slowest = undefined;
    if (slowest === undefined) return;
    this.#dependencies.sampler.kept();
    this.#keep(slowest.trace, slowest.id, slowest.of);
  }

  #noteDurations(trace: InvocationTrace, t: number): void {
    const { figures } = this.#dependencies;
    trace.executions.runs.forEach(({ startedAt, endedAt }, index) => {
      const step = trace.steps[index];
      if (step !== undefined && endedAt !== undefined) figures.ran(step, endedAt - startedAt, t);
    });
  }

  /** That of its actor, without what says that it is one of an invocation. */
  #idOf({ actor }: InvocationTrace): string {
    const record = actor && this.#dependencies.actors.recordOf(actor);
    return record?.id.slice('invocation:'.length) ?? `without-actor-${++this.#withoutActor}`;
  }
}

const none: ReadonlyMap<ChainStep, string> = new Map();
