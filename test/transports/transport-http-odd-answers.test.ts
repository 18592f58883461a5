import { describe, expect, it } from 'vitest';
import { open, serve, stream } from '../fixtures/transports/http-links.js';
import { callTool, external, http, start } from '../fixtures/manager/managers.js';
import type { Options } from '../fixtures/servers/http-plugin-server.mjs';
import { startRawServer } from '../fixtures/servers/raw-server.mjs';
import { call, never } from '../fixtures/transports/transports.js';
import { cleanups } from '../fixtures/cleanups.js';
import { eventually, rejection } from '../fixtures/waiting.js';

type Intercept = NonNullable<Options['intercept']>;

const json = { 'content-type': 'application/json' };

/** A server whose next answers to calls are odd, for as long as the test wants. */
async function serveOdd(options: Options = {}) {
  const odd: { answer: Intercept | undefined } = { answer: undefined };
  const server = await serve({
    ...options,
    intercept: (seen, response) =>
      (seen.message?.method === 'tools/call' && odd.answer?.(seen, response) === true) ||
      options.intercept?.(seen, response) === true,
  });
  const count = (method: string): number => server.seen.filter(({ message }) => message?.method === method).length;
  return { server, odd, executions: () => count('tools/call'), sessions: () => count('initialize') };
}

const answerWith =
  (status: number, headers: Record<string, string>, body: string): Intercept =>
  ({ message }, response) =>
    Boolean(response.writeHead(status, headers).end(body.replaceAll('OURS', String(message?.id))));

const bodies: readonly [what: string, status: number, headers: Record<string, string>, body: string, said: string][] = [
  ['broken JSON', 200, json, '{"jsonrpc":"2.0","id":', '{"jsonrpc":"2.0","id":'],
  ['an empty body', 200, json, '', 'with application/json and no content'],
  ['JSON that is no message', 200, json, '{"ok":true}', '{"ok":true}'],
  ['an empty batch', 200, json, '[]', '[]'],
  ['null', 200, json, 'null', 'null'],
  ['a page', 200, { 'content-type': 'text/html' }, '<html>Login</html>', '<html>Login</html>'],
  ['no type at all', 200, {}, 'hm', 'no content type: hm'],
  ['an acceptance', 202, {}, '', 'answered 202 Accepted'],
  ['no content', 204, {}, '', 'answered 204 No Content'],
  ['a result for another id', 200, json, '{"jsonrpc":"2.0","id":9999,"result":{}}', '"id":9999'],
  ['a result without an id', 200, json, '{"jsonrpc":"2.0","result":{}}', '"result":{}'],
  ['an event that is no message', 200, stream, 'data: hello\n\n', 'hello'],
  ['an event that is neither answer nor question', 200, stream, 'data: {"jsonrpc":"2.0"}\n\n', '{"jsonrpc":"2.0"}'],
  ['an event for another id', 200, stream, 'data: {"jsonrpc":"2.0","id":9999,"result":{}}\n\n', '"id":9999'],
  ['a stream without an event', 200, stream, '', 'without any event'],
  ['a message where events should be', 200, stream, '{"jsonrpc":"2.0","id":OURS,"result":{}}', 'without any event'],
  ['a bad gateway', 502, { 'content-type': 'text/html' }, '<h1>Bad</h1>', 'answered 502 Bad Gateway'],
  ['an unavailable service', 503, {}, '', 'answered 503 Service Unavailable'],
  ['a redirect elsewhere', 307, { location: 'http://127.0.0.1:1/mcp' }, '', 'which is another origin'],
  ['a redirect that drops the body', 302, { location: '/elsewhere' }, '', "would drop the request's body"],
  [
    'another session',
    200,
    { ...json, 'mcp-session-id': 'x' },
    '{"jsonrpc":"2.0","id":OURS,"result":{}}',
    'another session',
  ],
];

describe.each(['once', 'never'])('a complete answer that is none (replay: %s)', (replay) => {
  it.each(bodies)('fails one call, once, with what was there: %s', async (_what, status, headers, body, said) => {
    const { server, odd, executions, sessions } = await serveOdd();
    const manager = await start({ config: external(http(server.url, { replay })) });
    const other = callTool(manager, 'hold', { label: server.url });
    await eventually('the other call', () => executions() === 2);
    odd.answer = answerWith(status, headers, body);
    expect(await rejection(callTool(manager, 'echo'))).toMatchObject({
      code: expect.stringMatching(/^(PLUGIN_FAILED|CALL_OUTCOME_UNKNOWN)$/),
      message: expect.stringContaining(said),
    });
    odd.answer = undefined;
    const release = await callTool(manager, 'release', { label: server.url });
    expect(release.metadata).toEqual({ released: true });
    await other;
    expect(executions()).toBe(4);
    if (headers['mcp-session-id'] === undefined) expect(sessions()).toBe(1);
  });
});

describe('an error as the answer to our POST', () => {
  const error = '"error":{"code":-32600,"message":"cannot read that"}';

  it.each([
    ['with the id null', 200, json, `{"jsonrpc":"2.0","id":null,${error}}`],
    ['with the id null, refused', 400, json, `{"jsonrpc":"2.0","id":null,${error}}`],
    ['without an id', 200, json, `{"jsonrpc":"2.0",${error}}`],
    ['with a made-up id', 200, json, `{"jsonrpc":"2.0","id":"server-error",${error}}`],
    ['with a number that nobody waits for', 200, json, `{"jsonrpc":"2.0","id":4711,${error}}`],
    ['with our id as text', 200, json, `{"jsonrpc":"2.0","id":"OURS",${error}}`],
    ['in a batch', 200, json, `[{"jsonrpc":"2.0","method":"notifications/x"},{"jsonrpc":"2.0","id":null,${error}}]`],
    ['in a batch, refused', 400, json, `[{"jsonrpc":"2.0","id":null,${error}}]`],
    ['after a byte order mark', 200, json, `\uFEFF{"jsonrpc":"2.0","id":null,${error}}`],
    ['on a stream, with the id null', 200, stream, `data: {"jsonrpc":"2.0","id":null,${error}}\n\n`],
    ['on a stream, with a made-up id', 200, stream, `data: {"jsonrpc":"2.0","id":"x",${error}}\n\n`],
  ])('is passed on as it is: %s', async (_what, status, headers, body) => {
    const { server, odd, executions } = await serveOdd();
    const link = await open(server.url);
    odd.answer = answerWith(status, headers, body);
    expect(await rejection(call(link, 'echo'))).toMatchObject({
      outcome: 'refused',
      message: 'cannot read that',
      rpcCode: -32600,
    });
    odd.answer = undefined;
    expect(await call(link, 'echo')).toEqual({ content: [{ type: 'text', text: '{}' }] });
    expect(executions()).toBe(2);
  });

  it('is passed on at once where the server leaves the stream open', async () => {
    const { server, odd } = await serveOdd();
    const link = await open(server.url);
    odd.answer = (_seen, response) =>
      response.writeHead(200, stream).write(`data: {"jsonrpc":"2.0","id":null,${error}}\n\n`);
    expect(await rejection(call(link, 'echo'))).toMatchObject({ outcome: 'refused', message: 'cannot read that' });
  });

  it('does not hide the answer in the same batch, whichever comes first', async () => {
    const { server, odd } = await serveOdd();
    const link = await open(server.url);
    const ours = '{"jsonrpc":"2.0","id":"OURS","result":{"ours":true}}';
    const theirs = `{"jsonrpc":"2.0","id":null,${error}}`;
    for (const batch of [`[${theirs},${ours}]`, `[${ours},${theirs}]`]) {
      odd.answer = answerWith(200, json, batch);
      expect(await call(link, 'echo')).toEqual({ ours: true });
      odd.answer = answerWith(200, stream, `data: ${batch}\n\n`);
      expect(await call(link, 'echo')).toEqual({ ours: true });
    }
  });

  it('belongs to the request that waits for its id', async () => {
    const { server, odd } = await serveOdd();
    const link = await open(server.url);
    const slow = rejection(call(link, 'sleep', { ms: 60_000 }));
    await eventually('the slow call', () => server.seen.some(({ message }) => message?.id === 1));
    odd.answer = answerWith(
      200,
      json,
      `[{"jsonrpc":"2.0","id":1,${error}},{"jsonrpc":"2.0","id":OURS,"result":{"ours":true}}]`,
    );
    expect(await call(link, 'echo')).toEqual({ ours: true });
    expect(await slow).toMatchObject({ message: 'cannot read that' });
  });

  it('is cut to a sensible length', async () => {
    const { server, odd } = await serveOdd();
    const link = await open(server.url);
    const text = 'x'.repeat(1_000_000);
    odd.answer = answerWith(200, json, `{"jsonrpc":"2.0","id":OURS,"error":{"code":1,"message":"${text}"}}`);
    const refused = await rejection(call(link, 'echo'));
    expect(refused).toMatchObject({ message: expect.stringMatching(/^x{2000}…/) });
    expect(refused instanceof Error && refused.message.length).toBeLessThan(2100);
  });
});

describe('words about a session', () => {
  const words = ['Upstream session terminated', 'Session not found', 'Bad Request: No valid session ID provided'];
  const cases = words.flatMap((message) =>
    [200, 400, 500].flatMap((status) => [[status, message, json] as const, [status, message, stream] as const]),
  );

  it.each(cases)('with our id are an answer like any other: status %d, %s, %j', async (status, message, headers) => {
    const { server, odd, executions, sessions } = await serveOdd();
    const manager = await start({ config: external(http(server.url, { replay: 'never' })) });
    const answer = JSON.stringify({ jsonrpc: '2.0', id: 'OURS', error: { code: -32000, message } });
    const body = answer.replace('"OURS"', 'OURS');
    odd.answer = answerWith(status, headers, headers === stream ? `data: ${body}\n\n` : body);
    await expect(callTool(manager, 'echo')).rejects.toMatchObject({ code: 'PLUGIN_FAILED' });
    odd.answer = undefined;
    await callTool(manager, 'pid');
    expect([executions(), sessions()]).toEqual([3, 1]);
  });

  it.each([
    ['status 404', 404, json, '{"jsonrpc":"2.0","id":null,"error":{"code":-32001,"message":"Session not found"}}'],
    ['status 404 with our id', 404, json, '{"jsonrpc":"2.0","id":OURS,"error":{"code":-32001,"message":"no such"}}'],
    ['status 404 with a page', 404, { 'content-type': 'text/html' }, '<h1>Not Found</h1>'],
    [
      'examples of the TypeScript SDK',
      400,
      json,
      '{"jsonrpc":"2.0","error":{"code":-32000,"message":"Bad Request: No valid session ID provided"},"id":null}',
    ],
    [
      'the everything server',
      400,
      json,
      '{"jsonrpc":"2.0","error":{"code":-32000,"message":"Bad Request: No valid session ID provided"}}',
    ],
    [
      'a restarted server of the TypeScript SDK',
      400,
      json,
      '{"jsonrpc":"2.0","error":{"code":-32000,"message":"Bad Request: Server not initialized"},"id":null}',
    ],
    ['the Python SDK before 1.26', 400, { 'content-type': 'text/plain' }, 'Bad Request: No valid session ID provided'],
  ])('that are known to mean ours: %s', async (_what, status, headers, body) => {
    const { server, odd } = await serveOdd();
    const link = await open(server.url);
    odd.answer = answerWith(status, headers, body);
    expect(await rejection(call(link, 'echo'))).toMatchObject({ outcome: 'sessionLost' });
    expect((await link.closed).error).toMatchObject({ code: 'SESSION_LOST' });
  });

  it.each([
    ['an unknown method', 404, '{"jsonrpc":"2.0","id":OURS,"error":{"code":-32601,"message":"Method not found"}}'],
    [
      'words that are not quite those',
      400,
      '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Bad session"}}',
    ],
    ['another code', 400, '{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Session not found"}}'],
    ['another status', 500, '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Session not found"}}'],
  ])('that mean something else: %s', async (_what, status, body) => {
    const { server, odd, executions, sessions } = await serveOdd();
    const link = await open(server.url);
    odd.answer = answerWith(status, json, body);
    expect(await rejection(call(link, 'echo'))).toMatchObject({ outcome: 'refused' });
    odd.answer = undefined;
    await call(link, 'echo');
    expect([executions(), sessions()]).toEqual([2, 1]);
  });

  it('and a result that comes with a refusal is still a result', async () => {
    const { server, odd } = await serveOdd();
    const link = await open(server.url);
    odd.answer = answerWith(404, json, '{"jsonrpc":"2.0","id":OURS,"result":{"done":true}}');
    expect(await call(link, 'echo')).toEqual({ done: true });
  });

  it('do not cut off what else is under way: the link takes nothing new, and ends with the last of it', async () => {
    const { server, odd } = await serveOdd();
    const link = await open(server.url);
    const slow = call(link, 'sleep', { ms: 2500 });
    await eventually('the slow call', () => server.seen.some(({ message }) => message?.id === 1));
    odd.answer = answerWith(404, {}, '');
    expect(await rejection(call(link, 'echo'))).toMatchObject({ outcome: 'sessionLost' });
    await link.retiring;
    expect(await rejection(call(link, 'echo'))).toMatchObject({ outcome: 'notSent' });
    expect(await slow).toEqual({ content: [] });
    expect((await link.closed).error).toMatchObject({ code: 'SESSION_LOST' });
    await link.close();
    await eventually('the end of all connections', () => server.sockets.size === 0);
  });
});

it('a lost session costs no call that is under way, and a new one takes the next calls at once', async () => {
  const { server, odd, executions, sessions } = await serveOdd();
  const manager = await start({ config: external(http(server.url, { replay: 'never' })) });
  await new Promise((resolve) => setTimeout(resolve, 1200));
  const slow = callTool(manager, 'sleep', { ms: 3000 });
  await eventually('the slow call', () => executions() === 2);
  odd.answer = (_seen, response) => {
    odd.answer = undefined;
    return Boolean(response.writeHead(404).end());
  };
  const began = performance.now();
  expect((await callTool(manager, 'pid')).metadata).toEqual({ pid: process.pid });
  expect(performance.now() - began).toBeLessThan(1500);
  expect((await slow).metadata).toEqual({ content: [] });
  // The slow one, and the other one twice: the server said that it did not know the session.
  expect([executions(), sessions()]).toEqual([4, 2]);
});

describe('an answer that breaks off', () => {
  it('leaves the outcome open, and the calls beside it alone', async () => {
    const { server, odd, sessions } = await serveOdd();
    const link = await open(server.url);
    const slow = call(link, 'sleep', { ms: 1500 });
    odd.answer = ({ message }, response) => {
      if (message?.params?.['name'] === 'sleep') return false;
      response.writeHead(200, { ...json, 'content-length': '100' }).write('{"jsonrpc"');
      setTimeout(() => response.destroy(), 20);
      return true;
    };
    expect(await rejection(call(link, 'echo'))).toMatchObject({ outcome: 'cutOff' });
    expect(await slow).toEqual({ content: [] });
    expect(sessions()).toBe(1);
  });

  it('does not, where it is no HTTP: the call fails, and is not sent again', async () => {
    let posts = 0;
    const raw = await startRawServer((socket) =>
      socket.on('data', (data: Buffer) => {
        const [head = '', body = ''] = data.toString().split('\r\n\r\n');
        if (!head.startsWith('POST')) return socket.end('HTTP/1.1 405 No\r\ncontent-length: 0\r\n\r\n');
        const { id, method } = JSON.parse(body) as { id?: number; method: string };
        if (method === 'tools/call') return (posts++, socket.end('SSH-2.0-OpenSSH_9.6\r\n'));
        const serverInfo = { name: 'raw', version: '1' };
        const result = { protocolVersion: '2025-06-18', capabilities: {}, serverInfo };
        const answer = id === undefined ? '' : JSON.stringify({ jsonrpc: '2.0', id, result });
        socket.write(
          `HTTP/1.1 ${id === undefined ? 202 : 200} OK\r\ncontent-type: application/json\r\ncontent-length: ${answer.length}\r\n\r\n${answer}`,
        );
      }),
    );
    cleanups.push(() => raw.close());
    const link = await open(raw.url);
    expect(await rejection(call(link, 'echo'))).toMatchObject({
      outcome: 'refused',
      cause: { code: 'PROTOCOL_ERROR' },
    });
    await link.request({ method: 'ping' }, { signal: never });
    expect(posts).toBe(1);
  });
});
