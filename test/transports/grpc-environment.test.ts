import { setLogger } from '@grpc/grpc-js';
import { createServer as createHttp2Server, type ServerHttp2Session } from 'node:http2';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createManager } from '../../src/index.js';
import { listenToLibrary } from '../../src/transports/grpc/grpc-log.js';
import { createGrpcTransport } from '../../src/transports/grpc/grpc-transport.js';
import { connectError } from '../../src/transports/grpc/grpc-errors.js';
import { type EchoServer, startEchoServer } from '../fixtures/hosting/echo-server.js';
import { never } from '../fixtures/transports/transports.js';
import { recordingLogger } from '../fixtures/recording-logger.js';

let server: EchoServer | undefined;
let proxy: Server | undefined;

afterEach(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await server?.close();
  server = undefined;
  proxy?.close();
  proxy = undefined;
});

/** What looks like a proxy; how often it was asked. */
async function startProxy(): Promise<{ url: string; asked: () => number }> {
  let asked = 0;
  const listening = createServer((socket) => {
    asked++;
    socket.destroy();
  });
  proxy = listening;
  const port = await new Promise<number>((resolve) => {
    listening.listen(0, '127.0.0.1', () => resolve((listening.address() as AddressInfo).port));
  });
  return { url: `http://127.0.0.1:${port}`, asked: () => asked };
}

describe('a proxy in the environment', () => {
  it.each(['grpc', 'http'] as const)('is not used for a plugin server (%s)', async (kind) => {
    server = await startEchoServer({ transport: { kind, server: { host: '127.0.0.1', port: 0 } } });
    const { url, asked } = await startProxy();
    for (const name of ['grpc_proxy', 'https_proxy', 'http_proxy', 'HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY'])
      vi.stubEnv(name, url);
    vi.stubEnv('NODE_USE_ENV_PROXY', '1');
    const printed = vi.spyOn(console, 'error');
    const section =
      kind === 'grpc'
        ? { grpc: { target: server.address.replace('grpc://', '') } }
        : { mcp: { proto: 'STREAMABLEHTTP' as const, url: server.address } };
    const plugins = [{ name: 'Echo', kind: 'external', hooks: ['tool_pre_invoke'], ...section }];
    const manager = await createManager({ config: { plugins }, logger: recordingLogger() });
    const outcome = await manager.invokeHook('tool_pre_invoke', { name: 'hello', args: {} }, { requestId: 'r' });
    expect(outcome).toMatchObject({ modifiedPayload: { name: 'hello' } });
    await manager.close();
    expect(asked()).toBe(0);
    expect(printed).not.toHaveBeenCalled();
  });
});

describe('what the client library logs', () => {
  /** Servers that find themselves asked too often say so, which the library reports as an error. */
  async function annoyed() {
    const sessions: ServerHttp2Session[] = [];
    const http2 = createHttp2Server();
    http2.on('session', (session) => sessions.push(session));
    const port = await new Promise<number>((resolve) => {
      http2.listen(0, '127.0.0.1', () => resolve((http2.address() as AddressInfo).port));
    });
    return {
      target: `127.0.0.1:${port}`,
      complain: () => sessions.at(-1)?.goaway(11, 0, Buffer.from('too_many_pings')),
      close: () => http2.close(),
    };
  }

  it('about a server of ours goes to the logger of its manager, and the rest where it went before', async () => {
    const { target, complain, close } = await annoyed();
    const printed = vi.spyOn(console, 'error');
    const theirs: string[] = [];
    const host = { error: (message: string) => theirs.push(message) };
    setLogger(host);
    const [ours, others] = [recordingLogger(), recordingLogger()];
    const link = await createGrpcTransport({ name: 'Echo', target, logger: ours }).open(never);
    const other = await annoyed();
    const another = await createGrpcTransport({ name: 'Other', target: other.target, logger: others }).open(never);
    complain();
    await link.closed;
    expect(ours.lines).toMatchObject([
      { level: 'warn', fields: { connection: 'Echo' }, message: expect.stringContaining('excess pings') },
    ]);
    expect(ours.lines[0]?.message).toContain(`Connection to dns:${target} at ${target} `);
    expect(others.lines).toEqual([]);
    await another.close();
    await link.close();
    await vi.waitFor(async () => {
      const { getLogger } = await import('@grpc/grpc-js/build/src/logging.js');
      expect(getLogger()).toBe(host);
    });
    // A channel of the host's own, meanwhile and afterwards.
    const own = await createGrpcTransport({ name: 'Own', target: other.target }).open(never);
    other.complain();
    await own.closed;
    expect(theirs).toEqual([expect.stringContaining('excess pings')]);
    expect(printed).not.toHaveBeenCalled();
    close();
    other.close();
  });

  it('is heard by a link that opens while the last one before it closes', async () => {
    const [first, second] = [recordingLogger(), recordingLogger()];
    const stop = await listenToLibrary('a.example:1', 'First', first);
    stop();
    const stopSecond = await listenToLibrary('b.example:1', 'Second', second);
    await delay(20);
    const { getLogger } = await import('@grpc/grpc-js/build/src/logging.js');
    getLogger().error?.('b.example:1 is tired of us');
    expect(second.lines).toMatchObject([{ level: 'warn' }]);
    stopSecond();
  });
});

it.each(['No connection established. Last error: undefined. Resolution note: ', 'undefined', '', 'null'])(
  'a failure without a reason (%j) has one in its message',
  (details) => {
    expect(connectError('127.0.0.1:1', details, undefined).message).toMatch(/: the connection was given up before/);
  },
);
