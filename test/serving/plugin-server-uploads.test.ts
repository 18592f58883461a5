import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { asBytes } from '../../src/wire/protobuf/as-bytes.js';
import { methodPath } from '../../src/wire/protobuf/grpc-packages.js';
import { decodeMessage, types } from '../../src/wire/protobuf/descriptor.js';
import { hookCall } from '../../src/wire/protobuf/plugin-call.js';
import { type EchoServer, startEchoServer } from '../fixtures/hosting/echo-server.js';
import { initialize, invokeHook, openSession, post } from '../fixtures/hosting/raw-http.js';
import { RawClient } from '../fixtures/unix/raw-client.js';
import { framed } from '../fixtures/unix/scripted-server.js';

let folder: string;
let server: EchoServer;
const cleanups: (() => void)[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gc-uploads-'));
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) cleanup();
  await server.close();
  rmSync(folder, { recursive: true });
});

const limits = { maxHeldBytes: 1_000_000 };
const request = (name: string): Uint8Array =>
  hookCall(
    {
      hookName: 'tool_pre_invoke',
      pluginName: 'Echo',
      payload: { name, args: {} },
      context: { global_context: { request_id: 'r' } },
    },
    1000,
  ).bytes;
const large = request('x'.repeat(600_000));
const small = request('hello');

describe('over gRPC', () => {
  const message = (bytes: Uint8Array, compressed = 0): Buffer => Buffer.concat([Buffer.of(compressed), framed(bytes)]);
  const open = (): ClientHttp2Session => {
    const session = connectHttp2(server.address.replace('grpc:', 'http:'));
    session.on('error', () => {});
    cleanups.push(() => session.destroy());
    return session;
  };
  const begin = (session: ClientHttp2Session, more: Record<string, string> = {}): ClientHttp2Stream => {
    const path = methodPath('mcpgateway.plugins', 'InvokeHook');
    const headers = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers', ...more };
    const stream = session.request(headers);
    stream.on('error', () => {});
    stream.resume();
    return stream;
  };
  /** The status a call ends with. */
  const statusOf = (stream: ClientHttp2Stream): Promise<number> =>
    new Promise((resolve) => {
      for (const event of ['response', 'trailers'] as const) {
        stream.on(event, (headers: Record<string, unknown>) => {
          if (headers['grpc-status'] !== undefined) resolve(Number(headers['grpc-status']));
        });
      }
    });

  beforeEach(async () => {
    server = await startEchoServer({ transport: { kind: 'grpc', server: { host: '127.0.0.1', port: 0 } }, limits });
  });

  it('requests that have not come whole are held only as far as there is room, and others are served', async () => {
    const greedy = open();
    const halves = [begin(greedy), begin(greedy)];
    const statuses = halves.map(statusOf);
    const closed = halves.map((stream) => once(stream, 'close'));
    for (const half of halves) half.write(message(large).subarray(0, 550_000));
    const refused = await Promise.race(statuses.map((code, index) => code.then(() => index)));
    expect(await statuses[refused]).toBe(status.RESOURCE_EXHAUSTED);
    await closed[refused];
    const modest = begin(open());
    modest.end(message(small));
    expect(await statusOf(modest)).toBe(status.OK);
    // What was refused counts no more.
    halves[1 - refused]?.end(message(large).subarray(550_000));
    expect(await statuses[1 - refused]).toBe(status.OK);
    const next = begin(greedy);
    next.end(message(large));
    expect(await statusOf(next)).toBe(status.OK);
  });

  it('a request costs what its pieces cost', async () => {
    const stream = begin(open());
    const ended = statusOf(stream);
    const bytes = message(large);
    let sent = 0;
    while (sent < 20_000 && !stream.destroyed && !stream.writableEnded) {
      stream.write(bytes.subarray(sent, ++sent));
      await setImmediate();
    }
    expect(await ended).toBe(status.RESOURCE_EXHAUSTED);
    expect(sent).toBeLessThan(20_000);
  }, 20_000);

  it('a request costs what it is when it is decompressed', async () => {
    const session = open();
    const bombs = [1, 2].map(() => begin(session, { 'grpc-encoding': 'gzip' }));
    const statuses = bombs.map(statusOf);
    // Each has come, but for its end.
    for (const bomb of bombs) bomb.write(message(gzipSync(large), 1));
    expect(await Promise.race(statuses)).toBe(status.RESOURCE_EXHAUSTED);
    for (const bomb of bombs) if (!bomb.destroyed) bomb.end();
    expect(new Set(await Promise.all(statuses))).toEqual(new Set([status.OK, status.RESOURCE_EXHAUSTED]));
  });

  it('a client of the library hears of it while it is still sending', async () => {
    const client = new Client(server.address.replace('grpc://', ''), credentials.createInsecure());
    cleanups.push(() => client.close());
    const bytes = request('x'.repeat(8_000_000));
    const error = await new Promise((resolve) => {
      const path = methodPath('mcpgateway.plugins', 'InvokeHook');
      client.makeUnaryRequest(path, asBytes, asBytes, asBytes(bytes), new Metadata(), {}, resolve);
    });
    expect(error).toMatchObject({
      code: status.RESOURCE_EXHAUSTED,
      details: 'The server is busy: it holds 1000000 bytes of messages already; try again later',
    });
  });

  it('what a connection held that is gone is there again', async () => {
    const gone = open();
    for (let count = 0; count < 2; count++) begin(gone).write(message(large).subarray(0, 400_000));
    await delay(50);
    gone.destroy();
    await delay(50);
    const session = open();
    const calls = Array.from({ length: 20 }, () => begin(session));
    const statuses = Promise.all(calls.map(statusOf));
    for (const call of calls) call.end(message(small));
    expect(new Set(await statuses)).toEqual(new Set([status.OK]));
    await vi.waitFor(async () => {
      const big = begin(session);
      big.end(message(request('x'.repeat(900_000))));
      expect(await statusOf(big)).toBe(status.OK);
    });
  });
});

describe('on a Unix socket', () => {
  const open = async (): Promise<RawClient> => {
    const client = await RawClient.open(join(folder, 's'));
    cleanups.push(() => client.socket.destroy());
    return client;
  };
  const answer = (client: RawClient, index: number): unknown => {
    const bytes = client.answers[index];
    return bytes === undefined ? 'none' : (decodeMessage(types.invokeHookResponse, bytes)['error'] ?? undefined);
  };
  const answers = (client: RawClient, count: number): Promise<void> =>
    // Their number alone: to show large answers, at every look, takes seconds where the machine is busy.
    vi.waitFor(() => expect(client.answers.length).toBe(count), { timeout: 5000 });

  beforeEach(async () => {
    server = await startEchoServer({ transport: { kind: 'unix', path: join(folder, 's') }, limits });
  });

  it('requests that have not come whole are held only as far as there is room, and others are served', async () => {
    const [first, second, third] = [await open(), await open(), await open()];
    first.socket.write(framed(large).subarray(0, 550_000));
    await delay(250);
    second.socket.write(framed(large).subarray(0, 550_000));
    await delay(250);
    third.send(small);
    await answers(third, 1);
    expect(answer(third, 0)).toBeUndefined();
    second.socket.write(Buffer.concat([framed(large).subarray(550_000), framed(small)]));
    await answers(second, 2);
    expect(answer(second, 0)).toMatchObject({ code: 'SERVER_BUSY', message: expect.stringContaining('1000000 bytes') });
    expect(answer(second, 1)).toBeUndefined();
    first.socket.write(framed(large).subarray(550_000));
    await answers(first, 1);
    expect(answer(first, 0)).toBeUndefined();
    second.send(large);
    await answers(second, 3);
    expect(answer(second, 2)).toBeUndefined();
  });

  it('answers that nobody reads are held as well', async () => {
    const [greedy, other] = [await open(), await open()];
    greedy.socket.pause();
    for (let count = 0; count < 3; count++) greedy.send(request('x'.repeat(450_000)));
    await delay(300);
    other.send(large);
    await answers(other, 1);
    expect(answer(other, 0)).toMatchObject({ code: 'SERVER_BUSY' });
    greedy.socket.resume();
    await answers(greedy, 3);
    other.send(large);
    await answers(other, 2);
    expect(answer(other, 1)).toBeUndefined();
  });

  it('what a connection held that is gone is there again', async () => {
    const [gone, other] = [await open(), await open()];
    gone.socket.write(framed(large).subarray(0, 550_000));
    await delay(250);
    gone.socket.destroy();
    await delay(250);
    other.send(large);
    await answers(other, 1);
    expect(answer(other, 0)).toBeUndefined();
  });
});

describe('requests of many small values count as what they become', () => {
  const body = (id: number, junk: string): string =>
    invokeHook(id, 'hello', { global_context: { request_id: '1', state: 0 } }).replace('"state":0', `"state":${junk}`);
  const text = `{"a":"${'x'.repeat(600_000)}"}`;
  const lists = `{"a":[${'[],'.repeat(100_000)}[]]}`;

  it('over HTTP', async () => {
    server = await startEchoServer({ limits });
    const session = { 'mcp-session-id': await openSession(server.address) };
    expect((await post(server.address, body(2, lists), session)).status).toBe(503);
    const answer = await post(server.address, body(3, text), session);
    expect(answer.status).toBe(200);
    expect(answer.body).toContain('hello');
  });

  it('over stdio', async () => {
    const [stdin, stdout] = [new PassThrough(), new PassThrough()];
    let written = '';
    stdout.on('data', (chunk: Buffer) => (written += chunk.toString()));
    server = await startEchoServer({ transport: { kind: 'stdio', stdin, stdout }, limits });
    stdin.write(`${initialize}\n${body(2, lists)}\n${body(3, text)}\n`);
    await vi.waitFor(() => expect(written).toContain('"id":3'));
    expect(written).toContain('"id":2,"error":{"code":-32005');
    expect(written).toMatch(/"id":3,"result"|"result":.*"id":3/);
  });
});
