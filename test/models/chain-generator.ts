import * as fc from 'fast-check';
import { modeDialects, onErrorNames } from '../../src/config/sections/plugin-modes.js';
import {
  type Act,
  type Answer,
  type HookName,
  hookNames,
  type Mode,
  type Modification,
  type Scenario,
  type ScenarioPlugin,
  type Write,
} from './chain-scenario.js';

const key = fc.constantFrom('a', 'b');
const value = fc.nat(9);
const where = fc.constantFrom('global' as const, 'local' as const);

const write: fc.Arbitrary<Write> = fc.oneof(
  fc.record({ to: where, do: fc.constant('set' as const), key, value }),
  fc.record({ to: where, do: fc.constant('delete' as const), key }),
  fc.record({ to: where, do: fc.constant('count' as const) }),
  fc.constantFrom<Write>(
    { to: 'local', do: 'copyShared' },
    { to: 'global', do: 'publishNotes' },
    { to: 'payload', do: 'spoil' },
  ),
);

const odd = fc.constantFrom<Modification>({ kind: 'foreign' }, { kind: 'null' }, { kind: 'text' }, { kind: 'list' });

const modifications: Readonly<Record<HookName, fc.Arbitrary<Modification>>> = {
  tool_pre_invoke: fc.oneof(
    fc.record({
      kind: fc.constant('fields' as const),
      fields: fc.subarray(['name', 'args', 'headers'] as const),
      value,
    }),
    fc.constant({ kind: 'same' as const }),
  ),
  http_pre_request: fc.record({ kind: fc.constant('headers' as const), key: fc.constantFrom('x', 'y'), value }),
  http_auth_check_permission: fc.record({ kind: fc.constant('decision' as const), granted: fc.boolean() }),
  http_auth_resolve_user: fc.record({ kind: fc.constant('headers' as const), key: fc.constantFrom('x', 'y'), value }),
};

const answer = (hook: HookName): fc.Arbitrary<Answer> =>
  fc.record({
    stops: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    violation: fc.boolean(),
    modification: fc.oneof(
      { weight: 2, arbitrary: fc.constant({ kind: 'none' as const }) },
      { weight: 4, arbitrary: modifications[hook] },
      { weight: 1, arbitrary: odd },
    ),
    metadata: fc.constantFrom('none', 'own', 'decision', 'draft'),
    header: fc.option(value, { nil: undefined }),
    retryDelayMs: fc.option(value, { nil: undefined }),
  });

const act = (hook: HookName): fc.Arbitrary<Act> =>
  fc.record({
    takes: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('sync' as const, 'sync' as const, 0) },
      { weight: 4, arbitrary: fc.integer({ min: 1, max: 90 }) },
      { weight: 1, arbitrary: fc.constantFrom(110, 150, undefined) },
    ),
    writes: fc.array(write, { maxLength: 3 }),
    lastWrites: fc.array(write, { maxLength: 2 }),
    heedsSignal: fc.boolean(),
    end: fc.oneof<fc.MaybeWeightedArbitrary<Act['end']>[]>(
      { weight: 7, arbitrary: fc.record({ kind: fc.constant('answers' as const), answer: answer(hook) }) },
      { weight: 2, arbitrary: fc.constant({ kind: 'throws' as const }) },
      { weight: 1, arbitrary: fc.constantFrom<Act['end']>({ kind: 'denies' }, { kind: 'malformed' }) },
    ),
  });

const condition = fc.constantFrom<ScenarioPlugin['conditions'][number]>(
  {},
  { tools: ['tool'] },
  { tools: ['other'] },
  { server_ids: ['server'] },
  { server_ids: ['elsewhere'], tools: ['tool'] },
  { user_patterns: ['ali'] },
  { user_patterns: ['Ali'] },
);

/** A row for each mode, so that none can be left out unseen: how often it is in chains of all kinds, and in wide ones. */
const modeWeights: Readonly<Record<Mode, { readonly mixed: number; readonly wide: number }>> = {
  enforce: { mixed: 2, wide: 0 },
  enforce_ignore_error: { mixed: 2, wide: 0 },
  permissive: { mixed: 2, wide: 0 },
  disabled: { mixed: 1, wide: 0 },
  sequential: { mixed: 2, wide: 1 },
  transform: { mixed: 2, wide: 1 },
  audit: { mixed: 2, wide: 0 },
  concurrent: { mixed: 4, wide: 12 },
  fire_and_forget: { mixed: 3, wide: 3 },
};

const modesOf = (kind: 'mixed' | 'wide'): fc.Arbitrary<Mode> =>
  fc.oneof(
    ...Object.entries(modeWeights).map(([name, row]) => ({
      weight: row[kind],
      arbitrary: fc.constant(name as Mode),
    })),
  );

// Half a millisecond is left to cancellations, see `onTime`.
const cancelAfter = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 150 }).map((ms) => ms + 0.5) },
);

// Three quarters, for the same reason.
const closeAfter = fc.oneof(
  { weight: 3, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 200 }).map((ms) => ms + 0.75) },
);

/**
 * Takes care that no two events fall on the same instant where their order would be in doubt. Each plugin ends at a binary
 * fraction of a millisecond of its own, so that no sums of theirs are equal. Promises of gates side by side take some time
 * as well: which of those that are kept at once is heard first depends on how they were made.
 */
function onTime(scenario: Scenario): Scenario {
  const plugins = scenario.plugins.map((plugin, position): ScenarioPlugin => {
    const isBesideOthers = plugin.mode === 'concurrent' && scenario.executionPool !== 1;
    const timed = (act: Act): Act => {
      const { takes } = act;
      if (typeof takes !== 'number' || (takes === 0 && !isBesideOthers)) return act;
      return { ...act, takes: Math.max(takes, 1) + 2 ** -(position + 2) };
    };
    return { ...plugin, acts: [timed(plugin.acts[0]), timed(plugin.acts[1])] };
  });
  return { ...scenario, plugins };
}

const plugin = (hook: HookName, mode: fc.Arbitrary<Mode>): fc.Arbitrary<ScenarioPlugin> =>
  fc.record({
    mode,
    onError: fc.option(fc.constantFrom(...onErrorNames), { nil: undefined, freq: 2 }),
    priority: fc.constantFrom(1, 2, 3),
    conditions: fc.oneof({ weight: 5, arbitrary: fc.constant([]) }, fc.array(condition, { maxLength: 2 })),
    noted: fc.option(value, { nil: undefined, freq: 2 }),
    acts: fc.tuple(act(hook), act(hook)),
  });

const scenarioOf = (hook: HookName): fc.Arbitrary<Scenario> =>
  fc.record({
    hook: fc.constant(hook),
    plugins: fc.oneof(
      fc.array(plugin(hook, modesOf('mixed')), { maxLength: 6 }),
      fc.array(plugin(hook, modesOf('wide')), { minLength: 2, maxLength: 6, size: 'max' }),
    ),
    policy: fc.constantFrom<Scenario['policy'][]>('allow', 'allow', 'deny', ['args'], ['name', 'headers']),
    modeDialect: fc.constantFrom(...modeDialects),
    failOnPluginError: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
    violationsAsExceptions: fc.boolean(),
    executionPool: fc.constantFrom(0, 1, 2, 10),
    cancelAfter: fc.tuple(cancelAfter, cancelAfter),
    closeAfter,
    shutdownTimeoutMs: fc.constantFrom(30, 10_000),
  });

/** Any chain of up to six plugins on one hook, invoked twice. */
export const scenarioArbitrary: fc.Arbitrary<Scenario> = fc
  .constantFrom(...hookNames)
  .chain(scenarioOf)
  .map(onTime);
