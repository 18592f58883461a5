import { expect } from 'vitest';
import type { PluginContext } from '../../src/plugins/plugin-context.js';
import { PluginViolationError } from '../../src/plugins/plugin-error.js';
import type { PluginDefinition } from '../../src/plugins/plugin.js';
import { apply, modified, type Plain, violationOf } from './chain-acts.js';
import type { Act, Scenario, ScenarioPlugin, Write } from './chain-scenario.js';
import type { Sight } from './chain-step.js';

/** The plugins of a scenario as real ones, with a record of what they see. */
export class ScenarioPlugins {
  /** Undefined: they do nothing, and nothing is recorded. */
  which: 0 | 1 | undefined;
  readonly #scenario: Scenario;
  readonly #sleep: (ms: number) => Promise<void>;
  #seen: { readonly sight: Sight; readonly signal: AbortSignal }[] = [];
  /** What plugins gave away and keep changing. */
  readonly #kept: Plain[] = [];

  constructor(scenario: Scenario, sleep: (ms: number) => Promise<void>) {
    this.#scenario = scenario;
    this.#sleep = sleep;
  }

  definition(name: string, { acts }: ScenarioPlugin): PluginDefinition {
    return {
      create: () => ({
        handler: (hook) =>
          hook === this.#scenario.hook
            ? (payload, context) =>
                this.which === undefined ? undefined : this.#run(name, acts[this.which], payload, context)
            : undefined,
      }),
    };
  }

  /** What they saw since this was last asked, in the order they were started. */
  takeSeen(): Sight[] {
    const seen = this.#seen.map(({ sight, signal }) => ({ ...sight, aborted: signal.aborted }));
    this.#seen = [];
    return seen;
  }

  /** Changes all that plugins still have in their hands. */
  spoil(): void {
    for (const kept of this.#kept) kept['spoilt'] = true;
  }

  #run(name: string, act: Act, payload: unknown, context: PluginContext): never | Promise<never> {
    this.spoil();
    const state = (context.globalContext.state ??= {});
    const { signal } = context;
    const [global, local] = [plain(state), plain(context.state)];
    this.#seen.push({ sight: { plugin: name, payload, global, local, aborted: false }, signal });
    this.#write(act.writes, payload, context, state);
    const finish = (): never => {
      if (!signal.aborted) this.#write(act.lastWrites, payload, context, state);
      return this.#end(name, act, payload, context) as never;
    };
    if (act.takes === 'sync') return finish();
    const work = act.takes === undefined ? new Promise<void>(() => undefined) : this.#pause(act.takes);
    const answered = work.then(finish);
    return act.heedsSignal ? Promise.race([answered, rejectedBy(signal)]) : answered;
  }

  #pause(ms: number): Promise<void> {
    return ms === 0 ? Promise.resolve() : this.#sleep(ms);
  }

  #write(writes: readonly Write[], payload: unknown, context: PluginContext, state: Plain): void {
    for (const write of writes) {
      if (write.do === 'spoil') expect(() => Object.assign(deepest(payload), { spoilt: true })).toThrow(TypeError);
      else apply(write, state, context.state);
      if (write.do === 'set') this.#keepWritten(write.to === 'global' ? state : context.state, write.key);
    }
  }

  #end(name: string, { end }: Act, payload: unknown, context: PluginContext): unknown {
    if (end.kind === 'throws') throw new Error('the scenario says so');
    if (end.kind === 'denies') {
      throw new PluginViolationError('some hook', 'somebody else', { reason: 'no', description: 'no', code: 'NO' });
    }
    if (end.kind === 'malformed') return { continue_processing: false };
    const { answer } = end;
    const violation = { ...violationOf(name, 0), pluginName: 'somebody else' };
    const wanted = modified(answer.modification, payload);
    const last = { name };
    this.#keep(Reflect.get(violation, 'details'), last, wanted);
    if (typeof wanted === 'object' && wanted !== null && 'args' in wanted) this.#keep(wanted.args);
    const metadata = {
      none: undefined,
      own: { last, [name]: true },
      decision: { last, _decision_plugin: 'somebody' },
      draft: { notes: context.state['shared'] },
    }[answer.metadata];
    return {
      continueProcessing: answer.stops ? false : undefined,
      violation: answer.violation ? violation : undefined,
      modifiedPayload: wanted,
      metadata,
      httpHeaders: answer.header === undefined ? undefined : { 'x-answer': `${answer.header}`, [name]: 'yes' },
      retryDelayMs: answer.retryDelayMs,
    };
  }

  #keep(...values: unknown[]): void {
    for (const value of values) {
      if (typeof value === 'object' && value !== null && Object.isExtensible(value)) this.#kept.push(value as Plain);
    }
  }

  /** Puts an object of the plugin's own in the place of the draft's, and keeps it. */
  #keepWritten(record: Plain, key: string): void {
    const own = plain(record[key]) as Plain;
    record[key] = own;
    this.#keep(own);
  }
}

/** What a record holds, as JSON can say it. */
export function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
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
