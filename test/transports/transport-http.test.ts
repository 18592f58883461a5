import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { McpNotification } from '../../src/transports/mcp/mcp-messages.js';
import { onCall, open, serve } from '../fixtures/transports/http-links.js';
import { startRawServer } from '../fixtures/servers/raw-server.mjs';
import { call, httpTransport, never } from '../fixtures/transports/transports.js';
import { cleanups } from '../fixtures/cleanups.js';
import { eventually, rejection } from '../fixtures/waiting.js';
import { openHandles } from '../fixtures/processes/process-table.js';

describe.each([
  ['event streams', false],
  ['JSON', true],
])('an HTTP link to a server that answers with %s', (_what, json) => {
  it('carries requests and hands back the result as it came', async () => {
    const server = await serve({ json });
    const link = await open(server.url);
    expect(await call(link, 'echo', { text: 'Grüße 🌍' })).toEqual({
      content: [{ type: 'text', text: '{"text":"Grüße 🌍"}' }],
    });
  });

  it('answers many requests at once, each with its own answer, on no more connections than allowed', async () => {
    const server = await serve({ json });
    const link = await open(server.url, { http: { maxConnections: 8 } });
    const answers = await Promise.all(Array.from({ length: 100 }, (_, n) => call(link, 'echo', { n })));
    expect(answers.map((answer) => JSON.stringify(answer.content))).toEqual(
      Array.from({ length: 100 }, (_, n) => JSON.stringify([{ type: 'text', text: JSON.stringify({ n }) }])),
    );
    expect(server.connections()).toBeLessThanOrEqual(8);
  });

  it('rejects with the code, message and data of an error answer', async () => {
    const link = await open((await serve({ json })).url);
    const error = await rejection(
      call(link, 'refuse', { code: -32042, message: 'not today', data: { why: 'closed' } }),
    );
    expect(error).toMatchObject({
      outcome: 'refused',
      rpcCode: -32042,
      rpcData: { why: 'closed' },
      message: expect.stringContaining('not today'),
    });
  });
});

describe('an HTTP link', () => {
  it('sends session and protocol version with every request', async () => {
    const server = await serve();
    const link = await open(server.url);
    await call(link, 'echo');
    const last = server.seen.findLast(({ method }) => method === 'POST');
    expect(last?.headers).toMatchObject({
      'mcp-session-id': [...server.sessions.keys()][0],
      'mcp-protocol-version': expect.stringMatching(/^20/),
    });
    expect(server.seen[0]?.headers['mcp-session-id']).toBeUndefined();
  });

  it('ends its session with DELETE and leaves no connection, handle or timer behind', async () => {
    const before = openHandles();
    const server = await serve();
    const link = await open(server.url);
    await Promise.all(Array.from({ length: 10 }, () => call(link, 'echo')));
    expect(server.sessions.size).toBe(1);
    await link.close();
    await link.close();
    expect(server.count('DELETE')).toBe(1);
    expect(server.sessions.size).toBe(0);
    await eventually('the end of all connections', () => server.sockets.size === 0);
    await server.close();
    cleanups.length = 0;
    await eventually('the end of all handles', () => openHandles().length <= before.length);
    expect(await link.closed).toEqual({});
  });

  it('leaves no socket behind that was still connecting when opening was given up', async () => {
    const before = openHandles();
    // Accepts TCP and says nothing, so that TLS is never there.
    const server = await startRawServer((socket) => socket.resume());
    cleanups.push(() => server.close());
    const abort = new AbortController();
    const url = `https://127.0.0.1:${server.port}/mcp`;
    const opening = rejection(httpTransport(url, { http: { connectTimeoutMs: 60_000 } }).open(abort.signal));
    await eventually('the connection', () => server.sockets.size === 1);
    abort.abort(new Error('enough'));
    await opening;
    await eventually('its end', () => server.sockets.size === 0);
    await server.close();
    cleanups.length = 0;
    await eventually('the end of all handles', () => openHandles().length <= before.length);
  });

  it('closes in bounded time when the server does not answer the DELETE', async () => {
    const server = await serve({ intercept: ({ method }) => method === 'DELETE' });
    const link = await open(server.url, { endSessionMs: 50 });
    await link.close();
    await eventually('the end of all connections', () => server.sockets.size === 0);
    expect(server.count('DELETE')).toBe(1);
  });

  it('goes through a Unix socket', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'gatechart-uds-'));
    const uds = join(dir, 'mcp.sock');
    await serve({ uds });
    const transport = httpTransport('http://10.0.0.1/mcp', { uds });
    expect(transport.target).toBe(`http://10.0.0.1/mcp (uds=${uds})`);
    const link = await transport.open(never);
    expect(await call(link, 'echo', { a: 1 })).toEqual({ content: [{ type: 'text', text: '{"a":1}' }] });
    await link.close();
    const error = await rejection(httpTransport('http://localhost/mcp', { uds: join(dir, 'none.sock') }).open(never));
    expect(error).toMatchObject({
      code: 'LINK_LOST',
      message: expect.stringContaining('nothing listens there (ENOENT)'),
    });
    rmSync(dir, { recursive: true });
  });

  it('goes to IPv6 loopback', async () => {
    const server = await serve({ host: '::1' });
    const link = await open(`http://[::1]:${server.port}/mcp`);
    await call(link, 'echo');
  });

  it('hears notifications on the event stream', async () => {
    const server = await serve();
    const link = await open(server.url);
    const heard: McpNotification[] = [];
    let traffic = 0;
    link.onNotification((notification) => heard.push(notification));
    link.onTraffic?.(() => void traffic++);
    await eventually('the event stream', () => server.count('GET') === 1);
    await eventually('the notification', () => {
      if (heard.length === 0) void server.notify();
      return heard.length > 0;
    });
    expect(heard[0]).toEqual({ method: 'notifications/tools/list_changed' });
    expect(traffic).toBeGreaterThan(0);
  });

  it('does not show user data of the URL in its target', () => {
    expect(httpTransport('http://127.0.0.1:8000/mcp?api_key=secret').target).toBe('http://127.0.0.1:8000/mcp');
  });

  it('keeps no more idle connections than allowed', async () => {
    const server = await serve({ json: true });
    const link = await open(server.url, { http: { maxKeepaliveConnections: 3 } });
    await Promise.all(Array.from({ length: 20 }, () => call(link, 'sleep', { ms: 20 })));
    await eventually('the closing of the others', () => server.sockets.size <= 4);
  });

  it('closes connections that were idle for the keep-alive time', async () => {
    const server = await serve({
      json: true,
      keepAliveMs: 600_000,
      intercept: ({ method }, response) => method === 'GET' && Boolean(response.writeHead(405).end()),
    });
    const link = await open(server.url, { http: { keepaliveExpiryMs: 50 } });
    await call(link, 'echo');
    await eventually('the closing of idle connections', () => server.sockets.size === 0);
    await call(link, 'echo');
  });

  it('gives up waiting for a free connection after the pool time-out, with nothing sent', async () => {
    const server = await serve();
    const link = await open(server.url, { http: { maxConnections: 1, poolTimeoutMs: 50 } });
    const abort = new AbortController();
    const held = rejection(call(link, 'sleep', { ms: 60_000 }, abort.signal));
    const error = await rejection(call(link, 'echo'));
    expect(error).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('no connection became free within 50 ms: all 1 are in use'),
    });
    expect(server.seen.filter(({ message }) => message?.method === 'tools/call')).toHaveLength(1);
    abort.abort();
    await held;
    await call(link, 'echo');
  });

  it('gives up on an answer when nothing was received for the read time-out', async () => {
    const server = await serve(onCall(() => true));
    const link = await open(server.url, { http: { readTimeoutMs: 200 } });
    const error = await rejection(call(link, 'echo'));
    expect(error).toMatchObject({
      outcome: 'cutOff',
      message: expect.stringContaining('nothing received for 200 ms (PLUGINS_HTTPX_READ_TIMEOUT)'),
    });
  });

  it('gives up on a request that the server does not take within the write time-out', async () => {
    const server = await serve({ json: true });
    const link = await open(server.url, { http: { writeTimeoutMs: 200 }, maxMessageBytes: 64 * 1024 * 1024 });
    // The server reads nothing any more, neither from the open connections nor from new ones.
    for (const socket of server.sockets) socket.pause();
    const text = 'x'.repeat(40_000_000);
    const requests = Array.from({ length: 3 }, () => rejection(call(link, 'echo', { text })));
    const stop = setInterval(() => {
      for (const socket of server.sockets) socket.pause();
    }, 5);
    const errors = await Promise.all(requests);
    clearInterval(stop);
    expect(errors).toContainEqual(
      expect.objectContaining({
        outcome: 'cutOff',
        message: expect.stringContaining('for 200 ms (PLUGINS_HTTPX_WRITE_TIMEOUT)'),
      }),
    );
  });
});
