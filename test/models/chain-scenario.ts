import * as fc from 'fast-check';
import { type PluginModeName, pluginModeNames } from '../../src/config/sections/plugin-modes.js';

export const hookNames = [
  'tool_pre_invoke',
  'http_pre_request',
  'http_auth_check_permission',
  'http_auth_resolve_user',
] as const;
export type HookName = (typeof hookNames)[number];
export type Mode = PluginModeName;

/** What a plugin writes before it answers. `shared` is there from the start, at depth. */
export type Write =
  | { readonly to: 'global' | 'local'; readonly do: 'set'; readonly key: string; readonly value: number }
  | { readonly to: 'global' | 'local'; readonly do: 'delete'; readonly key: string }
  | { readonly to: 'global' | 'local'; readonly do: 'count' }
  | { readonly to: 'local'; readonly do: 'copyShared' }
  | { readonly to: 'global'; readonly do: 'publishNotes' }
  /** Tries to change the payload it was given. */
  | { readonly to: 'payload'; readonly do: 'spoil' };

/** What a plugin gives back as `modifiedPayload`; what that is depends on the hook. */
export type Modification =
  | { readonly kind: 'none' | 'same' | 'foreign' | 'null' | 'text' | 'list' }
  | { readonly kind: 'fields'; readonly fields: readonly ('name' | 'args' | 'headers')[]; readonly value: number }
  | { readonly kind: 'headers'; readonly key: string; readonly value: number }
  | { readonly kind: 'decision'; readonly granted: boolean };

export interface Answer {
  readonly stops: boolean;
  readonly violation: boolean;
  readonly modification: Modification;
  readonly metadata: 'none' | 'own' | 'decision' | 'draft';
  readonly header: number | undefined;
  readonly retryDelayMs: number | undefined;
}

export interface Act {
  /** When it ends; undefined: never. `sync` and 0 differ in that the latter is a promise. */
  readonly takes: 'sync' | number | undefined;
  readonly writes: readonly Write[];
  readonly end:
    | { readonly kind: 'throws' }
    /** Throws its violation. */
    | { readonly kind: 'denies' }
    | { readonly kind: 'malformed' }
    | { readonly kind: 'answers'; readonly answer: Answer };
}

export interface ScenarioPlugin {
  readonly mode: Mode;
  readonly priority: number;
  readonly conditions: readonly { tools?: string[]; server_ids?: string[]; user_patterns?: string[] }[];
  /** One for each of the two times the hook is invoked. */
  readonly acts: readonly [Act, Act];
}

export interface Scenario {
  readonly hook: HookName;
  readonly plugins: readonly ScenarioPlugin[];
  readonly policy: 'allow' | 'deny' | readonly string[];
  readonly failOnPluginError: boolean;
  readonly violationsAsExceptions: boolean;
  /** Milliseconds into each of the two invocations; undefined: never. */
  readonly cancelAfter: readonly [number | undefined, number | undefined];
}

/** Milliseconds a plugin may take. */
export const timeoutMs = 100;

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
      { weight: 3, arbitrary: fc.constantFrom('sync' as const, 0) },
      { weight: 2, arbitrary: fc.integer({ min: 1, max: 90 }) },
      { weight: 1, arbitrary: fc.constantFrom(110, 150, undefined) },
    ),
    writes: fc.array(write, { maxLength: 4 }),
    end: fc.oneof<fc.MaybeWeightedArbitrary<Act['end']>[]>(
      { weight: 8, arbitrary: fc.record({ kind: fc.constant('answers' as const), answer: answer(hook) }) },
      {
        weight: 1,
        arbitrary: fc.constantFrom<Act['end']>({ kind: 'throws' }, { kind: 'denies' }, { kind: 'malformed' }),
      },
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

// Never at the same instant as anything else, so that the order is not in doubt.
const cancelAfter = fc.option(
  fc.integer({ min: 0, max: 300 }).map((ms) => ms + 0.5),
  { nil: undefined, freq: 4 },
);

/** Where each mode runs in `cpex`: a chain in another order is refused. */
const phases: Readonly<Record<Mode, number>> = {
  enforce: 0,
  enforce_ignore_error: 0,
  sequential: 0,
  disabled: 0,
  transform: 1,
  permissive: 1,
  audit: 2,
  concurrent: 3,
  fire_and_forget: 4,
};
const olderModes: readonly Mode[] = ['enforce', 'enforce_ignore_error', 'permissive', 'disabled'];

/** Gives plugins of newer modes priorities in the order of their phases; older modes run by priority alone. */
function inPhases(plugins: readonly ScenarioPlugin[]): readonly ScenarioPlugin[] {
  if (plugins.every(({ mode }) => olderModes.includes(mode))) return plugins;
  return plugins.map((plugin) => ({ ...plugin, priority: 10 * phases[plugin.mode] + plugin.priority }));
}

const scenarioOf = (hook: HookName): fc.Arbitrary<Scenario> =>
  fc.record({
    hook: fc.constant(hook),
    plugins: fc
      .array(
        fc.record({
          mode: fc.constantFrom(...pluginModeNames),
          priority: fc.constantFrom(1, 2, 3),
          conditions: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(condition, { maxLength: 2 })),
          acts: fc.tuple(act(hook), act(hook)),
        }),
        { maxLength: 5 },
      )
      .map(inPhases),
    policy: fc.constantFrom<Scenario['policy'][]>('allow', 'allow', 'deny', ['args'], ['name', 'headers']),
    failOnPluginError: fc.boolean(),
    violationsAsExceptions: fc.boolean(),
    cancelAfter: fc.tuple(cancelAfter, cancelAfter),
  });

export const scenarioArbitrary: fc.Arbitrary<Scenario> = fc.constantFrom(...hookNames).chain(scenarioOf);

/** What the host passes in. */
export const payloads: Readonly<Record<HookName, Record<string, unknown>>> = {
  tool_pre_invoke: { name: 'tool', args: { text: 'hello', nested: { list: [1, 2] } } },
  http_pre_request: { path: '/', method: 'GET', headers: { host: 'here' } },
  http_auth_check_permission: { userEmail: 'alice@example.org', permission: 'tools.read', isAdmin: false },
  http_auth_resolve_user: { headers: { host: 'here' } },
};

/** What a plugin returns as `modifiedPayload`, made from the payload it was given. */
export function modified(modification: Modification, given: unknown): unknown {
  const payload = given as Record<string, unknown>;
  switch (modification.kind) {
    case 'none':
      return undefined;
    case 'same':
      return { ...payload };
    case 'foreign':
      return { other: 5 };
    case 'null':
      return null;
    case 'text':
      return 'text';
    case 'list':
      return [1];
    case 'headers':
      return { [modification.key]: `${modification.value}` };
    case 'decision':
      return { granted: modification.granted, reason: 'because' };
    case 'fields': {
      const { fields, value } = modification;
      const next: Record<string, unknown> = { ...payload };
      if (fields.includes('name')) next['name'] = `tool ${value}`;
      if (fields.includes('args')) next['args'] = { ...(payload['args'] as object), value: { deep: value } };
      if (fields.includes('headers')) next['headers'] = { x: `${value}` };
      return next;
    }
  }
}
