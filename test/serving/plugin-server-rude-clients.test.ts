import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PluginServerTransport } from '../../src/hosting/plugin-server.js';
import { hookCall } from '../../src/wire/protobuf/plugin-call.js';
import { type EchoServer, startEchoServer } from '../fixtures/hosting/echo-server.js';
import { initialize, invokeHook, openSession, post, rpc, send } from '../fixtures/hosting/raw-http.js';
import { framed } from '../fixtures/unix/scripted-server.js';

let folder: string;
let server: EchoServer;
const uncaught: unknown[] = [];
const onUncaught = (error: unknown): void => void uncaught.push(error);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gc-rude-'));
  process.on('uncaughtException', onUncaught);
});
afterEach(async () => {
  await server.close();
  process.off('uncaughtException', onUncaught);
  rmSync(folder, { recursive: true });
  expect(uncaught.splice(0)).toEqual([]);
});

const limits = { keepAliveMs: 5, shutdownGraceMs: 2000, requestTimeoutMs: 300 };
const inSession = (id: string) => ({ 'mcp-session-id': id });

function rawPost(body: string, headers: Record<string, string> = {}): string {
  const lines = Object.entries({
    host: 'localhost',
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /mcp HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}

async function open(to: { port: number; host: string } | { path: string }): Promise<Socket> {
  const socket = connect(to);
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  return socket;
}

const addressOf = (url: string) => ({ port: Number(new URL(url).port), host: '127.0.0.1' });

describe('pipelined requests of which the first one is slow', () => {
  it('are all answered, however long the answers of later ones wait for it', async () => {
    server = await startEchoServer({ limits });
    const id = await openSession(server.address);
    const socket = await open(addressOf(server.address));
    let read = '';
    socket.on('data', (chunk: Buffer) => (read += chunk.toString()));
    socket.write(rawPost(invokeHook(2, 'held'), inSession(id)) + rawPost(rpc(3, 'ping'), inSession(id)));
    await vi.waitFor(() => expect(server.host.running).toBe(1));
    await delay(50);
    server.host.release();
    await vi.waitFor(() => expect(read).toContain('"id":3'));
    expect(read.indexOf('its time')).toBeLessThan(read.indexOf('"id":3'));
    socket.destroy();
  });

  it('leave nothing behind when their connection breaks', async () => {
    server = await startEchoServer({ limits: { ...limits, shutdownGraceMs: 10_000 } });
    const id = await openSession(server.address);
    const socket = await open(addressOf(server.address));
    const calls = [2, 3, 4].map((call) => rawPost(invokeHook(call, 'held'), inSession(id)));
    socket.write(calls.join(''));
    await vi.waitFor(() => expect(server.host.running).toBe(3));
    socket.destroy();
    server.host.release();
    await vi.waitFor(() => expect(server.host.running).toBe(0));
    await delay(50);
    const before = performance.now();
    await server.close();
    expect(performance.now() - before).toBeLessThan(2000);
  });
});

it('an answer that its host does not read for a while is not written to any more', async () => {
  server = await startEchoServer({ limits: { ...limits, requestTimeoutMs: 60_000 } });
  const id = await openSession(server.address);
  const socket = await open(addressOf(server.address));
  socket.pause();
  socket.write(rawPost(invokeHook(2, 'x'.repeat(12 * 1024 * 1024)), inSession(id)));
  await vi.waitFor(() => expect(socket.bytesWritten).toBeGreaterThan(12 * 1024 * 1024));
  await delay(500);
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => (bytes += chunk.length));
  socket.resume();
  await vi.waitFor(() => expect(bytes).toBeGreaterThan(12 * 1024 * 1024), { timeout: 10_000 });
  socket.destroy();
});

/** What a client does to its connection, at moments of its own choice. */
type Act =
  | { readonly kind: 'write'; readonly what: number; readonly from: number; readonly to: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'pause' | 'resume' | 'end' | 'reset' | 'destroy' };

const acts = fc.array(
  fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        kind: fc.constant('write' as const),
        what: fc.nat(1000),
        from: fc.constantFrom(0, 0, 0, 0.3),
        to: fc.constantFrom(1, 1, 1, 0.2, 0.6, 0.97),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(15) }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constantFrom('pause', 'resume', 'end', 'reset', 'destroy') }),
    },
  ),
  { minLength: 1, maxLength: 12 },
) satisfies fc.Arbitrary<Act[]>;

async function act(socket: Socket, messages: readonly Buffer[], script: readonly Act[]): Promise<void> {
  for (const step of script) {
    if (socket.destroyed) return;
    switch (step.kind) {
      case 'write': {
        const message = messages[step.what % messages.length] ?? Buffer.alloc(0);
        if (socket.writable) socket.write(message.subarray(step.from * message.length, step.to * message.length));
        break;
      }
      case 'wait':
        await delay(step.ms);
        break;
      case 'pause':
        socket.pause();
        break;
      case 'resume':
        socket.resume();
        break;
      case 'end':
        socket.end();
        break;
      case 'reset':
        // Only TCP has it.
        if (socket.remoteAddress === undefined) socket.destroy();
        else socket.resetAndDestroy();
        break;
      case 'destroy':
        socket.destroy();
        break;
    }
  }
}

/** Runs scripts side by side, then asks whether the server is still itself. */
async function survives(
  to: Parameters<typeof open>[0],
  messages: readonly Buffer[],
  stillServes: () => Promise<void>,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(acts, { minLength: 1, maxLength: 4 }), async (scripts) => {
      const sockets = await Promise.all(scripts.map(() => open(to)));
      await Promise.all(sockets.map((socket, index) => act(socket, messages, scripts[index] ?? [])));
      await delay(10);
      expect(uncaught).toEqual([]);
      await stillServes();
      for (const socket of sockets) socket.destroy();
    }),
    { numRuns: 60, interruptAfterTimeLimit: 12_000 },
  );
}

describe('whatever clients do to their connections, the server stays and serves others', () => {
  it('over HTTP', async () => {
    server = await startEchoServer({ limits });
    const { address } = server;
    const id = await openSession(address);
    const session = inSession(id);
    const get = (more: string) =>
      `GET /mcp HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\nMcp-Session-Id: ${id}\r\n${more}\r\n`;
    const chunked = rawPost('', { ...session, 'content-length': '', 'transfer-encoding': 'chunked' }).replace(
      'content-length: \r\n',
      '',
    );
    const messages = [
      rawPost(initialize),
      rawPost(invokeHook(2, 'short'), session),
      rawPost(invokeHook(6, 'short'), session) + rawPost(rpc(3, 'ping'), session),
      rawPost(invokeHook(7, 'short'), session) + rawPost(invokeHook(8, 'hello'), session),
      rawPost(rpc(3, 'ping'), session),
      rawPost(rpc(undefined, 'notifications/cancelled', { requestId: 2 }), session),
      rawPost(invokeHook(4, 'x'.repeat(300_000)), session),
      rawPost('{nope'),
      rawPost(rpc(5, 'ping'), { ...session, expect: '100-continue' }),
      get(''),
      get('Content-Length: 5\r\n') + 'abcde',
      get('Upgrade: websocket\r\nConnection: Upgrade\r\n'),
      'GET /health HTTP/1.1\r\nHost: x\r\n\r\n',
      'CONNECT evil:1 HTTP/1.1\r\nHost: x\r\n\r\n',
      `DELETE /mcp HTTP/1.1\r\nHost: localhost\r\nMcp-Session-Id: ${id}x\r\n\r\n`,
      `${chunked}2\r\n{}\r\n0\r\n\r\n`,
      `${chunked}zz\r\n`,
      '\r\n\r\nnonsense\r\n\r\n',
    ].map((text) => Buffer.from(text));
    await survives(addressOf(address), messages, async () => {
      expect((await send(new URL('/health', address).href)).status).toBe(200);
      expect((await post(address, rpc(9, 'ping'), session)).status).toBe(200);
    });
  });

  const context = { global_context: { request_id: 'r', state: {}, metadata: {} }, state: {}, metadata: {} };
  const hook = (name: string): Uint8Array =>
    hookCall({ hookName: 'tool_pre_invoke', pluginName: 'Echo', payload: { name, args: {} }, context }, 1000).bytes;

  it('on a Unix socket', async () => {
    const path = join(folder, 's');
    server = await startEchoServer({ transport: { kind: 'unix', path }, limits });
    const messages = [
      framed(hook('short')),
      framed(hook('hello')),
      framed(hook('x'.repeat(300_000))),
      framed(Buffer.from('junk!')),
      framed(Buffer.alloc(0)),
      Buffer.of(0, 255, 255, 255),
      Buffer.of(255, 255, 255, 255, 1, 2),
    ];
    await survives({ path }, messages, async () => {
      const socket = await open({ path });
      const answered = new Promise((resolve) => socket.once('data', resolve));
      socket.write(framed(hook('still there')));
      await answered;
      socket.destroy();
    });
  });

  it('over gRPC', async () => {
    const transport: PluginServerTransport = { kind: 'grpc', server: { host: '127.0.0.1', port: 0 } };
    server = await startEchoServer({ transport, limits });
    const port = Number(server.address.split(':').at(-1));
    const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    const settings = Buffer.from('000000040000000000', 'hex');
    // HEADERS of stream 1: literal ":method: POST" and no more, which is no request of gRPC.
    const headers = Buffer.from('00000101040000000183', 'hex');
    const messages = [
      Buffer.concat([preface, settings]),
      Buffer.concat([preface, settings, headers]),
      Buffer.from('0000080600000000000102030405060708', 'hex'),
      Buffer.from('00000403000000000100000008', 'hex'),
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.from('ffffff000000000001', 'hex'),
    ];
    await survives({ port, host: '127.0.0.1' }, messages, async () => {
      const socket = await open({ port, host: '127.0.0.1' });
      const answered = new Promise((resolve) => socket.once('data', resolve));
      socket.write(Buffer.concat([preface, settings]));
      await answered;
      socket.destroy();
    });
  });
});
