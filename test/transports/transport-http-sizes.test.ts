import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { onCall, open, serve, stream } from '../fixtures/transports/http-links.js';
import { callTool, external, http, start } from '../fixtures/manager/managers.js';
import { call, never } from '../fixtures/transports/transports.js';
import { cleanups } from '../fixtures/cleanups.js';
import { eventually, rejection } from '../fixtures/waiting.js';

const mebibyte = 1024 * 1024;
const large = 20 * mebibyte;

describe.each([
  ['event streams', false],
  ['JSON', true],
])('a server that answers with %s', (_what, json) => {
  it('may answer one call with 20 MiB, which fails alone, and is executed once', async () => {
    const server = await serve({ json });
    const executions = () => server.seen.filter(({ message }) => message?.method === 'tools/call').length;
    const manager = await start({ config: external(http(server.url)) });
    const before = executions();
    const slow = callTool(manager, 'sleep', { ms: 2500 });
    const [error, fast] = await Promise.all([
      rejection(callTool(manager, 'large', { bytes: large })),
      callTool(manager, 'pid'),
    ]);
    expect(error).toMatchObject({
      code: 'MESSAGE_TOO_LARGE',
      message: expect.stringContaining('sent an answer of more than 16777216 bytes'),
    });
    expect(fast.metadata).toEqual({ pid: process.pid });
    await slow;
    expect(executions() - before).toBe(3);
    expect(server.seen.filter(({ message }) => message?.method === 'initialize')).toHaveLength(1);
  });

  it('is not asked what is over the limit, and the others are', async () => {
    const server = await serve({ json });
    const link = await open(server.url, { maxMessageBytes: 100_000 });
    const sent = server.seen.length;
    const [error] = await Promise.all([rejection(call(link, 'echo', { text: 'ü'.repeat(60_000) })), call(link, 'pid')]);
    expect(error).toMatchObject({ outcome: 'refused', cause: { code: 'MESSAGE_TOO_LARGE' } });
    expect(server.seen.slice(sent).filter(({ method }) => method === 'POST')).toHaveLength(1);
    await call(link, 'echo', { text: 'x'.repeat(90_000) });
  });
});

it.each([
  ['with a page', 'text/html', '<h1>Too large</h1>'],
  [
    'with a JSON-RPC error',
    'application/json',
    '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Payload too large"}}',
  ],
])('a request that the server refuses with 413 (%s) is too large, and is not sent again', async (_what, type, body) => {
  let posts = 0;
  const server = await serve(
    onCall(({ message }, response) => {
      if (message?.params?.['name'] !== 'invoke_hook') return false;
      posts++;
      return Boolean(response.writeHead(413, { 'content-type': type, connection: 'close' }).end(body));
    }),
  );
  const manager = await start({ config: external(http(server.url)) });
  await expect(callTool(manager, 'echo')).rejects.toMatchObject({
    code: 'MESSAGE_TOO_LARGE',
    message: expect.stringMatching(/answered 413 Payload Too Large/),
  });
  expect(posts).toBe(1);
});

describe('on one stream', () => {
  const padding = 'x'.repeat(300_000);
  const options = { maxMessageBytes: 200_000 };

  it('a notification that is too large is read past, and the answer behind it is taken', async () => {
    const server = await serve(
      onCall(({ message }, response) => {
        response.writeHead(200, stream);
        response.write(`data: {"jsonrpc":"2.0","method":"notifications/message","params":{"data":"${padding}"}}\n\n`);
        response.end(`data: {"jsonrpc":"2.0","id":${message?.id},"result":{"whole":true}}\n\n`);
        return true;
      }),
    );
    const link = await open(server.url, options);
    expect(await call(link, 'echo')).toEqual({ whole: true });
  });

  it.each([
    ['before its content', (id: number | undefined) => `{"jsonrpc":"2.0","id":${id},"result":{"data":"${padding}"}}`],
    ['behind its content', (id: number | undefined) => `{"result":{"data":"${padding}"},"jsonrpc":"2.0","id":${id}}`],
    [
      'in lines',
      (id: number | undefined) => `{"jsonrpc":"2.0",\ndata: "id":${id},\ndata:"result":{"data":"${padding}"}}`,
    ],
  ])(
    'an answer that is too large fails the call it answers, by the id %s, and another answer is taken',
    async (_, write) => {
      const server = await serve({
        intercept: ({ message }, response) => {
          if (message?.method !== 'tools/call') return false;
          if (message.params?.['name'] === 'held') return true;
          response.writeHead(200, stream);
          response.write(`data: ${write((message.id ?? 0) - 1)}\n\n`);
          response.end(`data: {"jsonrpc":"2.0","id":${message.id},"result":{"whole":true}}\n\n`);
          return true;
        },
      });
      const link = await open(server.url, options);
      const held = rejection(call(link, 'held'));
      expect(await call(link, 'echo')).toEqual({ whole: true });
      expect(await held).toMatchObject({ outcome: 'refused', cause: { code: 'MESSAGE_TOO_LARGE' } });
    },
  );

  it('what the server says unasked may be too large, and the stream goes on', async () => {
    const server = await serve({
      intercept: ({ method }, response) => {
        if (method !== 'GET') return false;
        response.writeHead(200, stream);
        response.write(`data: {"jsonrpc":"2.0","method":"notifications/x","params":{"data":"${padding}"}}\n\n`);
        response.write('data: {"jsonrpc":"2.0","method":"notifications/y"}\n\n');
        return true;
      },
    });
    const link = await open(server.url, options);
    const heard: string[] = [];
    link.onNotification(({ method }) => heard.push(method));
    await eventually('the notification', () => heard.length > 0);
    expect(heard).toEqual(['notifications/y']);
    expect(server.count('GET')).toBe(1);
  });

  it('an answer that breaks off when it is too large already is too large', async () => {
    let posts = 0;
    const server = await serve(
      onCall(({ message }, response) => {
        posts++;
        response.writeHead(200, stream);
        response.write(`data: {"jsonrpc":"2.0","id":${message?.id},"result":{"data":"${padding}`);
        setTimeout(() => response.destroy(), 50);
        return true;
      }),
    );
    const link = await open(server.url, options);
    expect(await rejection(call(link, 'echo'))).toMatchObject({
      outcome: 'refused',
      cause: { code: 'MESSAGE_TOO_LARGE' },
    });
    expect(posts).toBe(1);
  });
});

it('the connection of an answer that is too large is used again when the rest has come', async () => {
  const server = await serve({ json: true });
  const link = await open(server.url, { maxMessageBytes: 200_000, http: { maxConnections: 1 } });
  for (let nth = 0; nth < 3; nth++) {
    expect(await rejection(call(link, 'large', { bytes: 400_000 }))).toMatchObject({ outcome: 'refused' });
    await link.request({ method: 'ping' }, { signal: never });
  }
  expect(server.connections()).toBe(1);
});

it.each([
  ['with 413', true],
  ['without a word', false],
])('a request that the server cuts %s while it is sent is too large, and is sent once', async (_what, answers) => {
  let cut = 0;
  const server = createServer((request, response) => {
    if (Number(request.headers['content-length']) > 1_000_000) {
      cut++;
      if (answers) response.writeHead(413, { connection: 'close' }).end('no', () => request.destroy());
      else request.destroy();
      return;
    }
    void answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanups.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const link = await open(`http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}/mcp`);
  const large = rejection(call(link, 'echo', { text: 'x'.repeat(10_000_000) }));
  expect(await call(link, 'echo')).toEqual({ ok: true });
  expect(await large).toMatchObject({ outcome: 'refused', cause: { code: 'MESSAGE_TOO_LARGE' } });
  expect(await call(link, 'echo')).toEqual({ ok: true });
  expect(cut).toBe(1);
});

/** As a server that reads what it answers, which the fixture does with everything. */
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  if (request.method !== 'POST') return void response.writeHead(405).end();
  const { id, method }: { id?: number; method: string } = JSON.parse(Buffer.concat(chunks).toString());
  if (id === undefined) return void response.writeHead(202).end();
  const serverInfo = { name: 'small', version: '1' };
  const result =
    method === 'initialize' ? { protocolVersion: '2025-06-18', capabilities: {}, serverInfo } : { ok: true };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id, result }));
}
