import { describe, expect, it, test } from 'vitest';
import { createChainHarness } from '../../src/testing/index.js';
import { pluginModes } from '../../src/plugins/plugin-mode.js';
import { type PluginModeName, pluginModeNames } from '../../src/config/sections/plugin-modes.js';
import { definePlugin, guardTool, type PluginHost, PluginViolationError } from '../../src/index.js';
import { callTool, start } from '../fixtures/manager/managers.js';
import { outcomeOf } from '../fixtures/manager/outcomes.js';
import { serveGuard, servedPlugin, serveHost, servedOver, transports } from '../fixtures/hosting/served-plugins.js';
import { memoryConfig } from '../fixtures/hosting/memory-host.js';

const violation = {
  reason: 'Denied',
  description: 'it\'s not "allowed"',
  code: 'DENIED',
  details: { word: 'secret' },
  mcpErrorCode: -32000,
  httpStatusCode: 403,
  httpHeaders: { 'www-authenticate': 'Bearer' },
};
const denies = definePlugin({
  hooks: {
    tool_pre_invoke() {
      throw new PluginViolationError('some hook', 'somebody else', violation);
    },
  },
});
/** Those whose plugins run before the answer: what comes after it cannot deny. */
const modes = pluginModeNames.filter((mode) => ['inTurn', 'sideBySide'].includes(pluginModes[mode].schedule));
const asPlugin = { ...violation, pluginName: 'Guard' };
const unstated = {
  reason: 'No reason given',
  description: 'The plugin blocked without a violation',
  code: 'NO_REASON_GIVEN',
  pluginName: 'Guard',
};

/** As a second copy of the package, or a later version of it, would throw it. */
function foreignViolation(): Error {
  const error = Object.assign(new Error('blocked'), { code: 'PLUGIN_VIOLATION', violation });
  return Object.defineProperty(error, Symbol.for('gatechart.error'), { value: true });
}

describe.each(modes)('a violation that is thrown in mode %s', (mode) => {
  it.each([
    [false, false],
    [true, false],
    [false, true],
  ])('reaches the caller (as exceptions: %s, fail on error: %s)', async (violationsAsExceptions, failOnPluginError) => {
    const later: string[] = [];
    const looks = definePlugin({ hooks: { tool_pre_invoke: () => void later.push('ran') } });
    await using harness = await createChainHarness({
      failOnPluginError,
      plugins: [
        { name: 'Guard', plugin: denies, hooks: ['tool_pre_invoke'], mode },
        { name: 'Later', plugin: looks, hooks: ['tool_pre_invoke'], mode },
      ],
    });
    const { manager, observability } = harness;
    const context = { requestId: '1', state: { a: 1 } };
    const error = await manager
      .invokeHook('tool_pre_invoke', { name: 't' }, context, { violationsAsExceptions })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(PluginViolationError);
    expect(error).toMatchObject({ code: 'PLUGIN_VIOLATION', violation: asPlugin, details: { plugin: 'Guard' } });
    // Those side by side begin before the first has answered.
    expect(later).toEqual(mode === 'concurrent' ? ['ran'] : []);
    expect(observability.spans.map(({ attributes }) => attributes)).toContainEqual(
      expect.objectContaining({ 'plugin.name': 'Guard', 'plugin.had_violation': true }),
    );
  });
});

describe('a violation that is thrown', () => {
  const thrownBy = async (make: () => unknown, mode: PluginModeName = 'permissive') => {
    const plugin = definePlugin({ hooks: { tool_pre_invoke: () => Promise.reject(make()) } });
    await using harness = await createChainHarness({
      plugins: [{ name: 'Guard', plugin, hooks: ['tool_pre_invoke'], mode }],
    });
    return await outcomeOf(harness.manager.invokeHook('tool_pre_invoke', { name: 't' }, { requestId: '1' }));
  };

  it.each([
    ['one of another copy of the package', foreignViolation, asPlugin],
    [
      'one of a class of its own',
      () => new (class Denial extends PluginViolationError {})('h', 'p', violation),
      asPlugin,
    ],
    ['one without a violation', () => new PluginViolationError('h', 'p', undefined), unstated],
    [
      'one with half a violation',
      () => new PluginViolationError('h', 'p', { reason: 'r' } as never),
      { reason: 'r', description: '', code: '', pluginName: 'Guard' },
    ],
    ['one with a violation that is none', () => new PluginViolationError('h', 'p', 5 as never), unstated],
  ])('%s', async (_, make, expected) => {
    const { code, error } = (await thrownBy(make)) as { code: string; error: PluginViolationError };
    expect(code).toBe('PLUGIN_VIOLATION');
    expect(error.violation).toEqual(expected);
  });

  it('keeps the plugin’s own notes and nothing of the global state, as a failure does', async () => {
    const plugin = definePlugin({
      hooks: {
        tool_pre_invoke(_payload, { state, globalContext }) {
          state['noted'] = true;
          (globalContext.state ??= {})['left'] = true;
          throw new PluginViolationError('h', 'p', violation);
        },
      },
    });
    await using harness = await createChainHarness({
      plugins: [{ name: 'Guard', plugin, hooks: ['tool_pre_invoke'] }],
    });
    const context = { requestId: '1', state: {} };
    const thrown = await outcomeOf(harness.manager.invokeHook('tool_pre_invoke', { name: 't' }, context));
    expect(thrown).toMatchObject({ code: 'PLUGIN_VIOLATION' });
    expect(context.state).toEqual({});
  });

  it('by a plugin that is called by name', async () => {
    await using harness = await createChainHarness({
      plugins: [{ name: 'Guard', plugin: denies, hooks: ['tool_pre_invoke'], mode: 'audit' }],
    });
    const context = { globalContext: { requestId: '1' } };
    const called = harness.manager.invokeHookForPlugin('Guard', 'tool_pre_invoke', { name: 't' }, context);
    expect(await outcomeOf(called)).toMatchObject({ code: 'PLUGIN_VIOLATION', error: { violation: asPlugin } });
  });
});

describe.each(servedOver)('over %s', (transport) => {
  it.each(modes)('a violation that is thrown at the server reaches the caller (%s)', async (mode) => {
    const manager = await start({ config: { plugins: [{ ...(await serveGuard(denies, transport)), mode }] } });
    expect(await outcomeOf(callTool(manager, 't'))).toMatchObject({
      code: 'PLUGIN_VIOLATION',
      error: { violation: asPlugin },
    });
  });

  it('an answer that says stop is a stop, whatever else is in it', async () => {
    for (const odd of [
      { metadata: 5 },
      { metadata: null },
      { retryDelayMs: -1 },
      { retryDelayMs: 'x' },
      { violation: { reason: 5 } },
      { violation: 'no' },
      { modifiedPayload: { name: 5 } },
      { httpHeaders: { a: 1 } },
    ]) {
      const host: PluginHost = {
        configs: [memoryConfig('Guard', ['tool_pre_invoke'])],
        invokeHookForPlugin: () => Promise.resolve({ continueProcessing: false, ...odd } as never),
        close: () => Promise.resolve(),
      };
      const entry = { ...(await serveHost(host, transport)), mode: 'enforce_ignore_error' };
      const manager = await start({ config: { plugins: [entry] } });
      expect(await outcomeOf(callTool(manager, 't'))).toMatchObject({ blocks: true });
    }
  });

  it('an answer of a served plugin that cannot be read and may be a stop passes in no mode that may block', async () => {
    const odd = definePlugin({ hooks: { tool_pre_invoke: () => ({ continue_processing: false }) as never } });
    const entry = { ...(await serveGuard(odd, transport)), mode: 'enforce_ignore_error' };
    const manager = await start({ config: { plugins: [entry] } });
    expect(await outcomeOf(callTool(manager, 't'))).toMatchObject({ code: 'PLUGIN_FAILED' });
  });
});

test('a retry delay that a server gives is clamped', async () => {
  const host: PluginHost = {
    configs: [memoryConfig('Guard', ['tool_pre_invoke'])],
    invokeHookForPlugin: () => Promise.resolve({ retryDelayMs: -5 }),
    close: () => Promise.resolve(),
  };
  const manager = await start({ config: { plugins: [await serveHost(host, 'unix')] } });
  expect(await outcomeOf(callTool(manager, 't'))).toMatchObject({ passes: true, retryDelayMs: 0 });
});

test('a guarded tool is blocked by a violation that is thrown, before it runs and after', async () => {
  for (const hook of ['tool_pre_invoke', 'tool_post_invoke'] as const) {
    const throws = (): never => {
      throw new PluginViolationError('h', 'p', violation);
    };
    const plugin = definePlugin({ hooks: { [hook]: throws } });
    await using harness = await createChainHarness({
      plugins: [{ name: 'Guard', plugin, hooks: [hook], mode: 'permissive' }],
    });
    const tool = guardTool(
      (_args: { a: number }): unknown => 'ran',
      harness.manager,
      () => ({ requestId: '1' }),
      {
        name: 'tool',
        onBlock: (found) => ({ blocked: found?.code }),
      },
    );
    expect(await tool({ a: 1 })).toEqual({ blocked: 'DENIED' });
  }
});

test.each(transports)(
  'a violation that is thrown at a server reaches the caller in every mode (%s)',
  async (transport) => {
    const throws = `
    import { definePlugin, PluginViolationError } from 'gatechart';
    export const Served = definePlugin({
      hooks: { tool_pre_invoke: () => { throw new PluginViolationError('h', 'p', ${JSON.stringify(violation)}); } },
    });`;
    const served = await servedPlugin(transport, throws, ['tool_pre_invoke']);
    for (const mode of modes) {
      const manager = await start({ config: { plugins: [{ ...served, mode }] } });
      expect(await outcomeOf(callTool(manager, 't'))).toMatchObject({ code: 'PLUGIN_VIOLATION', error: { violation } });
      await manager.close();
    }
  },
);
