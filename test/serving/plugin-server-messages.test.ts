import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Client, credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { PluginServerLimits } from '../../src/hosting/plugin-server.js';
import { RequestLines } from '../../src/serving/stdio/request-lines.js';
import { RecordingLogger } from '../../src/testing/recording-logger.js';
import { asBytes } from '../../src/wire/protobuf/as-bytes.js';
import { methodPath } from '../../src/wire/protobuf/grpc-packages.js';
import { hookCall } from '../../src/wire/protobuf/plugin-call.js';
import { type EchoServer, startEchoServer } from '../fixtures/hosting/echo-server.js';
import { describeMemoryConfig, MemoryHost } from '../fixtures/hosting/memory-host.js';
import {
  begin,
  initialize,
  invokeHook,
  messageOfStream,
  openSession,
  post,
  rpc,
  send,
} from '../fixtures/hosting/raw-http.js';

const mib = 1024 * 1024;
let folder: string;
let server: EchoServer;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gc-messages-'));
});
afterEach(async () => {
  await server?.close();
  rmSync(folder, { recursive: true });
});

const inSession = (id: string) => ({ 'mcp-session-id': id });
const mark = '\uFEFF';
const envelope = {
  _meta: {
    'io.modelcontextprotocol/protocolVersion': '2026-07-28',
    'io.modelcontextprotocol/clientCapabilities': {},
  },
};
const discover = (id: number | string) => ({ jsonrpc: '2.0', id, method: 'server/discover', params: envelope });
const envelopedCall = {
  jsonrpc: '2.0',
  id: 'a',
  method: 'tools/call',
  params: { ...JSON.parse(invokeHook(1, 'state')).params, ...envelope },
};

/** A server over stdio, what it has written, and its next answer to an id. */
async function overStdio(limits: Partial<PluginServerLimits> = {}, host?: MemoryHost) {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const logger = new RecordingLogger();
  server = await startEchoServer({
    transport: { kind: 'stdio', stdin, stdout },
    limits: { shutdownGraceMs: 50, ...limits },
    logger,
    describeConfig: describeMemoryConfig,
    ...(host && { host }),
  });
  let written = '';
  stdout.on('data', (chunk: Buffer) => (written += chunk.toString()));
  const lines = (): { id?: unknown; error?: { code: number }; result?: unknown }[] =>
    written
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  return {
    stdin,
    logger,
    lines,
    say: (...messages: (string | object)[]): void => {
      for (const message of messages) {
        stdin.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
      }
    },
    answerTo: (id: unknown) =>
      vi.waitFor(
        () => {
          const answer = lines().find((line) => line.id === id);
          if (answer === undefined) throw new Error(`no answer to ${JSON.stringify(id)}`);
          return answer;
        },
        { timeout: 5000, interval: 5 },
      ),
  };
}

describe('a message that is too large fails alone', () => {
  it('over stdio, wherever its id stands, and calls beside it go on', async () => {
    const { say, answerTo, lines, stdin } = await overStdio({ maxMessageBytes: 2000 });
    say(initialize, invokeHook(2, 'short'));
    const params = { name: 'invoke_hook', arguments: { text: 'x'.repeat(100_000), id: 77, method: 'no' } };
    say({ jsonrpc: '2.0', id: 3, method: 'tools/call', params });
    say({ method: 'tools/call', params, jsonrpc: '2.0', id: 'the last' });
    say({ jsonrpc: '2.0', method: 'notifications/x', params }, { jsonrpc: '2.0', id: 9, result: params });
    for (const piece of JSON.stringify({ jsonrpc: '2.0', id: 4, method: 'x', params }).match(/.{1,97}/g) ?? []) {
      stdin.write(piece);
    }
    say('', rpc(5, 'ping'));
    for (const id of [3, 4, 'the last']) {
      expect(await answerTo(id)).toMatchObject({
        error: { code: -32600, message: 'The message is larger than 2000 bytes' },
      });
    }
    expect(await answerTo(5)).toMatchObject({ result: {} });
    expect(JSON.stringify(await answerTo(2))).toContain('its time');
    expect(lines()).toHaveLength(6);
  });

  it('over HTTP, and its connection carries the next one', async () => {
    server = await startEchoServer({ limits: { maxMessageBytes: 2000 } });
    const id = await openSession(server.address);
    const socket = connect(Number(new URL(server.address).port), '127.0.0.1');
    let read = '';
    socket.on('data', (chunk: Buffer) => (read += chunk.toString()));
    const head = `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: */*\r\nMcp-Session-Id: ${id}\r\n`;
    const large = 'x'.repeat(3 * mib);
    const piece = 'x'.repeat(1000);
    socket.write(`${head}Content-Length: ${large.length}\r\n\r\n`);
    socket.write(large);
    socket.write(`${head}Transfer-Encoding: chunked\r\n\r\n`);
    for (let count = 0; count < 100; count++) socket.write(`3e8\r\n${piece}\r\n`);
    socket.write('0\r\n\r\n');
    const ping = rpc(2, 'ping');
    socket.write(`${head}Content-Length: ${ping.length}\r\n\r\n${ping}`);
    await vi.waitFor(() => expect(read).toContain('"id":2}'), { timeout: 5000 });
    expect(read.match(/HTTP\/1.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 413', 'HTTP/1.1 200']);
    expect(read).toContain(
      '{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"The body is larger than 2000 bytes"}}',
    );
    socket.destroy();
  });

  it('over gRPC, and calls beside it go on', async () => {
    const transport = { kind: 'grpc', server: { host: '127.0.0.1', port: 0 } } as const;
    server = await startEchoServer({ transport, limits: { maxMessageBytes: 2000 } });
    const client = new Client(server.address.replace('grpc://', ''), credentials.createInsecure());
    const ask = (name: string): Promise<unknown> => {
      const context = { global_context: { request_id: 'r' } };
      const payload = { name, args: {} };
      const { bytes } = hookCall({ hookName: 'tool_pre_invoke', pluginName: 'Echo', payload, context }, 1000);
      return new Promise((resolve) => {
        const path = methodPath('mcpgateway.plugins', 'InvokeHook');
        client.makeUnaryRequest(path, asBytes, asBytes, asBytes(bytes), new Metadata(), {}, (error, answer) =>
          resolve(error ?? answer),
        );
      });
    };
    const beside = ask('short');
    const refused = (await ask('x'.repeat(100_000))) as ServiceError;
    expect(refused.code).toBe(status.RESOURCE_EXHAUSTED);
    expect(String(await beside)).toContain('its time');
    client.close();
  });
});

describe('an answer that is too large fails alone', () => {
  const host = (): MemoryHost =>
    new MemoryHost({
      Echo: {
        tool_pre_invoke: (payload) =>
          Reflect.get(Object(payload), 'name') === 'large'
            ? { metadata: { text: '\u0000'.repeat(5 * mib) } }
            : { modifiedPayload: payload },
      },
    });

  it('over stdio', async () => {
    const { say, answerTo } = await overStdio({}, host());
    say(initialize, invokeHook(2, 'large'), invokeHook(3, 'hello'));
    expect(JSON.stringify(await answerTo(2))).toMatch(/MESSAGE_TOO_LARGE/);
    expect(JSON.stringify(await answerTo(3))).toContain('hello');
  });

  it('over HTTP', async () => {
    server = await startEchoServer({ host: host() });
    const id = await openSession(server.address);
    const answer = await post(server.address, invokeHook(2, 'large'), inSession(id));
    expect(answer.status).toBe(200);
    expect(answer.body).toMatch(/at most 16777216 are possible/);
    expect((await post(server.address, invokeHook(3, 'hello'), inSession(id))).body).toContain('hello');
  });

  it('also where it is a list of configurations that cannot be written', async () => {
    server = await startEchoServer({ describeConfig: () => ({ big: 1n }) });
    const id = await openSession(server.address);
    const list = rpc(2, 'tools/call', { name: 'get_plugin_configs' });
    expect(messageOfStream((await post(server.address, list, inSession(id))).body)).toMatchObject({
      id: 2,
      result: { isError: true, content: [{ text: expect.stringContaining('BigInt') }] },
    });
  });
});

describe('a request that is odd is answered as far as it can be', () => {
  const odd: [what: string, message: string, ids: unknown[]][] = [
    ['an id that is null', '{"jsonrpc":"2.0","id":null,"method":"ping"}', [null]],
    ['an id that is an object', '{"jsonrpc":"2.0","id":{"a":1},"method":"ping"}', [null]],
    ['an id that is a fraction', '{"jsonrpc":"2.0","id":1.5,"method":"ping"}', [1.5]],
    ['an id that cannot be held', '{"jsonrpc":"2.0","id":12345678901234567890,"method":"ping"}', [null]],
    ['another version of JSON-RPC', '{"jsonrpc":"1.0","id":7,"method":"ping"}', [7]],
    ['parameters that are no object', '{"jsonrpc":"2.0","id":7,"method":"ping","params":5}', [7]],
    ['a number that JSON does not have', '{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":NaN}}', [7]],
    ['half a request', '{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":', [7]],
    ['bytes that are not UTF-8', '{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":"\xff"}}', [7]],
    [
      'a batch',
      '[{"jsonrpc":"2.0","id":7,"method":"ping"},{"jsonrpc":"2.0","method":"x"},{"jsonrpc":"2.0","id":"b","method":"ping"}]',
      [7, 'b'],
    ],
  ];

  it.each(odd)('over stdio: %s', async (_, message, ids) => {
    const { stdin, say, answerTo, lines } = await overStdio();
    say(initialize);
    stdin.write(Buffer.from(`${message}\n`, 'latin1'));
    say(rpc(100, 'ping'));
    await answerTo(100);
    const refused = lines().filter(({ id }) => id !== 1 && id !== 100);
    expect(refused.map(({ id, error }) => [id, typeof error?.code])).toEqual(ids.map((id) => [id, 'number']));
  });

  it.each(odd.filter(([, message]) => !message.includes('\xff')))('over HTTP: %s', async (_, message, ids) => {
    server = await startEchoServer();
    const id = await openSession(server.address);
    const headers = { 'content-type': 'application/json', accept: '*/*', ...inSession(id) };
    const answer = await send(server.address, { method: 'POST', headers }, message);
    // What cannot be parsed has no id there: its answer is the one of its request.
    const answered: unknown = JSON.parse(answer.body);
    expect(answer.status).toBe(400);
    expect([...ids, null]).toContainEqual(Reflect.get(Object(answered), 'id'));
  });

  it('refuses a body that is not UTF-8', async () => {
    server = await startEchoServer();
    const id = await openSession(server.address);
    const socket = connect(Number(new URL(server.address).port), '127.0.0.1');
    const body = Buffer.from('{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":"\xff"}}', 'latin1');
    let read = '';
    socket.on('data', (chunk: Buffer) => (read += chunk.toString()));
    socket.write(
      `POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: */*\r\nMcp-Session-Id: ${id}\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    socket.write(body);
    await vi.waitFor(() => expect(read).toContain('the body is not UTF-8'));
    socket.destroy();
  });

  it('answers ids of any kind as they are: 0, empty and very long ones', async () => {
    const { say, answerTo } = await overStdio();
    const long = 'i'.repeat(100_000);
    say(initialize, { jsonrpc: '2.0', id: 0, method: 'ping' }, { jsonrpc: '2.0', id: '', method: 'ping' });
    say({ jsonrpc: '2.0', id: long, method: 'ping' });
    for (const id of [0, '', long]) expect(await answerTo(id)).toMatchObject({ result: {} });
  });

  it('can cancel a call with the id 0', async () => {
    const { say } = await overStdio();
    say(initialize, invokeHook(0, 'slow'));
    await vi.waitFor(() => expect(server.host.running).toBe(1));
    say(rpc(undefined, 'notifications/cancelled', { requestId: 0 }));
    await vi.waitFor(() => expect(server.host.running).toBe(0));
  });

  it('says nothing of floods of notifications and answers that nobody asked for', async () => {
    const { say, answerTo, lines } = await overStdio();
    say(initialize);
    for (let count = 0; count < 2000; count++) {
      say(rpc(undefined, 'notifications/progress', { progressToken: count, progress: 1 }));
      say('{"jsonrpc":"2.0","id":5,"result":{}}');
      say(rpc(undefined, 'notifications/cancelled', { requestId: count }));
    }
    say(rpc(2, 'ping'));
    await answerTo(2);
    expect(lines()).toHaveLength(2);
  });
});

describe('a byte order mark', () => {
  it('is skipped before a message on stdio', async () => {
    const { say, answerTo } = await overStdio();
    say(mark + initialize, mark + rpc(2, 'ping'));
    expect(await answerTo(1)).toMatchObject({ result: { serverInfo: { name: 'MCP Plugin Server' } } });
    expect(await answerTo(2)).toMatchObject({ result: {} });
  });

  it('is skipped before a body', async () => {
    server = await startEchoServer();
    const opened = await post(server.address, mark + initialize);
    expect(opened.status).toBe(200);
    const id = String(opened.headers['mcp-session-id']);
    expect((await post(server.address, mark + rpc(2, 'ping'), inSession(id))).status).toBe(200);
  });
});

it('the last message on stdio needs no line end', async () => {
  const { stdin, say, lines } = await overStdio({ shutdownGraceMs: 2000 });
  say(initialize);
  stdin.end(invokeHook(2, 'short'));
  await server.closed;
  expect(lines().at(-1)).toMatchObject({ id: 2, result: {} });
});

it('lines are read the same in whatever pieces they come', () => {
  const texts = fc.array(fc.string({ unit: 'binary', maxLength: 40 }).map((text) => text.replaceAll(/[\r\n]/g, '.')));
  fc.assert(
    fc.property(texts, fc.array(fc.nat(20)), fc.constantFrom('\n', '\r\n'), (lines, sizes, end) => {
      const read: string[] = [];
      const splitter = new RequestLines({
        maxBytes: 60,
        onLine: (line) => read.push(line.toString()) % 3 !== 0,
        onTooLong: () => read.push('too long') > 0,
      });
      let bytes = Buffer.from(lines.map((line) => line.toWellFormed() + end).join(''));
      for (let count = 0; bytes.length > 0; count++) {
        const size = Math.min(bytes.length, 1 + (sizes[count % Math.max(1, sizes.length)] ?? 7));
        bytes = bytes.subarray(splitter.push(bytes.subarray(0, size)));
      }
      const expected = lines.map((line) => {
        const text = line.toWellFormed();
        return Buffer.byteLength(text) + end.length - 1 > 60 ? 'too long' : text;
      });
      expect(read).toEqual(expected);
    }),
  );
});

describe('a session', () => {
  it.each(['stale', ''])('begins anew with initialize, whatever session it names: %j', async (named) => {
    server = await startEchoServer();
    const answer = await post(server.address, initialize, inSession(named));
    expect(answer.status).toBe(200);
    const id = String(answer.headers['mcp-session-id']);
    expect(id).not.toBe(named);
    expect((await post(server.address, rpc(2, 'ping'), inSession(id))).status).toBe(200);
  });

  it('is not known by an empty name', async () => {
    server = await startEchoServer();
    expect(await post(server.address, rpc(2, 'ping'), inSession(''))).toMatchObject({ status: 400 });
    expect(await post(server.address, rpc(2, 'ping'), inSession('stale'))).toMatchObject({ status: 404 });
  });

  it('has one stream for what the server says unasked: a newer one ends the one before', async () => {
    server = await startEchoServer({ limits: { keepAliveMs: 10 } });
    const id = await openSession(server.address);
    const headers = { accept: 'text/event-stream', ...inSession(id) };
    const first = await begin(server.address, { headers });
    const second = await begin(server.address, { headers });
    expect(second.status).toBe(200);
    await first.body;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await send(server.address, { method: 'DELETE', headers: inSession(id) })).status).toBe(200);
    expect(await second.body).toContain(': keepalive');
  });
});

describe('a client of the newer revision', () => {
  const modern = { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'server/discover' };

  it('that knocks over HTTP is refused with its own id, and begins with initialize', async () => {
    server = await startEchoServer();
    const answer = await post(server.address, JSON.stringify(discover('probe-1')), modern);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({ id: 'probe-1', error: { code: -32601 } });
    expect(answer.headers['mcp-session-id']).toBeUndefined();
    await openSession(server.address);
  });

  it('that knocks over stdio is refused with its own id, and begins with initialize', async () => {
    const { say, answerTo } = await overStdio();
    say(discover('probe-1'));
    expect(await answerTo('probe-1')).toMatchObject({ error: { code: -32601 } });
    say(initialize, rpc(2, 'ping'));
    expect(await answerTo(1)).toMatchObject({ result: {} });
    expect(await answerTo(2)).toMatchObject({ result: {} });
  });

  it.each(['tools/call', 'tools/list', 'ping'])('is not served before initialize over stdio: %s', async (method) => {
    const invoke = vi.spyOn(MemoryHost.prototype, 'invokeHookForPlugin');
    const { say, answerTo } = await overStdio();
    say({ ...envelopedCall, method });
    expect(await answerTo('a')).toMatchObject({
      error: { code: -32022, data: { requested: '2026-07-28', supported: expect.arrayContaining(['2025-11-25']) } },
    });
    expect(invoke).not.toHaveBeenCalled();
    invoke.mockRestore();
  });

  it('is not served over HTTP without a session, nor in a session that is not its own', async () => {
    const invoke = vi.spyOn(MemoryHost.prototype, 'invokeHookForPlugin');
    server = await startEchoServer();
    const id = await openSession(server.address);
    for (const headers of [modern, {}, { ...modern, ...inSession(id) }, inSession('stale')]) {
      const answer = await post(server.address, JSON.stringify(envelopedCall), headers);
      expect([400, 404]).toContain(answer.status);
      expect(JSON.parse(answer.body)).toMatchObject({ id: 'a' });
    }
    expect(invoke).not.toHaveBeenCalled();
    invoke.mockRestore();
  });
});
