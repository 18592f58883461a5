import * as fc from 'fast-check';
import type { Implementation } from '../python-environment.js';
import { act, stateKey } from './acts.js';
import type { Chain, ChainCall, HookName, ScriptedEntry } from './chain.js';
import { condition, payloadOf, request, value } from './values.js';

const flows: readonly (readonly HookName[])[] = [
  ['tool_pre_invoke', 'tool_post_invoke'],
  ['tool_pre_invoke', 'tool_post_invoke'],
  ['prompt_pre_fetch', 'prompt_post_fetch'],
  ['resource_pre_fetch', 'resource_post_fetch'],
  ['agent_pre_invoke', 'agent_post_invoke'],
  ['http_pre_request', 'http_post_request'],
  ['http_auth_resolve_user', 'http_auth_check_permission'],
];

const isNamed = fc.integer({ min: 0, max: 6 }).map((die) => die === 6);
const local = fc.record({
  state: fc.dictionary(stateKey, value, { maxKeys: 1 }),
  metadata: fc.dictionary(stateKey, value, { maxKeys: 1 }),
});

const call = (hook: HookName): fc.Arbitrary<ChainCall> =>
  fc
    .record({
      payload: payloadOf(hook),
      raises: fc.integer({ min: 0, max: 4 }),
      named: isNamed,
      cancel: fc.constantFrom(...Array.from({ length: 20 }, () => undefined), 0.5, 2.5, 6.5, 20.5),
      // One name that nothing has.
      plugin: fc.constantFrom('p0', 'p1', 'p2', 'nobody'),
      local,
    })
    .map(({ payload, raises, named, cancel, ...more }) => ({
      hook,
      payload,
      violations_as_exceptions: !named && raises === 4,
      ...(named && more),
      ...(!named && cancel !== undefined && { cancel_after: cancel }),
    }));

const modes = {
  '1.0.0': [
    'enforce',
    'enforce',
    'enforce_ignore_error',
    'enforce_ignore_error',
    'permissive',
    'permissive',
    'disabled',
  ],
  cpex: [
    'sequential',
    'sequential',
    'transform',
    'transform',
    'audit',
    'concurrent',
    'concurrent',
    'concurrent',
    'fire_and_forget',
    'fire_and_forget',
    'enforce',
    'enforce_ignore_error',
    'permissive',
    'disabled',
  ],
} satisfies Record<Implementation, readonly string[]>;

const entry = (implementation: Implementation, calls: readonly ChainCall[]) => {
  const names = [...new Set(calls.map(({ hook }) => hook))];
  return fc
    .record({
      mode: fc.constantFrom(...modes[implementation]),
      priority: fc.constantFrom(1, 2, 2, 100),
      hooks: fc
        .tuple(fc.subarray(names, { minLength: 1 }), fc.integer({ min: 0, max: 9 }))
        .map(([some, die]) => (die === 9 ? [...some, ...some.slice(0, 1)] : some)),
      conditions: fc.oneof(
        { weight: 3, arbitrary: fc.constant([]) },
        { weight: 2, arbitrary: fc.array(condition, { maxLength: 2 }) },
      ),
      acts: fc.tuple(...calls.map(({ hook }) => act(hook))),
      onError: fc.constantFrom(undefined, undefined, 'fail', 'ignore', 'disable', 'disable'),
      waits: fc.array(fc.boolean(), { minLength: calls.length, maxLength: calls.length }),
    })
    .map(({ onError, ...rest }) => ({
      ...rest,
      ...(implementation === 'cpex' && onError !== undefined && { on_error: onError }),
    }));
};

type Entry = typeof entry extends (...given: never[]) => fc.Arbitrary<infer Made> ? Made : never;

/** Whether a plugin runs beside others. */
export function mustWait({ mode }: Pick<ScriptedEntry, 'mode'>): boolean {
  return mode === 'concurrent' || mode === 'fire_and_forget';
}

/**
 * Plugins with their names and waits. Waits are powers of two: whoever waits for whom, no two end at the same moment.
 * Where plugins run beside others all wait, so that each has started when the first one ends.
 */
function plugins(entries: readonly Entry[], ranks: readonly number[]): ScriptedEntry[] {
  return entries.map(({ waits, acts, ...plugin }, index) => ({
    name: `p${index}`,
    ...plugin,
    acts: acts.map((act, call) => {
      const rank = (ranks[index] ?? index) ^ call;
      return { ...act, wait: mustWait(plugin) || waits[call] === true ? 2 ** rank : 0 };
    }),
  }));
}

/** Chains of one implementation's modes. */
export function chains(implementation: Implementation): fc.Arbitrary<Chain> {
  const calls = fc
    .constantFrom(...flows)
    .chain((flow) =>
      fc.array(fc.constantFrom(...flow), { minLength: 1, maxLength: 4 }).chain((hooks) => fc.tuple(...hooks.map(call))),
    );
  return calls.chain((made) =>
    fc.record({
      plugins: fc
        .tuple(
          fc.array(entry(implementation, made), { minLength: 1, maxLength: 6 }),
          fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }),
        )
        .map(([entries, ranks]) => plugins(entries, ranks)),
      mode_dialect: fc.constant<Chain['mode_dialect']>(implementation === 'cpex' ? 'cpex' : 'contextforge'),
      fail_on_plugin_error:
        implementation === 'cpex' ? fc.constant(false) : fc.integer({ min: 0, max: 4 }).map((die) => die === 4),
      policies: policies([...new Set(made.map(({ hook }) => hook))]),
      default_policy: fc.constantFrom('allow', 'allow', 'allow', 'deny'),
      execution_pool: fc.constantFrom(10, 10, 0, 1, 2),
      context: request,
      calls: fc.constant(made),
    }),
  );
}

const writable: Readonly<Record<HookName, readonly string[]>> = {
  tool_pre_invoke: ['name', 'args', 'headers'],
  tool_post_invoke: ['name', 'result'],
  tool_list_post: ['tools'],
  prompt_pre_fetch: ['prompt_id', 'args'],
  prompt_post_fetch: ['prompt_id', 'result'],
  resource_pre_fetch: ['uri', 'metadata'],
  resource_post_fetch: ['uri', 'content'],
  agent_pre_invoke: ['agent_id', 'messages', 'tools', 'headers', 'model', 'system_prompt', 'parameters'],
  agent_post_invoke: ['messages', 'tool_calls'],
  http_pre_request: ['headers'],
  http_post_request: ['headers'],
  http_auth_resolve_user: [],
  http_auth_check_permission: ['reason'],
};

function policies(hooks: readonly HookName[]): fc.Arbitrary<Chain['policies']> {
  const policy = (hook: HookName) =>
    fc.option(fc.subarray([...writable[hook]]), { nil: undefined, freq: 2 }).map((fields) => [hook, fields] as const);
  return fc
    .tuple(...hooks.map(policy))
    .map((given) => Object.fromEntries(given.filter(([, fields]) => fields !== undefined)));
}
