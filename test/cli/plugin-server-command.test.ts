import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type PluginServerCommand, runPluginServer } from '../../src/cli/plugin-server.js';
import { createManager, silentLogger } from '../../src/index.js';
import { type Certificates, makeCertificates } from '../fixtures/certificates.js';
import { initialize, openSession, post, send } from '../fixtures/hosting/raw-http.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gatechart-command-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const plugin = 'plugins: [{ name: Quiet, kind: ./quiet.mjs#Quiet, hooks: [tool_pre_invoke] }]\n';

function write(settings = '', plugins = plugin): string {
  writeFileSync(
    join(folder, 'quiet.mjs'),
    'export const Quiet = { create: () => ({ handler: (hook) => (hook === "tool_pre_invoke" ? () => ({}) : undefined), initialize() {}, shutdown() {} }) };\n',
  );
  const path = join(folder, 'plugins.yaml');
  writeFileSync(path, `${plugins}${settings}`);
  return path;
}

/** The command in a process that the test makes up. */
function run(command: PluginServerCommand, over: { env?: NodeJS.ProcessEnv; terminal?: boolean } = {}) {
  const signals = new EventEmitter();
  const stdin = Object.assign(new PassThrough(), { isTTY: over.terminal ?? false });
  const stdout = new PassThrough();
  let errors = '';
  const stderr = { write: (text: string) => (errors += text) };
  const env = { PLUGINS_LOG_LEVEL: 'error', ...over.env };
  const code = runPluginServer(command, { stdin, stdout, stderr, env, signals });
  return { code, signals, stdin, stdout, errors: () => errors };
}

async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return String(typeof address === 'object' ? address?.port : undefined);
}

const health = (port: string) => send(`http://127.0.0.1:${port}/health`).then(({ status }) => status);

describe('where the server listens', () => {
  it.each<[PluginServerCommand, string]>([
    [{ port: '8000' }, '--port is for --transport http or grpc, and this is stdio'],
    [{ transport: 'stdio', uds: '/s' }, '--uds is for --transport http or grpc, and this is stdio'],
    [{ path: '/s' }, '--path is for --transport unix, and this is stdio'],
    [{ transport: 'http', path: '/s' }, '--path is for --transport unix; with http it is --uds'],
    [{ transport: 'grpc', path: '/s' }, '--path is for --transport unix; with grpc it is --uds'],
  ])('is said to nobody by %j', async (command, message) => {
    const server = run({ config: write(), ...command });
    expect([await server.code, server.errors()]).toEqual([2, `gatechart plugin-server: ${message}\n`]);
  });

  it('is what the command line says, over the file, over the environment', async () => {
    const [ours, files, environments] = [await freePort(), await freePort(), await freePort()];
    const env = { PLUGINS_SERVER_PORT: environments, PLUGINS_TRANSPORT: 'http' };
    for (const [command, settings, expected] of [
      [{ port: ours }, `server_settings: { port: ${files} }\n`, ours],
      [{}, `server_settings: { port: ${files} }\n`, files],
      [{}, '', environments],
    ] as const) {
      const { code, signals } = run({ config: write(settings), ...command }, { env });
      await vi.waitFor(async () => expect(await health(expected)).toBe(200), { timeout: 5000 });
      signals.emit('SIGTERM');
      expect(await code).toBe(0);
      await expect(health(expected)).rejects.toThrow('ECONNREFUSED');
    }
  });

  it('is this machine only where the host comes from a variable that is not set', async () => {
    const port = await freePort();
    const config = write(`server_settings: { host: "{{ env.NOT_SET }}", port: ${port} }\n`);
    const { code, signals } = run({ config, transport: 'http' });
    await vi.waitFor(async () => expect(await health(port)).toBe(200), { timeout: 5000 });
    await expect(send(`http://[::1]:${port}/health`)).rejects.toThrow(/ECONNREFUSED|EADDRNOTAVAIL|EAFNOSUPPORT/);
    expect((await post(`http://127.0.0.1:${port}/mcp`, initialize, { host: 'rebound.example' })).status).toBe(421);
    signals.emit('SIGTERM');
    expect(await code).toBe(0);
  });

  it('may be a Unix socket', async () => {
    const uds = join(folder, 'plugins.sock');
    const { code, signals } = run({ config: write(), transport: 'http', uds });
    const answer = () => send('http://localhost/health', { socketPath: uds });
    await vi.waitFor(async () => expect((await answer()).status).toBe(200), { timeout: 5000 });
    signals.emit('SIGINT');
    expect(await code).toBe(0);
  });

  it('is stdio where nothing is said and standard input is no terminal', async () => {
    const { code, stdin, stdout } = run({}, { env: { PLUGINS_CONFIG_PATH: write() } });
    stdin.write(`${initialize}\n`);
    const [line] = await new Promise<unknown[]>((resolve) => stdout.once('data', (...data) => resolve(data)));
    expect(String(line)).toContain('MCP Plugin Server');
    stdin.end();
    expect(await code).toBe(0);
  });

  it('is HTTP where nothing is said and standard input is a terminal', async () => {
    const port = await freePort();
    const { code, signals } = run({ config: write(), port }, { terminal: true });
    await vi.waitFor(async () => expect(await health(port)).toBe(200), { timeout: 5000 });
    signals.emit('SIGTERM');
    expect(await code).toBe(0);
  });

  it('ends when its terminal hangs up', async () => {
    const { code, signals } = run({ config: write(), port: await freePort() }, { terminal: true });
    await vi.waitFor(() => expect(signals.listenerCount('SIGHUP')).toBe(1), { timeout: 5000 });
    signals.emit('SIGHUP');
    expect(await code).toBe(0);
  });

  it('takes no signal listeners along when it ends', async () => {
    const { code, signals, stdin } = run({ config: write() });
    stdin.end();
    await code;
    expect(signals.eventNames()).toEqual([]);
  });
});

describe('TLS by environment', () => {
  let made: Certificates;
  beforeAll(() => {
    made = makeCertificates();
  });
  afterAll(() => made.remove());

  /** For the client's host, because its key is the one that has a password. */
  const files = (prefix: string): NodeJS.ProcessEnv => ({
    [`PLUGINS_${prefix}_SSL_ENABLED`]: 'true',
    [`PLUGINS_${prefix}_SSL_CERTFILE`]: made.client.certfile,
    [`PLUGINS_${prefix}_SSL_KEYFILE`]: made.encryptedKeyfile,
    [`PLUGINS_${prefix}_SSL_KEYFILE_PASSWORD`]: made.password,
    [`PLUGINS_${prefix}_SSL_CA_CERTS`]: made.ca.certfile,
  });

  it.each([
    ['asked for unless it says otherwise', undefined, 'refused'],
    ['asked for with 2', '2', 'refused'],
    ['not asked for with 0', '0', 'taken'],
  ])('over HTTP client certificates are %s', async (_, certReqs, withoutOne) => {
    const port = await freePort();
    const env = { ...files('SERVER'), PLUGINS_SERVER_PORT: port, PLUGINS_SERVER_SSL_CERT_REQS: certReqs };
    const { code, signals } = run({ config: write(), transport: 'http' }, { env });
    const url = `https://127.0.0.1:${port}/mcp`;
    const stranger = { ca: made.ca.cert, servername: 'client.example' };
    const client = { ...stranger, cert: made.client.cert, key: made.client.key };
    await vi.waitFor(() => openSession(url, client), { timeout: 10_000 });
    const opened = await openSession(url, stranger).then(
      () => 'taken',
      () => 'refused',
    );
    expect(opened).toBe(withoutOne);
    signals.emit('SIGTERM');
    expect(await code).toBe(0);
  });

  it.each([
    ['asked for unless it says otherwise', undefined, 'refused'],
    ['asked for with require', 'require', 'refused'],
    ['not asked for with none', 'none', 'taken'],
  ])('over gRPC client certificates are %s', async (_, clientAuth, withoutOne) => {
    const port = await freePort();
    const env = {
      ...files('GRPC_SERVER'),
      PLUGINS_GRPC_SERVER_PORT: port,
      PLUGINS_GRPC_SERVER_SSL_CLIENT_AUTH: clientAuth,
    };
    const { code, signals } = run({ config: write(), transport: 'grpc' }, { env });
    const stranger = { ca_bundle: made.ca.certfile, check_hostname: false };
    const client = { ...stranger, certfile: made.client.certfile, keyfile: made.client.keyfile };
    /** Whether a host with these settings gets the plugin. */
    const reach = async (tls: object, startTimeoutMs: number): Promise<string> => {
      const grpc = { target: `127.0.0.1:${port}`, tls };
      const config = { plugins: [{ name: 'Quiet', kind: 'external', grpc }] };
      const starting = createManager({ config, env: {}, logger: silentLogger, startTimeoutMs });
      return starting.then(
        async (manager) => {
          await manager.close();
          return 'taken';
        },
        () => 'refused',
      );
    };
    expect(await reach(client, 15_000)).toBe('taken');
    // It would go on trying for some seconds.
    expect(await reach(stranger, withoutOne === 'taken' ? 15_000 : 1000)).toBe(withoutOne);
    signals.emit('SIGTERM');
    expect(await code).toBe(0);
  });
});

describe('what cannot be done is said in one message', () => {
  it.each<[string, PluginServerCommand, NodeJS.ProcessEnv, number, RegExp]>([
    [
      'an unknown transport',
      { transport: 'pigeon' },
      {},
      2,
      /--transport pigeon: there is no such transport; use stdio, http, grpc or unix/,
    ],
    [
      'a port that is none',
      { transport: 'http', port: '70000' },
      {},
      2,
      /--port 70000: expected a number from 0 to 65535/,
    ],
    [
      'a socket with a port',
      { transport: 'http', uds: '/tmp/x', port: '1' },
      {},
      2,
      /--uds \/tmp\/x: a Unix socket has no host and no port/,
    ],
    ['a file that is not there', { config: '/no/such.yaml' }, {}, 2, /\/no\/such\.yaml/],
    ['a wrong setting', {}, { PLUGINS_SERVER_PORT: 'many' }, 2, /PLUGINS_SERVER_PORT/],
    [
      'an empty host',
      { transport: 'http', host: '', port: '0' },
      {},
      1,
      /Cannot listen on port 0: the host is empty; give an address, like 127\.0\.0\.1 or 0\.0\.0\.0/,
    ],
    ['an empty host for gRPC', { transport: 'grpc', host: '', port: '0' }, {}, 1, /the host is empty/],
    [
      'an address that is not ours',
      { transport: 'http', host: '192.0.2.1', port: '0' },
      {},
      1,
      /Cannot listen on 192\.0\.2\.1:0: .*EADDRNOTAVAIL/,
    ],
  ])('%s', async (_, command, env, exitCode, message) => {
    const { code, errors } = run({ config: write(), ...command }, { env });
    expect(await code).toBe(exitCode);
    expect(errors()).toMatch(/^gatechart plugin-server: /);
    expect(errors()).toMatch(message);
    expect(errors()).not.toMatch(/\n\s+at /);
  });

  it('a plugin that cannot be loaded', async () => {
    const { code, errors } = run({
      config: write('', 'plugins: [{ name: Gone, kind: ./gone.mjs#Gone, hooks: [tool_pre_invoke] }]\n'),
    });
    expect(await code).toBe(1);
    expect(errors()).toContain('Gone');
  });
});
