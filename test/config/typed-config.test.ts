import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import {
  createManager,
  type ConfigInput,
  defineConfig,
  defineHook,
  definePlugin,
  type HookOutcome,
  loadConfig,
  type ManagerOptions,
  type PluginDefinition,
  type PluginInput,
  PluginViolationError,
  type Violation,
} from '../../src/index.js';

const entry = { name: 'a', kind: 'k' };

/** What the compiler is asked about alone, and never runs. */
const unrun = (_written: () => unknown): void => undefined;

describe('a configuration in code', () => {
  it('compiles as files are written, and loads', () => {
    const config = defineConfig({
      plugins: [
        {
          name: 'deny',
          kind: './deny.js#Deny',
          hooks: ['tool_pre_invoke'],
          mode: 'sequential',
          priority: 5,
          timeout: 2.5,
          on_error: 'ignore',
          conditions: [{ tools: ['echo'], tenant_ids: ['acme'] }],
          capabilities: ['read_headers'],
          applied_to: { tools: [{ tool_name: 'echo', fields: ['text'] }] },
          config: { words: ['x'] },
          tags: null,
        },
        {
          name: 'far',
          kind: 'external',
          mcp: { proto: 'STREAMABLEHTTP', url: 'https://a.example', tls: { verify: true }, reconnect_window: '' },
        },
        { name: 'grpc', kind: 'external', grpc: { target: 'localhost:1', replay: 'never' } },
        { name: 'unix', kind: 'external', unix_socket: { path: '/tmp/a.sock', timeout: '5', connections: 2 } },
      ],
      plugin_dirs: ['plugins'],
      plugin_settings: { plugin_timeout: 10, fail_on_plugin_error: 'true', mode_dialect: 'cpex' },
      server_settings: { host: '127.0.0.1', port: 8000, allowed_hosts: ['a'] },
    });
    expect(loadConfig(config, { env: {} }).config.plugins.map(({ name }) => name)).toEqual([
      'deny',
      'far',
      'grpc',
      'unix',
    ]);
    expect(loadConfig(defineConfig({}), { env: {} }).config.plugins).toEqual([]);
  });

  it('does not compile with a key that nobody knows, at any depth', () => {
    unrun(() => [
      // @ts-expect-error -- the key is `hooks`
      defineConfig({ plugins: [{ ...entry, hoks: ['tool_pre_invoke'] }] }),
      // @ts-expect-error -- the section is `plugins`
      defineConfig({ plugns: [] }),
      // @ts-expect-error -- the list is `tools`
      defineConfig({ plugins: [{ ...entry, conditions: [{ tool: ['a'] }] }] }),
      // @ts-expect-error -- the key is `url`
      defineConfig({ plugins: [{ ...entry, mcp: { proto: 'STREAMABLEHTTP', uri: 'https://a.example' } }] }),
      // @ts-expect-error -- the key is `verify`
      defineConfig({ plugins: [{ ...entry, grpc: { target: 'a:1', tls: { verfy: true } } }] }),
      // @ts-expect-error -- the key is `plugin_timeout`
      defineConfig({ plugin_settings: { timeout: 1 } }),
      // @ts-expect-error -- the key is `max_calls`
      defineConfig({ unix_socket_server_settings: { max_call: 1 } }),
    ]);
  });

  it('does not compile with a value that is none, or without what is required', () => {
    unrun(() => [
      // @ts-expect-error -- no mode
      defineConfig({ plugins: [{ ...entry, mode: 'enforced' }] }),
      // @ts-expect-error -- no number
      defineConfig({ plugins: [{ ...entry, priority: 'high' }] }),
      // @ts-expect-error -- no list
      defineConfig({ plugins: [{ ...entry, hooks: 'tool_pre_invoke' }] }),
      // @ts-expect-error -- no capability
      defineConfig({ plugins: [{ ...entry, conditions: [{ tools: 'a' }] }] }),
      // @ts-expect-error -- no name
      defineConfig({ plugins: [{ kind: 'k' }] }),
      // @ts-expect-error -- no kind
      defineConfig({ plugins: [{ name: 'a' }] }),
      // @ts-expect-error -- no path
      defineConfig({ plugins: [{ ...entry, unix_socket: {} }] }),
    ]);
  });

  it('is as strict where it is given to a manager', () => {
    unrun(() => [
      // @ts-expect-error -- the key is `hooks`
      createManager({ config: { plugins: [{ ...entry, hoks: [] }] } }),
      // @ts-expect-error -- the section is `plugins`
      createManager({ config: { hoks: [] } }),
      createManager({ config: { plugins: [{ ...entry, hooks: [] }] }, kinds: {} }),
      createManager({ config: 'plugins.yaml' }),
    ]);
    expectTypeOf<Exclude<ManagerOptions['config'], string | URL | undefined>>().toEqualTypeOf<ConfigInput>();
  });

  it('takes lists that cannot be changed, and entries that were put together elsewhere', () => {
    const plugins: readonly PluginInput[] = [entry, { ...entry, name: 'b', hooks: ['tool_pre_invoke'] as const }];
    expect(loadConfig(defineConfig({ plugins }), { env: {} }).config.plugins).toHaveLength(2);
  });
});

describe('the config of a plugin that comes with the package', () => {
  it('is any map under another kind', () => {
    unrun(() => [
      defineConfig({ plugins: [{ ...entry, config: { whatever: 1 } }] }),
      defineConfig({ plugins: [{ name: 'a', kind: 'plugins.deny_filter.deny.DenyListPlugin', config: { x: 1 } }] }),
    ]);
  });
});

describe('the types of outcomes', () => {
  it('say that a block has its violation', () => {
    unrun(() => (outcome: HookOutcome): Violation | string => {
      if (!outcome.continueProcessing) return outcome.violation;
      // @ts-expect-error -- what passes needs none
      return outcome.violation;
    });
    unrun(
      () =>
        (outcome: HookOutcome): Violation | string =>
          outcome.decision === 'allow' ? '' : outcome.violation,
    );
    expectTypeOf<PluginViolationError['violation']>().toEqualTypeOf<Violation>();
    expect(new PluginViolationError('h', 'P').violation).toMatchObject({ code: 'NO_REASON_GIVEN', pluginName: 'P' });
  });
});

describe('the types of a plugin', () => {
  const score = defineHook({ name: 'score_answer', payload: z.object({ text: z.string(), score: z.number() }) });

  it('are those of own hooks where they are given, beside the built-in ones', () => {
    const own = definePlugin({
      for: [score],
      config: z.object({ least: z.number().default(3) }),
      hooks: {
        score_answer(payload, { plugin }) {
          expectTypeOf(payload).toEqualTypeOf<{ text: string; score: number }>();
          return { modifiedPayload: { ...payload, score: plugin.config.least } };
        },
        tool_pre_invoke(payload) {
          expectTypeOf(payload.name).toEqualTypeOf<string>();
        },
      },
    });
    expectTypeOf(own).toEqualTypeOf<PluginDefinition<{ least?: number | undefined }>>();
    unrun(() => [
      // @ts-expect-error -- no such hook
      definePlugin({ for: [score], hooks: { score_anser: () => ({}) } }),
      // @ts-expect-error -- a score is a number
      definePlugin({ for: [score], hooks: { score_answer: () => ({ modifiedPayload: { text: '', score: '1' } }) } }),
      // @ts-expect-error -- nobody said that there is this hook
      definePlugin({ hooks: { score_answer: () => ({}) } }),
    ]);
  });

  it('do not take what are no hooks', () => {
    expect(() => definePlugin({ for: 5 as never, hooks: {} })).toThrow(
      'for of definePlugin is a number, expected a list of hooks made with defineHook',
    );
  });
});
