import packageJson from '../../package.json' with { type: 'json' };
import { describe, expect, it } from 'vitest';
import { onCall, open, serve, stream } from '../fixtures/transports/http-links.js';
import { startPluginServer } from '../fixtures/servers/http-plugin-server.mjs';
import { call, never } from '../fixtures/transports/transports.js';
import { eventually, rejection } from '../fixtures/waiting.js';

describe('failure 1: a server that restarted and no longer knows the session', () => {
  it('says so for each request, and ends the link without a DELETE', async () => {
    const server = await serve();
    const link = await open(server.url);
    server.forgetSessions();
    const errors = await Promise.all(Array.from({ length: 5 }, () => rejection(call(link, 'echo'))));
    for (const error of errors) expect(error).toMatchObject({ outcome: 'sessionLost' });
    expect((await link.closed).error).toMatchObject({
      code: 'SESSION_LOST',
      message: `guard: ${server.url} no longer knows our session (status 404).`,
    });
    expect(await rejection(call(link, 'echo'))).toMatchObject({ outcome: 'notSent' });
    await link.close();
    expect(server.count('DELETE')).toBe(0);
    await eventually('the end of all connections', () => server.sockets.size === 0);
  });

  it.each([
    [500, 'row written, but user session expired'],
    [401, 'session expired'],
    [400, 'the upstream refused'],
  ])('takes status %d with the message %j for a refusal', async (status, message) => {
    const server = await serve(
      onCall((seen, response) => {
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ jsonrpc: '2.0', id: seen.message?.id, error: { code: -32000, message } }));
        return true;
      }),
    );
    const link = await open(server.url);
    expect(await rejection(call(link, 'echo'))).toMatchObject({ outcome: 'refused', message });
    expect(await link.request({ method: 'ping' }, { signal: never })).toEqual({});
  });

  it('leaves requests in flight to be answered while the lost link ends', async () => {
    const server = await serve();
    const link = await open(server.url);
    const slow = call(link, 'sleep', { ms: 200 });
    await eventually('the slow call', () => server.seen.some(({ message }) => message?.method === 'tools/call'));
    server.forgetSessions();
    expect(await rejection(call(link, 'echo'))).toMatchObject({ outcome: 'sessionLost' });
    expect(await slow).toEqual({ content: [] });
    await link.close();
  });
});

describe('failure 2: an answer that is none of this session', () => {
  it.each([
    ['an empty success', 200, { 'content-type': 'application/json' }, ''],
    ['an acceptance without an answer', 202, {}, ''],
    [
      'an answer of another session',
      200,
      { 'content-type': 'application/json', 'mcp-session-id': 'another' },
      '{"jsonrpc":"2.0","id":1,"result":{}}',
    ],
  ])('is not accepted: %s', async (_what, status, headers, body) => {
    const server = await serve(onCall((_seen, response) => Boolean(response.writeHead(status, headers).end(body))));
    const link = await open(server.url);
    expect(await rejection(call(link, 'echo'))).toMatchObject({
      outcome: 'refused',
      cause: { code: expect.any(String) },
    });
    expect(server.seen.filter(({ message }) => message?.method === 'tools/call')).toHaveLength(1);
  });
});

describe('failure 3: what became of a request', () => {
  it('is notSent when nothing listens any more, and the link ends', async () => {
    const server = await startPluginServer({ json: true });
    const link = await open(server.url);
    await server.close();
    await eventually('the end of the connections', () => server.sockets.size === 0);
    const first = await rejection(call(link, 'echo'));
    expect(first).toMatchObject({ outcome: expect.stringMatching(/notSent|cutOff/) });
    const error = await rejection(call(link, 'echo'));
    expect(error).toMatchObject({ outcome: 'notSent' });
    expect((await link.closed).error).toMatchObject({
      code: 'LINK_LOST',
      message: `guard: ${server.url}: nothing listens there (ECONNREFUSED); is the server running?`,
    });
  });

  it('is cutOff when the connection breaks before the answer, and the link stays', async () => {
    let broken = 0;
    const server = await serve(onCall((_seen, response) => (broken++ === 0 ? Boolean(response.destroy()) : false)));
    const link = await open(server.url);
    expect(await rejection(call(link, 'echo'))).toMatchObject({
      outcome: 'cutOff',
      message: expect.stringContaining('the connection was lost'),
    });
    expect(await call(link, 'echo')).toEqual({ content: [{ type: 'text', text: '{}' }] });
  });

  it('is cutOff when the event stream of the answer ends or breaks too early', async () => {
    let calls = 0;
    const server = await serve(
      onCall((_seen, response) => {
        response.writeHead(200, stream);
        response.write(': working\n\n');
        setTimeout(() => (calls++ === 0 ? response.end() : response.destroy()), 20);
        return true;
      }),
    );
    const link = await open(server.url);
    expect(await rejection(call(link, 'echo'))).toMatchObject({
      outcome: 'cutOff',
      message: expect.stringContaining('ended the event stream before the answer came'),
    });
    expect(await rejection(call(link, 'echo'))).toMatchObject({ outcome: 'cutOff' });
  });

  it('is cutOff when we close the link ourselves', async () => {
    const server = await serve();
    const link = await open(server.url);
    const waiting = rejection(call(link, 'sleep', { ms: 60_000 }));
    await eventually('the call', () => server.seen.some(({ message }) => message?.method === 'tools/call'));
    await link.close();
    expect(await waiting).toMatchObject({ outcome: 'cutOff', message: 'guard: the link was closed' });
  });

  it('settles every request on close, those too that wait for a connection', async () => {
    const server = await serve(onCall(() => true));
    const link = await open(server.url, { http: { maxConnections: 2 } });
    const waiting = Array.from({ length: 10 }, () => rejection(call(link, 'echo')));
    await eventually('a call', () => server.seen.some(({ message }) => message?.method === 'tools/call'));
    await link.close();
    const errors = await Promise.all(waiting);
    const sent = server.seen.filter(({ message }) => message?.method === 'tools/call').length;
    expect(errors.slice(0, sent)).toEqual(
      errors.slice(0, sent).map(() => expect.objectContaining({ outcome: 'cutOff' })),
    );
    expect(errors.slice(2)).toEqual(errors.slice(2).map(() => expect.objectContaining({ outcome: 'notSent' })));
    await eventually('the end of all connections', () => server.sockets.size === 0);
  });

  it.each([[500], [502], [503], [504]])('status %d is an answer, and the link stays', async (status) => {
    const server = await serve(
      onCall((_seen, response) =>
        Boolean(response.writeHead(status, { 'content-type': 'text/plain' }).end('upstream\n trouble')),
      ),
    );
    const link = await open(server.url);
    expect(await rejection(call(link, 'echo'))).toMatchObject({
      outcome: 'refused',
      message: expect.stringMatching(new RegExp(`answered ${status} .* with text/plain: upstream trouble`)),
    });
    expect(
      await Promise.race([link.closed.then(() => true), new Promise((resolve) => setTimeout(resolve, 20, false))]),
    ).toBe(false);
  });
});

it('introduces itself with the version of the package', async () => {
  const server = await serve();
  await open(server.url);
  const { version } = packageJson;
  expect(server.seen[0]?.message).toMatchObject({
    method: 'initialize',
    params: { clientInfo: { name: 'gatechart', version } },
  });
});
