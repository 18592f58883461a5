import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Certificates, makeCertificates } from '../fixtures/certificates.js';
import { serve } from '../fixtures/transports/http-links.js';
import { callTool, external, folderWith, http, start } from '../fixtures/manager/managers.js';
import { startEchoServer } from '../fixtures/hosting/echo-server.js';
import { startRawServer } from '../fixtures/servers/raw-server.mjs';
import { cleanups } from '../fixtures/cleanups.js';
import { rejection, until } from '../fixtures/waiting.js';
import { recordingLogger } from '../fixtures/recording-logger.js';

/** A manager whose plugin Guard is behind this URL, in this environment. It tries to connect once. */
function reach(url: string, env: NodeJS.ProcessEnv = {}, mcp: object = {}) {
  const config = external(http(url, { reconnect_attempts: 1, replay: 'never', ...mcp }), {
    max_payload_size: 1_000_000_000,
  });
  return start({ config, env });
}

/** What the start is refused with. */
async function messageOf(starting: Promise<unknown>): Promise<string> {
  const error = await rejection(starting);
  expect(error).toMatchObject({ code: 'PLUGIN_LOAD_FAILED' });
  return error instanceof Error ? error.message : '';
}

/** Takes connections and says nothing, not even a TLS greeting. */
async function silentServer(): Promise<string> {
  const server = await startRawServer((socket) => socket.resume());
  cleanups.push(() => server.close());
  return server.url;
}

describe('what the environment says of HTTP connections holds for those of a manager', () => {
  it('PLUGINS_HTTPX_CONNECT_TIMEOUT, TLS included', async () => {
    const url = (await silentServer()).replace('http:', 'https:');
    expect(await messageOf(reach(url, { PLUGINS_HTTPX_CONNECT_TIMEOUT: '0.05' }))).toContain(
      `at ${url} did not give its configuration: it cannot be reached. The last error was: no connection within 50 ms (PLUGINS_HTTPX_CONNECT_TIMEOUT)`,
    );
  });

  it('PLUGINS_HTTPX_READ_TIMEOUT', async () => {
    const url = await silentServer();
    expect(await messageOf(reach(url, { PLUGINS_HTTPX_READ_TIMEOUT: '0.05' }))).toContain(
      `at ${url} did not give its configuration: it cannot be reached. The last error was: nothing received for 50 ms (PLUGINS_HTTPX_READ_TIMEOUT)`,
    );
  });

  it('PLUGINS_HTTPX_WRITE_TIMEOUT', async () => {
    const server = await serve({ json: true });
    const manager = await reach(server.url, { PLUGINS_HTTPX_WRITE_TIMEOUT: '0.2' });
    // The server reads nothing any more, neither from the open connections nor from new ones.
    const pause = (): void => server.sockets.forEach((socket) => void socket.pause());
    pause();
    const pausing = setInterval(pause, 5);
    // More than the buffers of a connection hold, and less than a message may have.
    const error = await rejection(callTool(manager, 'echo', { text: 'x'.repeat(15_000_000) }));
    clearInterval(pausing);
    expect(error).toMatchObject({ message: expect.stringContaining('for 200 ms (PLUGINS_HTTPX_WRITE_TIMEOUT)') });
  });

  it('PLUGINS_HTTPX_MAX_CONNECTIONS and PLUGINS_HTTPX_POOL_TIMEOUT', async () => {
    const server = await serve();
    const manager = await reach(server.url, { PLUGINS_HTTPX_MAX_CONNECTIONS: '1', PLUGINS_HTTPX_POOL_TIMEOUT: '0.05' });
    const abort = new AbortController();
    const held = rejection(callTool(manager, 'sleep', { ms: 60_000 }, { signal: abort.signal }));
    expect(await rejection(callTool(manager, 'echo'))).toMatchObject({
      message: expect.stringContaining('no connection became free within 50 ms: all 1 are in use'),
    });
    abort.abort();
    await held;
  });

  it.each([
    ['PLUGINS_HTTPX_MAX_KEEPALIVE_CONNECTIONS', '0'],
    ['PLUGINS_HTTPX_KEEPALIVE_EXPIRY', '0.05'],
  ])('%s', async (variable, value) => {
    const noStream = ({ method }: { method: string }): boolean => method === 'GET';
    const server = await serve({
      json: true,
      keepAliveMs: 600_000,
      intercept: (seen, response) => noStream(seen) && Boolean(response.writeHead(405).end()),
    });
    const manager = await reach(server.url, { [variable]: value });
    await callTool(manager, 'echo');
    // By default one is kept for half a minute.
    await until('the end of the last connection', () => server.sockets.size === 0);
  });

  it('PLUGINS_SSRF_PROTECTION_ENABLED', async () => {
    expect(await messageOf(reach('http://10.1.2.3/mcp'))).toContain('http://10.1.2.3/mcp is a private address');
    // An address for documentation, which nothing answers at.
    const url = 'http://192.0.2.1/mcp';
    expect(await messageOf(reach(url))).toContain(`${url} is a reserved address`);
    const tried = await messageOf(
      reach(url, { PLUGINS_SSRF_PROTECTION_ENABLED: 'false', PLUGINS_HTTPX_CONNECT_TIMEOUT: '0.1' }),
    );
    expect(tried).toContain('cannot be reached. The last error was');
  });
});

describe('what the environment says of TLS', () => {
  let made: Certificates;
  beforeAll(() => {
    made = makeCertificates();
  });
  afterAll(() => made.remove());

  interface Case {
    /** The name that the server's certificate is for: this machine's, unless it says otherwise. */
    readonly certificate?: 'wrongHost';
    readonly wantsClients?: true;
    /** By the names after `CLIENT_MTLS_`. */
    readonly without: NodeJS.ProcessEnv;
    readonly with: NodeJS.ProcessEnv;
    readonly refusal: string;
  }
  const unknown = 'the authority of the server is not known';
  const us = () => ({ CERTFILE: made.client.certfile, KEYFILE: made.client.keyfile });
  const ca = () => ({ CA_BUNDLE: made.ca.certfile });
  const cases: [string, () => Case][] = [
    ['CA_BUNDLE', () => ({ without: {}, with: ca(), refusal: unknown })],
    ['VERIFY', () => ({ without: { VERIFY: 'true' }, with: { VERIFY: 'false' }, refusal: unknown })],
    [
      'CHECK_HOSTNAME',
      () => ({
        certificate: 'wrongHost',
        without: ca(),
        with: { ...ca(), CHECK_HOSTNAME: 'false' },
        refusal: "the server's certificate is not for this host",
      }),
    ],
    [
      'CERTFILE and KEYFILE',
      () => ({ wantsClients: true, without: ca(), with: { ...ca(), ...us() }, refusal: 'tls.certfile' }),
    ],
    [
      'KEYFILE_PASSWORD',
      () => {
        const encrypted = { ...ca(), ...us(), KEYFILE: made.encryptedKeyfile };
        return {
          wantsClients: true,
          without: encrypted,
          with: { ...encrypted, KEYFILE_PASSWORD: made.password },
          refusal: 'it is encrypted; give tls.keyfile_password',
        };
      },
    ],
  ];
  const named = (prefix: string, env: NodeJS.ProcessEnv): NodeJS.ProcessEnv =>
    Object.fromEntries(Object.entries(env).map(([name, value]) => [`PLUGINS_${prefix}_${name}`, value]));

  describe('holds for HTTP', () => {
    async function serveTls({ certificate, wantsClients }: Partial<Case> = {}): Promise<string> {
      const { cert, key } = made[certificate ?? 'server'];
      const clients = wantsClients === true ? { ca: made.ca.cert, requestCert: true, rejectUnauthorized: true } : {};
      return (await serve({ tls: { cert, key, ...clients } })).url;
    }

    it.each(cases)('PLUGINS_CLIENT_MTLS_ %s', async (_, caseOf) => {
      const { without, refusal, ...one } = caseOf();
      const url = await serveTls(one);
      expect(await messageOf(reach(url, named('CLIENT_MTLS', without)))).toContain(refusal);
      const manager = await reach(url, named('CLIENT_MTLS', one.with));
      expect(await callTool(manager, 'echo')).toMatchObject({ continueProcessing: true });
    });

    it('PLUGINS_SKIP_SSL_VERIFY', async () => {
      const url = await serveTls();
      expect(await messageOf(reach(url))).toContain(unknown);
      const manager = await reach(url, { PLUGINS_SKIP_SSL_VERIFY: 'true' });
      expect(await callTool(manager, 'echo')).toMatchObject({ continueProcessing: true });
    });

    it('unless the plugin has a section of its own', async () => {
      const env = named('CLIENT_MTLS', { CA_BUNDLE: made.otherCa.certfile });
      const manager = await reach(await serveTls(), env, { tls: { ca_bundle: made.ca.certfile } });
      expect(await callTool(manager, 'echo')).toMatchObject({ continueProcessing: true });
    });
  });

  describe('holds for gRPC', () => {
    async function serveTls({ certificate, wantsClients }: Partial<Case> = {}): Promise<string> {
      const { certfile, keyfile } = made[certificate ?? 'server'];
      const clients =
        wantsClients === true ? { caBundle: made.ca.certfile, certReqs: 2 as const } : { certReqs: 0 as const };
      const server = await startEchoServer({
        transport: { kind: 'grpc', server: { host: '127.0.0.1', port: 0, tls: { certfile, keyfile, ...clients } } },
      });
      cleanups.push(() => server.close());
      return server.address.replace('grpcs://', '');
    }
    const reachGrpc = (target: string, env: NodeJS.ProcessEnv, more: object = {}, startTimeoutMs = 15_000) =>
      start({
        config: { plugins: [{ name: 'Echo', kind: 'external', grpc: { target, ...more } }] },
        env,
        startTimeoutMs,
      });

    it.each(cases)('PLUGINS_GRPC_CLIENT_MTLS_ %s', async (_, caseOf) => {
      const one = caseOf();
      const target = await serveTls(one);
      // It would go on trying for some seconds.
      await messageOf(reachGrpc(target, named('GRPC_CLIENT_MTLS', one.without), {}, 1000));
      const manager = await reachGrpc(target, named('GRPC_CLIENT_MTLS', one.with));
      expect(await callTool(manager, 'hello')).toMatchObject({ metadata: { m: 't' } });
    });

    it('unless the plugin has a section of its own', async () => {
      const env = named('GRPC_CLIENT_MTLS', { CA_BUNDLE: made.otherCa.certfile });
      const manager = await reachGrpc(await serveTls(), env, { tls: { ca_bundle: made.ca.certfile } });
      expect(await callTool(manager, 'hello')).toMatchObject({ metadata: { m: 't' } });
    });
  });
});

describe('what a file says of a Unix socket', () => {
  async function served(unixSocket: object = {}) {
    const path = join(folderWith({}), 's');
    const server = await startEchoServer({ transport: { kind: 'unix', path } });
    cleanups.push(() => server.close());
    return { path, server, ...plugin(path, unixSocket) };
  }
  function plugin(path: string, unixSocket: object) {
    return { config: { plugins: [{ name: 'Echo', kind: 'external', unix_socket: { path, ...unixSocket } }] } };
  }

  it('timeout', async () => {
    const { config } = await served({ timeout: 0.3 });
    expect(await rejection(callTool(await start({ config }), 'slow'))).toMatchObject({
      code: 'PLUGIN_TIMEOUT',
      message: expect.stringContaining('Plugin Echo exceeded 0.3s timeout'),
    });
  });

  it('connections', async () => {
    const { path } = await served();
    let opened = 0;
    const counting = createServer((socket) => {
      opened++;
      const onward = connect({ path });
      socket
        .on('error', () => {})
        .pipe(onward.on('error', () => {}))
        .pipe(socket);
    }).listen(`${path}.counting`);
    await once(counting, 'listening');
    cleanups.push(async () => void counting.close());
    const manager = await start(plugin(`${path}.counting`, { connections: 3 }));
    expect(await callTool(manager, 'hello')).toMatchObject({ metadata: { m: 't' } });
    expect(opened).toBe(1);
    await Promise.all(Array.from({ length: 10 }, () => callTool(manager, 'short')));
    expect(opened).toBe(3);
  });

  it('reconnect_attempts', async () => {
    const logger = recordingLogger();
    const nobody = join(folderWith({}), 'nobody');
    const config = plugin(nobody, { reconnect_attempts: 2, reconnect_delay: 0 });
    expect(await messageOf(start({ ...config, logger }))).toContain('there is no such file');
    const states = logger.lines.map(({ fields }) => `${String(fields['state'])} ${String(fields['attempt'])}`);
    expect(states).toEqual(expect.arrayContaining(['connecting 2', 'failed 2']));
    expect(states).not.toContain('connecting 3');
  });

  it('reconnect_delay', async () => {
    const { config, server } = await served({ reconnect_delay: 600 });
    const manager = await start({ config, connection: { stablePeriodMs: 3_600_000, jitter: 0 } });
    await server.close();
    await until('the wait', () => manager.connections[0]?.state === 'reconnecting.backingOff');
    const waits = manager.connections[0]?.nextTimerInMs ?? 0;
    expect(waits).toBeLessThanOrEqual(600_000);
    expect(waits).toBeGreaterThan(500_000);
  });
});
