import { expect } from 'vitest';
import type { ManualClock } from '../../src/testing/manual-clock.js';
import type { PluginContext } from '../../src/plugins/plugin-context.js';
import { PluginViolationError } from '../../src/plugins/plugin-error.js';
import type { PluginDefinition } from '../../src/plugins/plugin.js';
import { apply, modified, type Plain, violationOf } from './chain-acts.js';
import type { Act, Scenario, ScenarioPlugin, Write } from './chain-scenario.js';
import type { Sight } from './chain-step.js';

/** One start of a plugin. */
interface Turn {
  readonly sight: Sight;
  readonly signal: AbortSignal;
  /** When it answered; before all time if that was at once. */
  endedAt: number;
  /** What it gave away and keeps in its hands. */
  readonly kept: Plain[];
}

/** The plugins of a scenario as real ones, with a record of what they see. */
export class ScenarioPlugins {
  /** Undefined: they do nothing, and nothing is recorded. */
  #which: 0 | 1 | undefined;
  readonly #scenario: Scenario;
  readonly #clock: () => ManualClock;
  readonly #turns: Turn[] = [];
  #told = 0;
  #began = 0;

  constructor(scenario: Scenario, clock: () => ManualClock) {
    this.#scenario = scenario;
    this.#clock = clock;
  }

  definition(name: string, { acts }: ScenarioPlugin): PluginDefinition {
    return {
      create: () => ({
        handler: (hook) =>
          hook === this.#scenario.hook
            ? (payload, context) =>
                this.#which === undefined ? undefined : this.#run(name, acts[this.#which], payload, context)
            : undefined,
      }),
    };
  }

  /** @param which of their acts they do from now on */
  begin(which: 0 | 1): void {
    this.#which = which;
    this.#began = this.#clock().now();
  }

  /** What they saw since this was last asked, in the order they were started. */
  takeSeen(): Sight[] {
    const untold = this.#turns.slice(this.#told);
    this.#told = this.#turns.length;
    return untold.map(({ sight, signal }) => ({ ...sight, aborted: signal.aborted }));
  }

  /** Changes all that plugins still have in their hands whose turn is over. */
  spoil(): void {
    const now = this.#clock().now();
    for (const { endedAt, signal, kept } of this.#turns)
      if (endedAt < now || signal.aborted) for (const object of kept) spoil(object);
  }

  #run(name: string, act: Act, payload: unknown, context: PluginContext): never | Promise<never> {
    this.spoil();
    const state = (context.globalContext.state ??= {});
    const { signal } = context;
    const [global, local] = [plain(state), plain(context.state)];
    const at = this.#clock().now() - this.#began;
    const sight = { plugin: name, at, payload, global, local, aborted: false };
    const turn: Turn = { sight, signal, endedAt: Number.POSITIVE_INFINITY, kept: [] };
    this.#turns.push(turn);
    this.#write(turn, act.writes, context, state);
    const finish = (): never => {
      if (!signal.aborted) this.#write(turn, act.lastWrites, context, state);
      turn.endedAt = act.takes === 'sync' ? Number.NEGATIVE_INFINITY : this.#clock().now();
      return this.#end(turn, act, context) as never;
    };
    if (act.takes === 'sync') return finish();
    const work = act.takes === undefined ? new Promise<void>(() => undefined) : this.#pause(act.takes);
    const answered = work.then(finish);
    return act.heedsSignal ? Promise.race([answered, rejectedBy(signal)]) : answered;
  }

  #pause(ms: number): Promise<void> {
    return ms === 0 ? Promise.resolve() : new Promise((resolve) => this.#clock().setTimeout(resolve, ms));
  }

  #write(turn: Turn, writes: readonly Write[], context: PluginContext, state: Plain): void {
    for (const write of writes) {
      if (write.do === 'spoil')
        expect(() => Object.assign(deepest(turn.sight.payload), { spoilt: true })).toThrow(TypeError);
      else apply(write, state, context.state);
      if (write.do === 'set') this.#keepWritten(turn, write.to === 'global' ? state : context.state, write.key);
    }
  }

  #end(turn: Turn, { end }: Act, context: PluginContext): unknown {
    const { plugin: name, payload } = turn.sight;
    if (end.kind === 'throws') throw new Error('the scenario says so');
    if (end.kind === 'denies') {
      throw new PluginViolationError('some hook', 'somebody else', { reason: 'no', description: 'no', code: 'NO' });
    }
    if (end.kind === 'malformed') return { continue_processing: false };
    const { answer } = end;
    const violation = { ...violationOf(name, 0), pluginName: 'somebody else' };
    const wanted = modified(answer.modification, payload);
    const last = { name };
    const metadata = {
      none: undefined,
      own: { last, [name]: true },
      decision: { last, _decision_plugin: 'somebody' },
      draft: { notes: context.state['shared'] },
    }[answer.metadata];
    const httpHeaders = answer.header === undefined ? undefined : { 'x-answer': `${answer.header}`, [name]: 'yes' };
    const result = {
      continueProcessing: answer.stops ? false : undefined,
      violation: answer.violation ? violation : undefined,
      modifiedPayload: wanted,
      metadata,
      httpHeaders,
      retryDelayMs: answer.retryDelayMs,
    };
    keep(turn, result, violation, Reflect.get(violation, 'details'), wanted, last, metadata, httpHeaders);
    if (typeof wanted === 'object' && wanted !== null && 'args' in wanted) keep(turn, wanted.args);
    return result;
  }

  /** Puts an object of the plugin's own in the place of the draft's, and keeps it. */
  #keepWritten(turn: Turn, record: Plain, key: string): void {
    const own = plain(record[key]);
    record[key] = own;
    keep(turn, own);
  }
}

/** No stop is to be taken back. */
function spoil(object: Plain): void {
  object['spoilt'] = true;
  if ('continueProcessing' in object) object['continueProcessing'] = true;
}

function keep({ kept }: Turn, ...values: unknown[]): void {
  for (const value of values) {
    if (typeof value === 'object' && value !== null && Object.isExtensible(value)) kept.push(value as Plain);
  }
}

/** What a record holds, as JSON can say it. */
export function plain(record: unknown): Plain {
  return JSON.parse(JSON.stringify(record)) as Plain;
}

function rejectedBy(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  );
}

function deepest(payload: unknown): object {
  const { args, headers } = payload as { args?: { nested?: object }; headers?: object };
  return args?.nested ?? headers ?? (payload as object);
}
