import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { methodPath } from '../../src/wire/protobuf/grpc-packages.js';
import { hookCall } from '../../src/wire/protobuf/plugin-call.js';
import { initialize, invokeHook, openSession } from '../fixtures/hosting/raw-http.js';
import { framed } from '../fixtures/unix/scripted-server.js';
import { until } from '../fixtures/waiting.js';

const args = ['--import', 'tsx', fileURLToPath(new URL('../fixtures/hosting/serve-echo.ts', import.meta.url))];
const mib = 1024 * 1024;

let folder: string;
let child: ChildProcessWithoutNullStreams;
const sockets: Socket[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gc-memory-'));
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  child.kill('SIGKILL');
  rmSync(folder, { recursive: true });
});

/** A server in a process of its own, and the address it says. */
async function start(env: Record<string, string> = {}): Promise<string> {
  child = spawn(process.execPath, args, { env: { PATH: process.env['PATH'], ...env } });
  if (Object.keys(env).length === 0) return '';
  const [line] = await once(child.stderr, 'data');
  return String(line).trim();
}

/** The most memory that the server has had so far. */
function peakBytes(): number {
  const kibibytes = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
  return Number(kibibytes) * 1024;
}

async function open(to: { port: number; host: string } | { path: string }): Promise<Socket> {
  const socket = connect(to);
  sockets.push(socket);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Writes until the other side has taken nothing for a second, or as often as told; gives how often. */
async function writeUntilStuck(
  to: Writable,
  what: (count: number) => string | Uint8Array,
  most: number,
): Promise<number> {
  for (let count = 0; count < most; count++) {
    if (to.write(what(count))) continue;
    if ((await Promise.race([once(to, 'drain'), delay(1000, 'stuck')])) === 'stuck') return count + 1;
  }
  return most;
}

it('over HTTP, bodies cost what they weigh, in whatever pieces they come', async () => {
  const address = await start({ ECHO_PORT: '0' });
  const id = await openSession(address);
  const before = peakBytes();
  const socket = await open({ port: Number(new URL(address).port), host: '127.0.0.1' });
  socket.write(
    `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: */*\r\nMcp-Session-Id: ${id}\r\nTransfer-Encoding: chunked\r\n\r\n`,
  );
  const body = invokeHook(2, 'x'.repeat(2 * mib));
  for (let at = 0; at < body.length; at += 50_000) {
    const chunks = body.slice(at, at + 50_000).replaceAll(/./gs, '1\r\n$&\r\n');
    if (!socket.write(chunks)) await once(socket, 'drain');
  }
  let read = 0;
  socket.on('data', (chunk: Buffer) => (read += chunk.length));
  socket.write('0\r\n\r\n');
  await until('the answer', () => read >= 2 * mib);
  expect(peakBytes() - before).toBeLessThan(150 * mib);
});

it('over stdio, lines cost what they weigh, and nothing is read while nobody reads the answers', async () => {
  await start();
  child.stdin.write(`${initialize}\n`);
  await once(child.stdout, 'data');
  child.stdout.pause();
  const before = peakBytes();
  const text = 'x'.repeat(100_000);
  const asked = await writeUntilStuck(child.stdin, (count) => `${invokeHook(count + 2, text)}\n`, 5000);
  expect(asked).toBeLessThan(5000);
  expect(peakBytes() - before).toBeLessThan(150 * mib);
  let answers = 0;
  child.stdout.on('data', (chunk: Buffer) => (answers += chunk.toString('latin1').split('\n').length - 1));
  child.stdout.resume();
  await until('all answers', () => answers >= asked);
});

it('on a Unix socket, nothing is read while nobody reads the answers', async () => {
  const path = join(folder, 's');
  await start({ ECHO_PATH: path });
  const before = peakBytes();
  const context = { global_context: { request_id: 'r' } };
  const payload = { name: 'x'.repeat(100_000), args: {} };
  const frame = framed(hookCall({ hookName: 'tool_pre_invoke', pluginName: 'Echo', payload, context }, 1000).bytes);
  const socket = await open({ path });
  socket.pause();
  const asked = await writeUntilStuck(socket, () => frame, 5000);
  expect(asked).toBeLessThan(5000);
  expect(peakBytes() - before).toBeLessThan(150 * mib);
  let read = 0;
  socket.on('data', (chunk: Buffer) => (read += chunk.length));
  socket.resume();
  await until('all answers', () => read >= asked * 100_000);
});

it('over HTTP, clients that never read and pipeline are not read either', async () => {
  const address = await start({ ECHO_PORT: '0' });
  const id = await openSession(address);
  const before = peakBytes();
  const socket = await open({ port: Number(new URL(address).port), host: '127.0.0.1' });
  socket.pause();
  const text = 'x'.repeat(100_000);
  const ask = (count: number): string => {
    const body = invokeHook(count + 2, text);
    return `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: */*\r\nMcp-Session-Id: ${id}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  };
  expect(await writeUntilStuck(socket, ask, 5000)).toBeLessThan(5000);
  expect(peakBytes() - before).toBeLessThan(150 * mib);
});

it('over gRPC, a client that never reads is not answered without end', async () => {
  const address = await start({ ECHO_GRPC_PORT: '0' });
  const before = peakBytes();
  const session = connectHttp2(address.replace('grpc:', 'http:'), {
    maxSessionMemory: 4000,
    settings: { initialWindowSize: 0 },
  });
  session.on('error', () => {});
  const context = { global_context: { request_id: 'r' } };
  const payload = { name: 'x'.repeat(500_000), args: {} };
  const { bytes } = hookCall({ hookName: 'tool_pre_invoke', pluginName: 'Echo', payload, context }, 1000);
  const message = Buffer.concat([Buffer.of(0), framed(bytes)]);
  const path = methodPath('mcpgateway.plugins', 'InvokeHook');
  const statuses: unknown[] = [];
  for (let count = 0; count < 900; count++) {
    const headers = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' };
    const stream = session.request(headers);
    stream.on('error', () => {});
    stream.end(message);
    const [answer] = await once(stream, 'response');
    statuses.push(answer['grpc-status']);
  }
  session.destroy();
  // The first ones are answered, as far as they can be sent; the others are told that there is no room.
  expect(new Set(statuses)).toEqual(new Set([undefined, String(status.RESOURCE_EXHAUSTED)]));
  expect(peakBytes() - before).toBeLessThan(650 * mib);
});

it('a server that is told to end ends at once, whatever is half sent', async () => {
  const address = await start({ ECHO_PORT: '0' });
  for (let count = 0; count < 5; count++) {
    const socket = await open({ port: Number(new URL(address).port), host: '127.0.0.1' });
    socket.write(
      'POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: */*\r\nContent-Length: 9999\r\n\r\n{',
    );
  }
  await delay(50);
  const ended = once(child, 'exit');
  const before = performance.now();
  child.kill('SIGTERM');
  expect(await ended).toEqual([0, null]);
  expect(performance.now() - before).toBeLessThan(3000);
});
