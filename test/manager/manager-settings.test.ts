import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createManager, definePlugin } from '../../src/index.js';
import { callTool, folderWith, start } from '../fixtures/manager/managers.js';
import { startNode } from '../fixtures/processes/processes.js';
import { recordingLogger } from '../fixtures/recording-logger.js';
import { rejection } from '../fixtures/waiting.js';

const hooks = ['tool_pre_invoke'];
const hanging = definePlugin({ hooks: { tool_pre_invoke: () => new Promise<undefined>(() => {}) } });
const failing = definePlugin({
  hooks: {
    tool_pre_invoke() {
      throw new Error('kaboom');
    },
  },
});
const marking = definePlugin({
  hooks: { tool_pre_invoke: (payload) => ({ modifiedPayload: { ...payload, name: 'changed' }, metadata: { m: 1 } }) },
});

describe('the environment', () => {
  it('names the configuration file, the time-out of plugins and the default policy', async () => {
    const folder = folderWith({
      'plugins.yaml':
        'plugins:\n- {name: M, kind: marking, hooks: [tool_pre_invoke]}\n- {name: H, kind: hanging, hooks: [tool_pre_invoke], conditions: [{tools: [hang]}]}\n',
    });
    const env = {
      PLUGINS_CONFIG_FILE: join(folder, 'plugins.yaml'),
      PLUGINS_PLUGIN_TIMEOUT: '0.05',
      PLUGINS_DEFAULT_HOOK_POLICY: 'deny',
    };
    const manager = await start({ kinds: { marking, hanging }, env });
    expect(await callTool(manager, 't')).toMatchObject({ modifiedPayload: undefined, metadata: { m: 1 } });
    expect(await rejection(callTool(manager, 'hang'))).toMatchObject({
      code: 'PLUGIN_TIMEOUT',
      message: 'Plugin H exceeded 0.05s timeout',
    });
  });

  it('gives way to the file, and options in code to nobody', async () => {
    const config = { plugins: [{ name: 'H', kind: 'hanging', hooks }], plugin_settings: { plugin_timeout: 0.05 } };
    const env = { PLUGINS_PLUGIN_TIMEOUT: '60', PLUGINS_DEFAULT_HOOK_POLICY: 'deny', PLUGINS_CONFIG_FILE: '/no/such' };
    const manager = await start({ kinds: { hanging }, config, env });
    expect(await rejection(callTool(manager, 't'))).toMatchObject({ code: 'PLUGIN_TIMEOUT' });
    const open = await start({
      kinds: { marking },
      config: { plugins: [{ name: 'M', kind: 'marking', hooks }] },
      env,
      defaultHookPolicy: 'allow',
    });
    expect((await callTool(open, 't')).modifiedPayload).toEqual({ name: 'changed', args: {} });
  });

  it('turns all plugins off with PLUGINS_ENABLED=false, those that cannot be loaded too', async () => {
    const logger = recordingLogger();
    const manager = await start({
      kinds: { failing },
      config: {
        plugins: [
          { name: 'F', kind: 'failing', hooks },
          { name: 'G', kind: './gone.js#A' },
        ],
      },
      env: { PLUGINS_ENABLED: 'false' },
      logger,
    });
    expect(await callTool(manager, 't')).toEqual({
      continueProcessing: true,
      decision: 'allow',
      modifiedPayload: undefined,
      violation: undefined,
      metadata: {},
      httpHeaders: undefined,
      retryDelayMs: 0,
      contexts: undefined,
    });
    expect(logger.lines.map(({ message }) => message)).toContain('PLUGINS_ENABLED is false: no plugin runs');
  });

  it.each<[level: string, lines: RegExp[]]>([
    ['INFO', [/no effect/, /0 plugins are ready/]],
    ['WARNING', [/no effect/]],
    ['CRITICAL', []],
    ['', [/no effect/, /0 plugins are ready/]],
  ])('sets the level of the log that nobody replaced (%j)', async (level, expected) => {
    const folder = folderWith({
      'plugins.yaml': 'plugins: []\nplugin_settings: {parallel_execution_within_band: true}\n',
      'host.mjs':
        "import { createManager } from 'gatechart';\nawait (await createManager({ config: 'plugins.yaml' })).close();\n",
    });
    const { code, stderr } = await startNode(['host.mjs'], { cwd: folder, env: { PLUGINS_LOG_LEVEL: level } }).ended;
    expect(code).toBe(0);
    const lines = stderr.split('\n').filter((line) => line !== '');
    expect(lines).toEqual(expected.map((line) => expect.stringMatching(line)));
  });
});

describe('fail_on_plugin_error', () => {
  it.each(['enforce', 'enforce_ignore_error', 'permissive'])('raises errors in mode %s', async (mode) => {
    const plugins = [{ name: 'F', kind: 'failing', hooks, mode }];
    const strict = await start({
      kinds: { failing },
      config: { plugins, plugin_settings: { fail_on_plugin_error: true } },
    });
    expect(await rejection(callTool(strict, 't'))).toMatchObject({
      code: 'PLUGIN_FAILED',
      message: 'Plugin F: kaboom',
      failure: { pluginName: 'F', code: '', mcpErrorCode: -32603 },
    });
    const lenient = await start({ kinds: { failing }, config: { plugins } });
    const outcome = await callTool(lenient, 't').catch((error: unknown) => error);
    expect(outcome).toMatchObject(mode === 'enforce' ? { code: 'PLUGIN_FAILED' } : { continueProcessing: true });
  });
});

it('an unset configuration is plugins/config.yaml, and its absence is told', async () => {
  await expect(createManager({ env: {} })).rejects.toMatchObject({
    code: 'CONFIG_UNREADABLE',
    message: 'plugins/config.yaml cannot be read: there is no such file; give the path of a configuration file',
  });
});
