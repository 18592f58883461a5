import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cleanups } from '../fixtures/cleanups.js';
import { serveSse } from '../fixtures/servers/talking-server.mjs';
import { RecordingListener, talkOverSse, work } from '../fixtures/transports/talking-links.js';
import { call, never, sseTransport } from '../fixtures/transports/transports.js';
import { eventually, rejection, until } from '../fixtures/waiting.js';

async function serve(options: Parameters<typeof serveSse>[0] = {}) {
  const server = await serveSse(options);
  cleanups.push(() => server.close());
  return server;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

describe('the older HTTP transport', () => {
  it('works with the public reference server', async () => {
    const everything = createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/package.json');
    const port = await freePort();
    const child = spawn(process.execPath, [join(dirname(everything), 'dist/index.js'), 'sse'], {
      env: { ...process.env, PORT: String(port) },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    cleanups.push(async () => {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    await until('the server', () => said.includes('running on port'));
    const link = await sseTransport(`http://127.0.0.1:${port}/sse`).open(never);
    cleanups.push(() => link.close());
    expect(link.peer.info?.name).toContain('everything');
    expect(await call(link, 'echo', { message: 'hello' })).toEqual({
      content: [{ type: 'text', text: 'Echo: hello' }],
    });
    const on = new RecordingListener({});
    const params = {
      name: 'trigger-long-running-operation',
      arguments: { duration: 0.2, steps: 2 },
      _meta: { progressToken: 'p' },
    };
    await link.request({ method: 'tools/call', params }, { signal: never, on });
    expect(on.heard.filter(({ method }) => method === 'notifications/progress')).toHaveLength(2);
    await link.close();
    expect(await link.closed).toEqual({});
  });

  it('posts to the address that the server names, with headers and cookies', async () => {
    const { server, link } = await talkOverSse({}, { headers: { 'X-Key': 'k' } });
    await work(link, []);
    const posts = server.seen.filter(({ method }) => method === 'POST');
    expect(new Set(posts.map(({ url }) => url))).toEqual(new Set(['/messages?session=1']));
    for (const { headers } of posts) expect(headers).toMatchObject({ 'x-key': 'k', cookie: 'balancer=1' });
    expect(server.seen[0]?.headers['x-key']).toBe('k');
    expect(server.seen.at(-1)?.headers['mcp-protocol-version']).toBe('2025-06-18');
  });

  it('keeps to the first address', async () => {
    const { server, link } = await talkOverSse({ endpoint: '/messages\n\nevent: endpoint\ndata: /other' });
    await work(link, []);
    expect(server.seen.some(({ url }) => url === '/other')).toBe(false);
  });

  it.each([
    ['another origin', 'http://127.0.0.1:1/messages', 'PROTOCOL_ERROR', /another origin/],
    ['a scheme of its own', 'file:///etc/passwd', 'ADDRESS_REFUSED', /expected http or https/],
    ['what is no address', 'http://[', 'ADDRESS_REFUSED', /is not a URL/],
  ])('takes no address on %s', async (_what, endpoint, code, message) => {
    const server = await serve({ endpoint });
    expect(await rejection(sseTransport(server.url).open(never))).toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    expect(server.seen.map(({ method }) => method)).toEqual(['GET']);
  });

  it.each([
    [401, 'LOGIN_NEEDED', /asks for a login/],
    [404, 'CALL_REFUSED', /answered 404 Not Found .*expected the event stream/],
    [200, 'PROTOCOL_ERROR', /expected the event stream/],
  ])('fails the opening on status %d without a stream', async (status, code, message) => {
    const server = await serve({ intercept: (_request, response) => Boolean(response.writeHead(status).end('no')) });
    expect(await rejection(sseTransport(server.url).open(never))).toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('gives up the opening when nobody names an address', async () => {
    const server = await serve({
      intercept: (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
        return true;
      },
    });
    const controller = new AbortController();
    const opening = sseTransport(server.url).open(controller.signal);
    await eventually('the request', () => server.seen.length === 1);
    controller.abort(new Error('enough'));
    expect(await rejection(opening)).toMatchObject({ message: 'enough' });
  });

  it.each(['endStream', 'breakStream'] as const)('ends with its stream (%s)', async (how) => {
    const { server, link } = await talkOverSse();
    const on = new RecordingListener({}, () => new Promise(() => {}));
    const cutOff = rejection(work(link, ['ask'], { on }));
    await eventually('the question', () => on.asked.length === 1);
    server[how]();
    expect(await cutOff).toMatchObject({ outcome: 'cutOff' });
    expect((await link.closed).error).toMatchObject({ code: 'LINK_LOST' });
    expect(on.signals[0]?.aborted).toBe(true);
    expect(await rejection(work(link, []))).toMatchObject({ outcome: 'notSent' });
  });

  it('fails one call alone whose message the server does not take', async () => {
    let refuses = false;
    const { link } = await talkOverSse({
      intercept: ({ method }, response) =>
        method === 'POST' && refuses && Boolean(response.writeHead(500).end('out of order')),
    });
    refuses = true;
    expect(await rejection(work(link, []))).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('answered 500 Internal Server Error'),
    });
    refuses = false;
    expect(await work(link, [])).toMatchObject({ label: 'x' });
  });

  it('fails one call alone whose answer or whose request is too large', async () => {
    const { link } = await talkOverSse({}, { maxMessageBytes: 10_000 });
    const other = work(link, ['pause', 'pause', 'pause']);
    const answer = { jsonrpc: '2.0', result: { text: 'x'.repeat(20_000) } };
    expect(await rejection(work(link, [{ ...answer, id: 2 }]))).toMatchObject({
      outcome: 'refused',
      cause: { code: 'MESSAGE_TOO_LARGE' },
    });
    expect(await rejection(work(link, [], { label: 'x'.repeat(20_000) }))).toMatchObject({
      outcome: 'refused',
      cause: { code: 'MESSAGE_TOO_LARGE' },
    });
    expect(await other).toMatchObject({ label: 'x' });
  });

  it('answers although the stream holds the only connection', async () => {
    const { link } = await talkOverSse({}, { http: { maxConnections: 1, maxKeepaliveConnections: 1 } });
    expect(await work(link, ['ask'], { on: new RecordingListener({}) })).toMatchObject({
      answers: [{ action: 'accept' }],
    });
  });

  it('survives odd messages', async () => {
    const { server, link } = await talkOverSse();
    for (const odd of [{}, [], { jsonrpc: '2.0', id: 99, result: {} }, { jsonrpc: '2.0', id: null, error: {} }])
      server.say(odd);
    expect(await work(link, [])).toMatchObject({ label: 'x' });
  });
});
