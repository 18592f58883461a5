import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { runPluginServer } from '../../src/cli/plugin-server.js';
import { createPluginServer, definePlugin, silentLogger } from '../../src/index.js';
import { cleanups } from '../fixtures/cleanups.js';
import { servedOver } from '../fixtures/hosting/served-plugins.js';
import { folderWith, http, start } from '../fixtures/manager/managers.js';
import { cli, freePort } from '../fixtures/processes/processes.js';
import { until } from '../fixtures/waiting.js';

const guard = `
import { Plugin } from 'gatechart';
import { z } from 'zod';
export class Guard extends Plugin {
  static config = z.object({ limit: z.number() });
  toolPreInvoke() { return { metadata: { limit: this.setup.config.limit } }; }
}
`;
const served = {
  name: 'Guard',
  kind: './guard.mjs#Guard',
  hooks: ['tool_pre_invoke'],
  priority: 7,
  config: { limit: 5 },
};
const section = { http: 'server_settings', grpc: 'grpc_server_settings', unix: 'unix_socket_server_settings' } as const;

/** A file of a plugin server, and where it listens. */
async function server(transport: keyof typeof section, settings: object) {
  const folder = folderWith({ 'guard.mjs': guard });
  const socket = join(folder, 's');
  const port = await freePort();
  const address = transport === 'unix' ? { path: socket } : { port };
  const file = { plugins: [served], [section[transport]]: { ...address, ...settings } };
  const config = join(folderWith({ 'guard.mjs': guard, 'plugins.yaml': JSON.stringify(file) }), 'plugins.yaml');
  const reached = {
    http: { mcp: http(`http://127.0.0.1:${port}/mcp`) },
    unix: { unix_socket: { path: socket } },
    grpc: { grpc: { target: `127.0.0.1:${port}` } },
  };
  return { config, reached: reached[transport] };
}

async function run(transport: string, config: string): Promise<void> {
  const signals = new EventEmitter();
  const stdin = Object.assign(new PassThrough(), { isTTY: false });
  const stdout = new PassThrough();
  const io = { stdin, stdout, stderr: { write: () => undefined }, env: { PLUGINS_LOG_LEVEL: 'fatal' }, signals };
  const ended = runPluginServer({ config, transport }, io);
  cleanups.push(async () => {
    signals.emit('SIGTERM');
    expect(await ended).toBe(0);
  });
  await until('the server listens', () => signals.listenerCount('SIGTERM') === 1);
}

/** What a host of the plugin knows of it, and whether the plugin has its own settings all the same. */
async function known(reached: object) {
  const manager = await start({ config: { plugins: [{ name: 'Guard', kind: 'external', ...reached }] } });
  const { metadata } = await manager.invokeHook('tool_pre_invoke', { name: 't' }, { requestId: '1' });
  const [entry] = manager.configs;
  return { config: entry?.config, priority: entry?.priority, limit: metadata['limit'] };
}

describe.each(servedOver)('expose_config of a plugin server over %s', (transport) => {
  it.each([
    [{}, { limit: 5 }],
    [{ expose_config: true }, { limit: 5 }],
    [{ expose_config: 'no' }, undefined],
  ])('%j tells hosts %j', async (settings, config) => {
    const { config: file, reached } = await server(transport, settings);
    await run(transport, file);
    expect(await known(reached)).toEqual({ config, priority: 7, limit: 5 });
  });
});

it('over stdio that of server_settings holds', async () => {
  const { config: file } = await server('http', { expose_config: false });
  const cmd = [process.execPath, cli, 'plugin-server', '--transport', 'stdio', '--config', file];
  expect(await known({ mcp: { proto: 'STDIO', cmd } })).toEqual({ config: undefined, priority: 7, limit: 5 });
});

it('a server of one’s own leaves it out of what it tells itself, too', async () => {
  const plugin = definePlugin({ hooks: { tool_pre_invoke: () => ({ metadata: { limit: 5 } }) } });
  const host = await start({ kinds: { plugin }, config: { plugins: [{ ...served, kind: 'plugin' }] } });
  const own = await createPluginServer({
    host,
    transport: { kind: 'http', server: { host: '127.0.0.1', port: 0 } },
    logger: silentLogger,
    describeConfig: ({ name, hooks, priority, config }) => ({ name, hooks, priority, config }),
    exposeConfig: false,
  });
  cleanups.push(() => own.close());
  expect(await known({ mcp: http(own.address) })).toEqual({ config: undefined, priority: 7, limit: 5 });
});
