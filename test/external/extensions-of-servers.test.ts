import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  createPluginServer,
  definePlugin,
  type Extensions,
  type PluginContext,
  silentLogger,
} from '../../src/index.js';
import { cleanups } from '../fixtures/cleanups.js';
import { http, start } from '../fixtures/manager/managers.js';
import { recordingLogger } from '../fixtures/recording-logger.js';

const hooks = ['tool_pre_invoke'];
const answered: Extensions = {
  http: { headers: { 'x-trace': '2', Authorization: 'of the server' } },
  security: { labels: ['PII'] },
  custom: { server: 1 },
};

/** A manager that is connected to a server whose plugin answers `answered`, and what that plugin was shown. */
async function connected(transport: 'http' | 'unix' | 'grpc', entry: object) {
  const shown: unknown[] = [];
  const answering = definePlugin({
    hooks: {
      tool_pre_invoke(_payload, { extensions }: PluginContext) {
        shown.push(extensions);
        return { modifiedExtensions: answered };
      },
    },
  });
  const served = { name: 'Guard', kind: 'answering', hooks, capabilities: ['append_labels', 'write_headers'] };
  const host = await start({ kinds: { answering }, config: { plugins: [served] } });
  const folder = mkdtempSync(join(tmpdir(), 'gc-'));
  cleanups.push(async () => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 's');
  const address = { host: '127.0.0.1', port: 0 };
  const server = await createPluginServer({
    host,
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
  const logger = recordingLogger();
  const plugin = { name: 'Guard', kind: 'external', hooks, ...reached[transport], ...entry };
  const manager = await start({ config: { plugins: [plugin] }, logger });
  return { manager, shown, logger };
}

const given: Extensions = {
  request: { traceId: 't' },
  http: { headers: { Authorization: 'of the user', 'X-Trace': '1' } },
  security: { labels: ['internal'] },
  custom: { host: 1 },
};

describe.each(['http', 'unix', 'grpc'] as const)('a plugin behind a server (%s)', (transport) => {
  it('is shown no extensions, and adds to those there are what its server says that it may', async () => {
    const { manager, shown, logger } = await connected(transport, {});
    const payload = { name: 't' };
    const outcome = await manager.invokeHook('tool_pre_invoke', payload, { requestId: '1' }, { extensions: given });
    expect(shown).toEqual([undefined]);
    expect(outcome.modifiedExtensions).toEqual({
      request: { traceId: 't' },
      http: { headers: { Authorization: 'of the user', 'x-trace': '2' } },
      security: { labels: ['internal', 'PII'] },
      custom: { host: 1, server: 1 },
    });
    expect(logger.lines.filter(({ message }) => message.includes('extensions'))).toEqual([]);
  });

  it('adds no more than its host lets it', async () => {
    const { manager, logger } = await connected(transport, { capabilities: [] });
    const payload = { name: 't' };
    const outcome = await manager.invokeHook('tool_pre_invoke', payload, { requestId: '1' }, { extensions: given });
    expect(outcome.modifiedExtensions).toEqual({ ...given, custom: { host: 1, server: 1 } });
    expect(logger.lines.map(({ message }) => message)).toContain(
      'plugin Guard: not all that it wrote to the extensions is taken: http.headers needs the capability write_headers; security.labels needs the capability append_labels',
    );
  });
});
