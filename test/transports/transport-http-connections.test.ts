import { expect, it } from 'vitest';
import { open, serve, stream } from '../fixtures/transports/http-links.js';
import { startRawServer } from '../fixtures/servers/raw-server.mjs';
import { call } from '../fixtures/transports/transports.js';
import { cleanups } from '../fixtures/cleanups.js';
import { eventually, rejection } from '../fixtures/waiting.js';

it('connections beyond those that may be kept are used again under load, and given up after it', async () => {
  const server = await serve({ json: true });
  const link = await open(server.url, { http: { maxConnections: 60, maxKeepaliveConnections: 20 } });
  let left = 1200;
  await Promise.all(
    Array.from({ length: 50 }, async () => {
      while (left-- > 0) await call(link, 'echo');
    }),
  );
  expect(server.connections()).toBeLessThanOrEqual(61);
  expect(server.seen.filter(({ headers }) => headers.connection === 'close')).toEqual([]);
  await eventually('the closing of the others', () => server.sockets.size <= 21);
  await call(link, 'echo');
});

it('a ping waits for no free connection: calls that hold all of them say nothing of the server', async () => {
  const server = await serve();
  const link = await open(server.url, { http: { maxConnections: 1 } });
  const abort = new AbortController();
  const held = rejection(call(link, 'sleep', { ms: 60_000 }, abort.signal));
  await eventually('the call', () => server.seen.some(({ message }) => message?.method === 'tools/call'));
  const queued = call(link, 'pid');
  await link.ping?.(AbortSignal.timeout(2000));
  // Its connection is gone with it, and no more requests are sent at a time than before.
  await eventually('the end of its connection', () => server.sockets.size === 1);
  expect(server.seen.filter(({ message }) => message?.method === 'tools/call')).toHaveLength(1);
  abort.abort();
  await held;
  await queued;
});

it('what keeps the stream of an answer alive is a sign of life', async () => {
  const server = await serve({
    intercept: ({ message }, response) =>
      message?.method === 'tools/call' && response.writeHead(200, stream).write(': still there\n\n'),
  });
  const link = await open(server.url);
  let heard = 0;
  link.onTraffic?.(() => heard++);
  const abort = new AbortController();
  const held = rejection(call(link, 'echo', {}, abort.signal));
  await eventually('the comment', () => heard > 0);
  abort.abort();
  await held;
});

it('no connection is kept where none may be', async () => {
  const server = await serve({ json: true });
  const link = await open(server.url, { http: { maxConnections: 4, maxKeepaliveConnections: 0 } });
  await call(link, 'echo');
  await call(link, 'echo');
  expect(server.seen.at(-1)?.headers.connection).toBe('close');
});

it('a body in chunks of one byte holds no more than it weighs', async () => {
  const text = 'x'.repeat(4_000_000);
  const chunksOf = (part: string): string => part.replaceAll(/[^]/g, '1\r\n$&\r\n');
  const packed = Buffer.from(chunksOf(text));
  const raw = await startRawServer((socket) =>
    socket.on('data', (data: Buffer) => {
      const [head = '', body = ''] = data.toString().split('\r\n\r\n');
      if (!head.startsWith('POST')) return socket.write('HTTP/1.1 405 No\r\ncontent-length: 0\r\n\r\n');
      const { id, method }: { id?: number; method: string } = JSON.parse(body);
      const serverInfo = { name: 'raw', version: '1' };
      const result =
        method === 'tools/call' ? { text: 'TEXT' } : { protocolVersion: '2025-06-18', capabilities: {}, serverInfo };
      if (id === undefined) return socket.write('HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n');
      socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n');
      const [start = '', end = ''] = JSON.stringify({ jsonrpc: '2.0', id, result }).split('TEXT');
      socket.write(chunksOf(start));
      if (end !== '') socket.write(packed);
      return socket.write(`${chunksOf(end)}0\r\n\r\n`);
    }),
  );
  cleanups.push(() => raw.close());
  const link = await open(raw.url);
  let most = 0;
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss);
  }, 1);
  await call(link, 'echo');
  // Once more: what the server and this process take once is taken.
  const before = process.memoryUsage().rss;
  most = 0;
  expect(await call(link, 'echo')).toEqual({ text });
  clearInterval(watch);
  expect(most - before).toBeLessThan(150 * 1024 * 1024);
}, 60_000);
