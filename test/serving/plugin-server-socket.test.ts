import { mkdtempSync, existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { PluginServerTransport } from '../../src/hosting/plugin-server.js';
import { startEchoServer } from '../fixtures/hosting/echo-server.js';
import { initialize, openSession, post, send } from '../fixtures/hosting/raw-http.js';

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatechart-socket-'));
  path = join(folder, 'plugins.sock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const on = (uds: string): { transport: PluginServerTransport } => ({
  transport: { kind: 'http', server: { host: '127.0.0.1', port: 0, uds } },
});

it('serves on a socket that only its owner may use, and removes it', async () => {
  const server = await startEchoServer(on(path));
  expect(server.address).toBe(`unix:${path}`);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  await openSession('http://localhost/mcp', { socketPath: path });
  expect((await send('http://localhost/health', { socketPath: path })).body).toBe('{"status":"healthy"}');
  await server.close();
  expect(existsSync(path)).toBe(false);
});

it('takes any host name there, because no web page can reach it', async () => {
  const server = await startEchoServer(on(path));
  expect((await post('http://plugins/mcp', initialize, {}, { socketPath: path })).status).toBe(200);
  await server.close();
});

it('replaces a socket that nobody listens on any more', async () => {
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script]);
  expect(existsSync(path)).toBe(true);
  const server = await startEchoServer(on(path));
  await openSession('http://localhost/mcp', { socketPath: path });
  await server.close();
});

it('refuses a socket that another server listens on, and leaves it alone', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(path, resolve));
  await expect(startEchoServer(on(path))).rejects.toMatchObject({
    code: 'SERVER_START_FAILED',
    message: `Unix socket ${path}: another server listens there; stop it or use another path`,
  });
  expect(existsSync(path)).toBe(true);
  await new Promise((resolve) => other.close(resolve));
});

it('refuses to replace anything that is not a socket', async () => {
  writeFileSync(path, 'precious');
  await expect(startEchoServer(on(path))).rejects.toThrow(
    'there is something else than a socket; remove it or use another path',
  );
});

it('says so when a path is too long for a socket', async () => {
  const long = join(folder, 'x'.repeat(120));
  await expect(startEchoServer(on(long))).rejects.toThrow('at most 107 are possible; use a shorter one');
});

it('says so when the folder does not exist', async () => {
  await expect(startEchoServer(on(join(folder, 'no', 'where.sock')))).rejects.toMatchObject({
    code: 'SERVER_START_FAILED',
  });
});
