import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createPluginServer, defineHook, definePlugin, type HookTypes, silentLogger } from '../../src/index.js';
import { callTool, folderWith, http, start } from '../fixtures/manager/managers.js';
import { cleanups } from '../fixtures/cleanups.js';
import { recordingLogger } from '../fixtures/recording-logger.js';
import { until } from '../fixtures/waiting.js';

const hooks = ['tool_pre_invoke'];
const blocking = definePlugin({
  hooks: {
    tool_pre_invoke: () => ({
      continueProcessing: false,
      violation: { reason: 'No', description: 'never', code: 'NO' },
    }),
  },
});

/** A plugin server with one plugin, Guard, of which its configuration says `entry`. */
async function guardServer(entry: object, transport: 'http' | 'unix' | 'grpc' = 'http') {
  const folder = folderWith({});
  const path = join(folder, 'plugins.sock');
  const manager = await start({
    kinds: { blocking },
    config: { plugins: [{ name: 'Guard', kind: 'blocking', hooks, ...entry }] },
  });
  const address = { host: '127.0.0.1', port: 0 };
  const server = await createPluginServer({
    host: manager,
    transport:
      transport === 'unix'
        ? { kind: 'unix', path }
        : { kind: transport, server: transport === 'grpc' ? { ...address, uds: path } : address },
    logger: silentLogger,
  });
  cleanups.push(() => server.close());
  const reached = {
    http: { mcp: http(server.address) },
    unix: { unix_socket: { path } },
    grpc: { grpc: { uds: path } },
  };
  return { plugin: { name: 'Guard', kind: 'external', ...reached[transport] }, server };
}

const openSockets = (): number =>
  process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap' || kind === 'PipeWrap').length;

describe('a plugin that its server says is disabled', () => {
  it.each(['http', 'unix', 'grpc'] as const)('does not run, and its connection is closed (%s)', async (transport) => {
    const { plugin } = await guardServer({ mode: 'disabled', description: 'Blocks all' }, transport);
    const logger = recordingLogger();
    const before = openSockets();
    const manager = await start({ config: { plugins: [plugin] }, logger });
    expect(manager.pluginNames).toEqual([]);
    expect(manager.hasHooksFor('tool_pre_invoke')).toBe(false);
    expect(await callTool(manager, 't')).toMatchObject({ continueProcessing: true, violation: undefined });
    expect(manager.configs).toMatchObject([{ name: 'Guard', mode: 'disabled', description: 'Blocks all' }]);
    expect(manager.connections).toEqual([]);
    await until('its connection is gone', () => openSockets() <= before);
    expect(logger.lines).toContainEqual({
      level: 'warn',
      fields: { plugin: 'Guard' },
      message: 'plugin Guard does not run: its server says that it is disabled; a `mode` given here wins',
    });
  });
});

describe('a plugin of which the host leaves keys empty', () => {
  it('runs on the hooks and under the conditions that its server names', async () => {
    const { server } = await guardServer({ conditions: [{ tools: ['drop'] }] });
    const folder = folderWith({
      'plugins.yaml': `
plugins:
  - name: Guard
    kind: external
    hooks:
    conditions:
    mcp: ${JSON.stringify(http(server.address))}
`,
    });
    const manager = await start({ config: join(folder, 'plugins.yaml') });
    expect(await callTool(manager, 'drop')).toMatchObject({ continueProcessing: false, violation: { code: 'NO' } });
    expect(await callTool(manager, 'search')).toMatchObject({ continueProcessing: true });
  });
});

describe('a plugin that never runs is told of', () => {
  const message =
    'plugin Guard never runs: neither its entry nor its server names a hook that is known here; list its `hooks`';

  it.each<[string, object, object]>([
    ['where nobody names a hook', { hooks: [] }, {}],
    ['where the host wants none', {}, { hooks: [] }],
  ])('%s', async (_, remote, local) => {
    const { plugin } = await guardServer(remote);
    const logger = recordingLogger();
    const manager = await start({ config: { plugins: [{ ...plugin, ...local }] }, logger });
    expect(manager.hasHooksFor('tool_pre_invoke')).toBe(false);
    expect(logger.lines).toContainEqual({ level: 'warn', fields: { plugin: 'Guard' }, message });
  });

  it('where its server names only hooks that nobody here knows', async () => {
    const own = defineHook({ name: 'robot_pre_move', payload: z.object({ metres: z.number() }) });
    const robot = definePlugin<unknown, HookTypes<[typeof own]>>({ hooks: { robot_pre_move: () => ({}) } });
    const served = await start({
      kinds: { robot },
      hooks: [own],
      config: { plugins: [{ name: 'Guard', kind: 'robot', hooks: ['robot_pre_move'] }] },
    });
    const server = await createPluginServer({
      host: served,
      transport: { kind: 'http', server: { host: '127.0.0.1', port: 0 } },
      hooks: [own],
      logger: silentLogger,
    });
    cleanups.push(() => server.close());
    const logger = recordingLogger();
    await start({ config: { plugins: [{ name: 'Guard', kind: 'external', mcp: http(server.address) }] }, logger });
    expect(logger.lines).toContainEqual({ level: 'warn', fields: { plugin: 'Guard' }, message });
  });

  it('and not where it runs', async () => {
    const { plugin } = await guardServer({});
    const logger = recordingLogger();
    await start({ config: { plugins: [plugin] }, logger });
    expect(logger.lines.filter(({ level }) => level === 'warn')).toEqual([]);
  });
});
