import { describe, expect, it } from 'vitest';
import {
  createManager,
  definePlugin,
  guardClient,
  guardTool,
  type ManagerOptions,
  Plugin,
  type PluginKind,
} from '../../src/index.js';
import { folderWith, start } from '../fixtures/manager/managers.js';

const hooks = { tool_pre_invoke: () => ({}) };

describe('definePlugin says what is wrong with what it is given', () => {
  it.each<[unknown, string]>([
    [undefined, 'definePlugin was given nothing, expected an object.'],
    [null, 'definePlugin was given null, expected an object.'],
    [() => ({}), 'definePlugin was given a function, expected an object.'],
    [{}, 'hooks of definePlugin is nothing, expected an object of functions by hook name.'],
    [{ hooks: 'tool_pre_invoke' }, 'hooks of definePlugin is a string, expected an object of functions by hook name.'],
    [
      { hooks, setup: () => {} },
      'definePlugin has no option setup, expected config, for, hooks, changesPayloads, initialize, shutdown.',
    ],
    [{ hook: hooks }, 'definePlugin has no option hook; did you mean hooks?'],
    [{ hooks, initialise: () => {} }, 'definePlugin has no option initialise; did you mean initialize?'],
    [{ hooks: { tool_pre_invoke: 5 } }, 'tool_pre_invoke of definePlugin is a number, expected a function.'],
    [{ hooks: { tool_pre_invoke: null } }, 'tool_pre_invoke of definePlugin is null, expected a function.'],
    [{ hooks, initialize: {} }, 'initialize of definePlugin is an object, expected a function.'],
    [{ hooks, config: { words: [] } }, 'config of definePlugin is an object, expected a zod schema.'],
  ])('%j', (options, message) => {
    expect(() => definePlugin(options as never)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID', message }));
  });

  it('in a module, as a plugin that cannot be loaded', async () => {
    const folder = folderWith({
      'a.mjs': 'import { definePlugin } from "gatechart"; export const A = definePlugin({ setup() {} });',
      'plugins.yaml': 'plugins:\n- {name: A, kind: "./a.mjs#A", hooks: [tool_pre_invoke]}\n',
    });
    await expect(start({ config: `${folder}/plugins.yaml` })).rejects.toMatchObject({
      code: 'PLUGIN_LOAD_FAILED',
      message: expect.stringContaining('definePlugin has no option setup, expected config, for, hooks') as string,
    });
  });
});

describe('a kind whose parts are none keeps the manager from starting', () => {
  it.each<[string, unknown, string]>([
    ['no instance', { create: () => undefined }, 'what its create gave back has no handlers'],
    ['a promise of one', { create: async () => ({}) }, 'what its create gave back has no handlers'],
    [
      'a handler that is none',
      { create: () => ({ handler: () => 'allow' }) },
      'its handler for tool_pre_invoke is a string, expected a function',
    ],
    [
      'a schema that is none',
      { create: () => ({ handler: () => () => {} }), configSchema: { words: [] } },
      'its config is an object, expected a zod schema',
    ],
    [
      'a class with a schema that is none',
      class extends Plugin {
        static override config = { words: [] } as never;
        toolPreInvoke() {}
      },
      'its config is an object, expected a zod schema',
    ],
  ])('%s', async (_, kind, message) => {
    const kinds = { A: kind as PluginKind };
    const config = { plugins: [{ name: 'A', kind: 'A', hooks: ['tool_pre_invoke'] }] };
    await expect(start({ kinds, config })).rejects.toMatchObject({
      code: 'PLUGIN_LOAD_FAILED',
      message: expect.stringContaining(message) as string,
    });
  });
});

describe('createManager says what is wrong with its options', () => {
  it.each<[unknown, string]>([
    [{ policy: {} }, 'createManager has no option policy, expected config, kinds,'],
    [{ kind: {} }, 'createManager has no option kind; did you mean kinds?'],
    [{ defaultHookPolicy: 'Deny' }, 'options.defaultHookPolicy is a string, expected "allow" or "deny".'],
    [{ policies: { tool_pre_invoke: {} } }, 'options.policies.tool_pre_invoke.writable is nothing, expected a list'],
    [
      { policies: { tool_pre_invoke: 'args' } },
      'options.policies.tool_pre_invoke.writable is nothing, expected a list',
    ],
    [{ kinds: null }, 'options.kinds is null, expected an object.'],
    [{ env: null }, 'options.env is null, expected an object.'],
    [{ logger: {} }, 'options.logger.debug is nothing, expected a function.'],
    [{ hooks: {} }, 'options.hooks is an object, expected a list of hooks made with defineHook.'],
    [{ hooks: [null] }, 'a hook of the host has nothing for its name, expected a string.'],
    [{ hooks: [{ name: 'mine' }] }, 'payload of the hook mine is nothing, expected a zod schema.'],
    [null, 'createManager was given null, expected an object.'],
    ['plugins.yaml', 'createManager was given a string, expected an object.'],
  ])('%j', async (options, message) => {
    const given = typeof options === 'object' && options !== null ? { config: { plugins: [] }, ...options } : options;
    await expect(createManager(given as ManagerOptions)).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining(message) as string,
    });
  });
});

describe('guards say what is wrong with their options', () => {
  it.each([{ passThrough: 'callTool' }, { onOutcome: {} }, { applyHeaders: true }])(
    'of a client: %j',
    async (options) => {
      const client = { callTool: () => undefined };
      const manager = await start({ config: { plugins: [] } });
      expect(() => guardClient(client, manager, () => ({ requestId: '1' }), options as never)).toThrow(
        expect.objectContaining({ code: 'CONFIG_INVALID' }),
      );
    },
  );

  it.each([{ onBlock: 5 }, { onOutcome: null }])('of a tool: %j', async (options) => {
    const manager = await start({ config: { plugins: [] } });
    expect(() =>
      guardTool(
        async () => 1,
        manager,
        () => ({ requestId: '1' }),
        { name: 't', ...options } as never,
      ),
    ).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  });
});
