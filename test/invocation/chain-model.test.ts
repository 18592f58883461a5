import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { PluginContexts } from '../../src/context/plugin-contexts.js';
import type { GlobalContext } from '../../src/context/global-context.js';
import { isGatechartError } from '../../src/errors.js';
import type { PluginContext } from '../../src/plugins/plugin-context.js';
import { PluginViolationError } from '../../src/plugins/plugin-error.js';
import type { PluginDefinition } from '../../src/plugins/plugin.js';
import { createChainHarness } from '../../src/testing/chain-harness.js';
import { apply, ChainModel, type Sight, violationOf } from '../models/chain-model.js';
import {
  type Act,
  modified,
  payloads,
  type Scenario,
  scenarioArbitrary,
  type ScenarioPlugin,
  timeoutMs,
} from '../models/chain-scenario.js';

/** Runs a scenario through a real manager, and records what its plugins see. */
class ScenarioRun {
  round: 0 | 1 = 0;
  readonly seen: Sight[] = [];
  readonly signals = new Map<Sight, AbortSignal>();
  /** What plugins gave away and keep changing. */
  readonly #kept: Record<string, unknown>[] = [];

  constructor(
    readonly scenario: Scenario,
    readonly sleep: (ms: number) => Promise<void>,
  ) {}

  definition(name: string, { acts }: ScenarioPlugin): PluginDefinition {
    return {
      create: () => ({
        handler: (hook) =>
          hook === this.scenario.hook
            ? (payload, context) => this.#run(name, acts[this.round], payload, context)
            : undefined,
      }),
    };
  }

  /** Changes all that plugins still have in their hands. */
  spoil(): void {
    for (const kept of this.#kept) kept['spoilt'] = true;
  }

  #run(name: string, act: Act, payload: unknown, context: PluginContext): never | Promise<never> {
    this.spoil();
    const state = (context.globalContext.state ??= {});
    const sight: Sight = {
      plugin: name,
      payload,
      global: structuredClone(plain(state)),
      local: structuredClone(plain(context.state)),
      aborted: false,
    };
    this.seen.push(sight);
    this.signals.set(sight, context.signal);
    for (const write of act.writes) {
      if (write.do === 'spoil') expect(() => Object.assign(deepest(payload), { spoilt: true })).toThrow(TypeError);
      else apply(write, state, context.state);
      if (write.do === 'set') this.#keepWritten(write.to === 'global' ? state : context.state, write.key);
    }
    const finish = (): never => this.#end(name, act, payload, context) as never;
    if (act.takes === 'sync') return finish();
    if (act.takes === undefined) return new Promise(() => undefined);
    return act.takes === 0 ? Promise.resolve().then(finish) : this.sleep(act.takes).then(finish);
  }

  #end(name: string, { end }: Act, payload: unknown, context: PluginContext): unknown {
    if (end.kind === 'throws') throw new Error('the scenario says so');
    if (end.kind === 'denies') {
      throw new PluginViolationError('some hook', 'somebody else', { reason: 'no', description: 'no', code: 'NO' });
    }
    if (end.kind === 'malformed') return { continue_processing: false };
    if (end.kind !== 'answers') return undefined;
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
      if (typeof value === 'object' && value !== null && Object.isExtensible(value))
        this.#kept.push(value as Record<string, unknown>);
    }
  }

  /** Puts an object of the plugin's own in the place of the draft's, and keeps it. */
  #keepWritten(record: Record<string, unknown>, key: string): void {
    const own = structuredClone(plain(record[key])) as Record<string, unknown>;
    record[key] = own;
    this.#keep(own);
  }
}

function plain(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

function deepest(payload: unknown): object {
  const { args, headers } = payload as { args?: { nested?: object }; headers?: object };
  return args?.nested ?? headers ?? (payload as object);
}

test('a chain does what the plain loop over the behaviour page does', async () => {
  await fc.assert(
    fc.asyncProperty(scenarioArbitrary, async (scenario) => {
      const { hook, policy } = scenario;
      const model = new ChainModel(scenario);
      let sleep: ScenarioRun['sleep'] = () => Promise.reject(new Error('not started'));
      const run = new ScenarioRun(scenario, (ms) => sleep(ms));
      const harness = await createChainHarness({
        plugins: scenario.plugins.map((plugin, position) => ({
          name: `plugin ${position}`,
          plugin: run.definition(`plugin ${position}`, plugin),
          hooks: [hook],
          mode: plugin.mode,
          priority: plugin.priority,
          conditions: plugin.conditions,
        })),
        policies: typeof policy === 'string' ? {} : { [hook]: { writable: policy } },
        defaultHookPolicy: typeof policy === 'string' ? policy : 'deny',
        pluginTimeoutMs: timeoutMs,
        failOnPluginError: scenario.failOnPluginError,
      });
      const { clock, manager } = harness;
      sleep = (ms) => new Promise((resolve) => clock.setTimeout(resolve, ms));
      const context: GlobalContext = {
        requestId: 'request',
        user: 'alice',
        serverId: 'server',
        state: { shared: { count: 0 } },
      };
      const contexts = new PluginContexts();
      for (const round of [0, 1] as const) {
        run.round = round;
        run.seen.length = 0;
        const expected = model.invoke(round);
        const payload = structuredClone(payloads[hook]);
        const cancel = new AbortController();
        const after = scenario.cancelAfter[round];
        if (after !== undefined) clock.setTimeout(() => cancel.abort(new Error('enough')), after);
        const invoked = manager.invokeHook(hook, payload as never, context, {
          contexts,
          signal: cancel.signal,
          violationsAsExceptions: scenario.violationsAsExceptions,
        });
        const [ended] = await Promise.allSettled([harness.after(2_000, invoked)]);
        run.spoil();
        if (expected.code === undefined) {
          expect(ended).not.toHaveProperty('reason');
          expect({ ...(await invoked), contexts: undefined }).toEqual({
            contexts: undefined,
            modifiedPayload: undefined,
            violation: undefined,
            httpHeaders: undefined,
            ...expected.outcome,
          });
        } else {
          const reason: unknown = ended.status === 'rejected' ? ended.reason : undefined;
          expect(isGatechartError(reason) ? reason.code : ended).toBe(expected.code);
        }
        for (const sight of run.seen) sight.aborted = run.signals.get(sight)?.aborted ?? false;
        expect(run.seen).toEqual(expected.seen);
        expect(payload).toEqual(payloads[hook]);
        expect(context.state).toEqual(model.state);
      }
      await harness.close();
      expect(clock.size).toBe(0);
    }),
    { numRuns: 1_000 },
  );
});
