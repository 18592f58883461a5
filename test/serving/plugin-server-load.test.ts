import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FairShare, type Share } from '../../src/serving/fair-share.js';
import type { PluginServerLimits } from '../../src/hosting/plugin-server.js';
import { asBytes } from '../../src/wire/protobuf/as-bytes.js';
import { methodPath } from '../../src/wire/protobuf/grpc-packages.js';
import { decodeMessage, types } from '../../src/wire/protobuf/descriptor.js';
import { hookCall } from '../../src/wire/protobuf/plugin-call.js';
import { type EchoServer, startEchoServer } from '../fixtures/hosting/echo-server.js';
import { initialize, invokeHook, openSession, post, type RawAnswer, rpc, send } from '../fixtures/hosting/raw-http.js';
import { RawClient } from '../fixtures/unix/raw-client.js';

let folder: string;
let server: EchoServer;
const cleanups: (() => void)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gc-load-'));
});
afterEach(async () => {
  server?.host.release();
  for (const cleanup of cleanups.splice(0)) cleanup();
  await server?.close();
  rmSync(folder, { recursive: true });
});

const inSession = (id: string) => ({ 'mcp-session-id': id });
const running = (count: number): Promise<void> =>
  vi.waitFor(() => expect(server.host.running).toBe(count), { timeout: 5000, interval: 5 });
const call = hookCall(
  {
    hookName: 'tool_pre_invoke',
    pluginName: 'Echo',
    payload: { name: 'held', args: {} },
    context: { global_context: { request_id: 'r' } },
  },
  1000,
);
const quickCall = hookCall(
  {
    hookName: 'tool_pre_invoke',
    pluginName: 'Echo',
    payload: { name: 'hello', args: {} },
    context: { global_context: { request_id: 'r' } },
  },
  1000,
);

describe('what is shared', () => {
  const most = 20;
  const mostEach = 15;

  it('is never given away much beyond what there is, and nobody is left with less than an equal part', () => {
    const steps = fc.array(fc.record({ who: fc.nat(5), amount: fc.integer({ min: -8, max: 8 }) }), { maxLength: 200 });
    fc.assert(
      fc.property(steps, (script) => {
        const fair = new FairShare({ most, mostEach });
        const shares: Share[] = Array.from({ length: 6 }, () => fair.open());
        for (const { who, amount } of script) {
          const share = shares[who];
          if (share === undefined) continue;
          if (amount <= 0) {
            share.give(Math.min(-amount, share.held));
            continue;
          }
          const before = share.held;
          const refusal = share.take(amount);
          expect(share.held).toBe(refusal === undefined ? before + amount : before);
          if (before + amount > mostEach) expect(refusal).toBe('ownLimit');
          else if (before + amount <= most / shares.length) expect(refusal).toBeUndefined();
          expect(fair.held).toBe(shares.reduce((sum, { held }) => sum + held, 0));
          // Each one's last grab may be one that an equal part allowed.
          expect(fair.held).toBeLessThanOrEqual(2 * most);
        }
      }),
    );
  });
});

describe('over HTTP', () => {
  const serve = async (limits: Partial<PluginServerLimits>): Promise<void> => {
    server = await startEchoServer({ limits });
  };
  const ask = (session: string, id: number, tool: string): Promise<RawAnswer> =>
    post(server.address, invokeHook(id, tool), inSession(session));

  it('a session with too many calls is told so, and the others are served', async () => {
    await serve({ maxSessionCalls: 3 });
    const greedy = await openSession(server.address);
    const calls = [1, 2, 3].map((id) => ask(greedy, id, 'held'));
    await running(3);
    const refused = await ask(greedy, 4, 'held');
    expect(refused).toMatchObject({ status: 429, headers: { 'retry-after': '1' } });
    expect(JSON.parse(refused.body)).toMatchObject({
      id: 4,
      error: {
        code: -32005,
        message: 'The server is busy: 3 calls of this client are running already; try again later',
      },
    });
    expect((await post(server.address, rpc(5, 'ping'), inSession(greedy))).status).toBe(200);
    expect((await ask(await openSession(server.address), 1, 'hello')).body).toContain('hello');
    server.host.release();
    for (const answer of await Promise.all(calls)) expect(answer.body).toContain('its time');
    expect((await ask(greedy, 6, 'hello')).body).toContain('hello');
  });

  it('a server with too many calls still runs some of those who have few', async () => {
    await serve({ maxCalls: 4, maxSessionCalls: 100 });
    const greedy = await openSession(server.address);
    const modest = await openSession(server.address);
    const calls = [1, 2, 3, 4].map((id) => ask(greedy, id, 'held'));
    await running(4);
    expect(await ask(greedy, 5, 'held')).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect((await ask(modest, 1, 'hello')).status).toBe(200);
    server.host.release();
    await Promise.all(calls);
  });

  it('calls whose clients are gone count until they are over', async () => {
    await serve({ maxSessionCalls: 2 });
    const id = await openSession(server.address);
    const gone = [1, 2].map((call) => ask(id, call, 'held'));
    await running(2);
    for (const call of [1, 2]) {
      await post(server.address, rpc(undefined, 'notifications/cancelled', { requestId: call }), inSession(id));
    }
    await Promise.all(gone);
    expect((await ask(id, 3, 'held')).status).toBe(429);
    server.host.release();
    await running(0);
    expect((await ask(id, 4, 'hello')).status).toBe(200);
  });

  it('a call whose client is gone does not answer the next one of the same id', async () => {
    await serve({});
    const id = await openSession(server.address);
    const abort = new AbortController();
    const gone = post(server.address, invokeHook(7, 'held'), inSession(id), { signal: abort.signal }).catch(
      () => 'gone',
    );
    await running(1);
    abort.abort();
    expect(await gone).toBe('gone');
    let second = Promise.resolve<unknown>(undefined);
    // Until the server has noticed, the id is in use.
    await vi.waitFor(async () => {
      second = ask(id, 7, 'slow');
      expect(await Promise.race([second, delay(100, 'waiting')])).toBe('waiting');
    });
    server.host.release();
    await running(1);
    expect(await Promise.race([second, delay(100, 'waiting')])).toBe('waiting');
    await post(server.address, rpc(undefined, 'notifications/cancelled', { requestId: 7 }), inSession(id));
    expect(await second).toMatchObject({ status: 200, body: '' });
  });

  it('answers health checks at once while a thousand calls run and ten thousand are refused', async () => {
    await serve({ maxSessionCalls: 1000 });
    const id = await openSession(server.address);
    const socket = connect(Number(new URL(server.address).port), '127.0.0.1');
    cleanups.push(() => socket.destroy());
    socket.resume();
    const body = invokeHook(1, 'held');
    for (let call = 1; call <= 11_000; call++) {
      const text = body.replace('"id":1', `"id":${call}`);
      socket.write(
        `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: */*\r\nMcp-Session-Id: ${id}\r\nContent-Length: ${text.length}\r\n\r\n${text}`,
      );
    }
    await running(1000);
    const before = performance.now();
    expect((await send(new URL('/health', server.address).href)).status).toBe(200);
    expect(performance.now() - before).toBeLessThan(1000);
    expect(server.host.running).toBe(1000);
  });

  it('a body that would make it hold too much is refused, and others are not', async () => {
    await serve({ maxHeldBytes: 1_000_000 });
    const greedy = await openSession(server.address);
    const modest = await openSession(server.address);
    const large = (id: number) => invokeHook(id, 'held', { global_context: { request_id: 'x'.repeat(400_000) } });
    const calls = [1, 2].map((id) => post(server.address, large(id), inSession(greedy)));
    await running(2);
    const refused = await post(server.address, large(3), inSession(greedy));
    expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect((await ask(modest, 1, 'hello')).status).toBe(200);
    server.host.release();
    await Promise.all(calls);
    expect((await post(server.address, large(4), inSession(greedy))).status).toBe(200);
  });

  it('bodies that come without a session keep nobody from opening one', async () => {
    await serve({ maxHeldBytes: 200_000 });
    for (let count = 0; count < 10; count++) {
      const socket = connect(Number(new URL(server.address).port), '127.0.0.1');
      cleanups.push(() => socket.destroy());
      socket.on('error', () => {});
      socket.write(
        'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: */*\r\nContent-Length: 100000\r\n\r\n',
      );
      socket.write('x'.repeat(99_000));
    }
    await delay(100);
    expect((await ask(await openSession(server.address), 1, 'hello')).status).toBe(200);
  });

  it('a client that opens sessions without end pushes out none that is used', async () => {
    await serve({ maxSessions: 5 });
    const used = await openSession(server.address);
    await ask(used, 1, 'hello');
    for (let count = 0; count < 20; count++) await openSession(server.address);
    expect((await ask(used, 2, 'hello')).status).toBe(200);
  });

  it('streams that are held open keep no new client out', async () => {
    await serve({ maxSessions: 2 });
    for (let count = 0; count < 2; count++) {
      const id = await openSession(server.address);
      const headers = { accept: 'text/event-stream', ...inSession(id) };
      void send(server.address, { headers }).catch(() => {});
    }
    expect((await ask(await openSession(server.address), 1, 'hello')).status).toBe(200);
  });
});

it('over stdio, a host with too many calls is told so, and can still cancel', async () => {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  let written = '';
  stdout.on('data', (chunk: Buffer) => (written += chunk.toString()));
  server = await startEchoServer({
    transport: { kind: 'stdio', stdin, stdout },
    limits: { maxSessionCalls: 2, shutdownGraceMs: 50 },
  });
  stdin.write(`${initialize}\n`);
  for (const id of [2, 3]) stdin.write(`${invokeHook(id, 'slow')}\n`);
  stdin.write(`${invokeHook(4, 'hello')}\n`);
  await vi.waitFor(() => expect(written).toContain('"id":4,"error":{"code":-32005'));
  stdin.write(`${rpc(undefined, 'notifications/cancelled', { requestId: 2 })}\n`);
  await running(1);
  stdin.write(`${invokeHook(5, 'hello')}\n`);
  await vi.waitFor(() => expect(written).toMatch(/"id":5/));
  expect(written).not.toContain('"id":2');
});

it('over gRPC, a connection with too many calls is told so, and the others are served', async () => {
  server = await startEchoServer({
    transport: { kind: 'grpc', server: { host: '127.0.0.1', port: 0 } },
    limits: { maxSessionCalls: 2 },
  });
  const target = server.address.replace('grpc://', '');
  const client = () => {
    const opened = new Client(target, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
    cleanups.push(() => opened.close());
    return (bytes: Uint8Array): Promise<Buffer> =>
      new Promise((resolve, reject) => {
        const path = methodPath('mcpgateway.plugins', 'InvokeHook');
        opened.makeUnaryRequest(path, asBytes, asBytes, asBytes(bytes), new Metadata(), {}, (error, answer) => {
          if (error === null && answer !== undefined) resolve(answer);
          else reject(error ?? new Error('no answer'));
        });
      });
  };
  const [greedy, modest] = [client(), client()];
  const calls = [greedy(call.bytes), greedy(call.bytes)];
  await running(2);
  const refused: ServiceError = await greedy(call.bytes).then(
    () => expect.unreachable(),
    (error: ServiceError) => error,
  );
  expect(refused.code).toBe(status.RESOURCE_EXHAUSTED);
  expect(refused.details).toContain('2 calls of this client are running already');
  expect((await modest(quickCall.bytes)).length).toBeGreaterThan(0);
  server.host.release();
  await Promise.all(calls);
});

it('on a Unix socket, a server with too many calls says so, and still runs some of those who have few', async () => {
  const path = join(folder, 's');
  server = await startEchoServer({ transport: { kind: 'unix', path }, limits: { maxCalls: 4 } });
  const [greedy, modest] = [await RawClient.open(path), await RawClient.open(path)];
  cleanups.push(
    () => greedy.socket.destroy(),
    () => modest.socket.destroy(),
  );
  greedy.send(...Array.from({ length: 5 }, () => call.bytes));
  await running(4);
  modest.send(quickCall.bytes);
  await vi.waitFor(() => expect(modest.answers).toHaveLength(1));
  expect(Object.hasOwn(decodeMessage(types.invokeHookResponse, modest.answers[0]!), 'error')).toBe(false);
  server.host.release();
  await vi.waitFor(() => expect(greedy.answers).toHaveLength(5));
  expect(decodeMessage(types.invokeHookResponse, greedy.answers[4]!)).toMatchObject({
    plugin_name: 'Echo',
    error: { code: 'SERVER_BUSY', message: expect.stringContaining('4 calls are running already') },
  });
});
