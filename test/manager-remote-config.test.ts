import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createManagerHost, createPluginServer, definePlugin, silentLogger } from '../src/index.js';
import { cleanups } from './fixtures/http-links.js';
import { callTool, folderWith, http, start } from './fixtures/managers.js';
import { recordingLogger } from './fixtures/transports.js';
import { until } from './fixtures/processes.js';

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
    host: createManagerHost(manager),
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
