import { mkdtempSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { asBytes } from '../../src/wire/protobuf/as-bytes.js';
import { methodPath } from '../../src/wire/protobuf/grpc-packages.js';
import { hookCall } from '../../src/wire/protobuf/plugin-call.js';
import { type Certificates, makeCertificates } from '../fixtures/certificates.js';
import { type EchoServer, startEchoServer } from '../fixtures/hosting/echo-server.js';
import { begin, invokeHook, openSession, post } from '../fixtures/hosting/raw-http.js';
import { RawClient } from '../fixtures/unix/raw-client.js';

let folder: string;
let certificates: Certificates;
beforeAll(() => {
  certificates = makeCertificates();
});
afterAll(() => certificates.remove());
const sockets: Socket[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gc-drain-'));
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  rmSync(folder, { recursive: true });
});

async function open(to: { port: number; host: string } | { path: string }, text: string | Uint8Array): Promise<void> {
  const socket = connect(to);
  sockets.push(socket);
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('connect', resolve));
  if (text.length > 0) socket.write(text);
}

async function closesAtOnce(server: EchoServer): Promise<void> {
  await delay(50);
  const before = performance.now();
  await server.close();
  expect(performance.now() - before).toBeLessThan(3000);
}

const addressOf = (server: EchoServer) => ({ port: Number(new URL(server.address).port), host: '127.0.0.1' });
const limits = { shutdownGraceMs: 20_000 };
const context = { global_context: { request_id: 'r' } };
const call = (name: string): Uint8Array =>
  hookCall({ hookName: 'tool_pre_invoke', pluginName: 'Echo', payload: { name, args: {} }, context }, 1000).bytes;

describe('a server that is closed waits for calls, and for nothing else', () => {
  it('over HTTP: half a body, half a head, an idle connection, an open stream, a pipelined half', async () => {
    const server = await startEchoServer({ limits });
    const to = addressOf(server);
    const id = await openSession(server.address);
    const head = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: */*\r\nMcp-Session-Id: ${id}\r\n`;
    await open(to, `${head}Content-Length: 1000\r\n\r\n{"jsonrpc"`);
    await open(to, `${head}Transfer-Encoding: chunked\r\n\r\n5\r\n{"jso\r\n`);
    await open(to, `${head}Content-`);
    await open(to, '');
    await open(to, 'GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n');
    const ping = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
    await open(to, `${head}Content-Length: ${ping.length}\r\n\r\n${ping}${head}Content-Length: 50\r\n\r\n{`);
    const stream = await begin(server.address, { headers: { accept: 'text/event-stream', 'mcp-session-id': id } });
    await closesAtOnce(server);
    await stream.body.catch(() => {});
  });

  it('over HTTP: answers the calls that run', async () => {
    const server = await startEchoServer({ limits });
    const id = await openSession(server.address);
    const head = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: */*\r\nMcp-Session-Id: ${id}\r\n`;
    await open(addressOf(server), `${head}Content-Length: 1000\r\n\r\n{"jsonrpc"`);
    const running = post(server.address, invokeHook(2, 'short'), { 'mcp-session-id': id });
    await vi.waitFor(() => expect(server.host.running).toBe(1));
    await closesAtOnce(server);
    expect((await running).body).toContain('its time');
  });

  it('over HTTPS: a handshake that is not finished, and one that has not begun', async () => {
    const tls = { certfile: certificates.server.certfile, keyfile: certificates.server.keyfile, certReqs: 0 } as const;
    const server = await startEchoServer({
      transport: { kind: 'http', server: { host: '127.0.0.1', port: 0, tls } },
      limits,
    });
    await open(addressOf(server), '');
    await open(addressOf(server), Buffer.from('16030100c8010000c40303', 'hex'));
    await closesAtOnce(server);
  });

  it('on a Unix socket: half a frame, half a length, an idle connection', async () => {
    const path = join(folder, 's');
    const server = await startEchoServer({ transport: { kind: 'unix', path }, limits });
    await open({ path }, Buffer.of(0, 0, 1, 0, 1, 2, 3));
    await open({ path }, Buffer.of(0, 0));
    await open({ path }, '');
    await closesAtOnce(server);
  });

  it('on a Unix socket: answers the calls that run', async () => {
    const path = join(folder, 's');
    const server = await startEchoServer({ transport: { kind: 'unix', path }, limits });
    await open({ path }, Buffer.of(0, 0, 1, 0, 1, 2, 3));
    const client = await RawClient.open(path);
    sockets.push(client.socket);
    client.send(call('short'));
    await vi.waitFor(() => expect(server.host.running).toBe(1));
    await closesAtOnce(server);
    expect(client.answers).toHaveLength(1);
  });

  it('over gRPC: an idle client, half a request, a watcher, and no HTTP/2 at all', async () => {
    const server = await startEchoServer({
      transport: { kind: 'grpc', server: { host: '127.0.0.1', port: 0 } },
      limits,
    });
    const target = server.address.replace('grpc://', '');
    const to = { port: Number(target.split(':')[1]), host: '127.0.0.1' };
    await open(to, '');
    await open(to, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    const client = new Client(target, credentials.createInsecure());
    const path = methodPath('mcpgateway.plugins', 'InvokeHook');
    const half = client.makeClientStreamRequest(path, asBytes, asBytes, new Metadata(), {}, () => {});
    const watch = client.makeServerStreamRequest('/grpc.health.v1.Health/Watch', asBytes, asBytes, Buffer.alloc(0));
    for (const stream of [half, watch]) stream.on('error', () => {});
    watch.resume();
    const answered = new Promise<unknown>((resolve) => {
      client.makeUnaryRequest(path, asBytes, asBytes, asBytes(call('short')), (error, answer) =>
        resolve(error ?? answer),
      );
    });
    await vi.waitFor(() => expect(server.host.running).toBe(1));
    await closesAtOnce(server);
    expect(String(await answered)).toContain('its time');
    client.close();
  });
});
