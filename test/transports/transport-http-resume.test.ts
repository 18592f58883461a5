import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { open, serve, stream } from '../fixtures/transports/http-links.js';
import type { Seen } from '../fixtures/servers/http-plugin-server.mjs';
import { RecordingListener } from '../fixtures/transports/talking-links.js';
import { call } from '../fixtures/transports/transports.js';
import { eventually, rejection } from '../fixtures/waiting.js';

/** A server whose answers to calls end after an event id; `onResume` has the GET that asks for the rest. */
function serveInParts(onResume: (response: ServerResponse, seen: Seen, id: number | undefined) => void) {
  let id: number | undefined;
  return serve({
    intercept: (seen, response) => {
      if (seen.message?.method === 'tools/call') {
        id = seen.message.id;
        response.writeHead(200, stream).end('id: p1\nretry: 5\ndata:\n\n');
        return true;
      }
      if (seen.method !== 'GET' || seen.headers['last-event-id'] !== 'p1') return false;
      onResume(response, seen, id);
      return true;
    },
  });
}

const result = (id: number | undefined): string => `data: {"jsonrpc":"2.0","id":${id},"result":{"content":[]}}\n\n`;

const answered = (seen: readonly Seen[], of: string): number =>
  seen.filter(({ message }) => message?.method === of).length;

describe('an answer whose stream broke off was perhaps executed', () => {
  it.each([
    ['no longer knows the session', 404, '', 'SESSION_LOST'],
    [
      'says so as a JSON-RPC error',
      400,
      '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Bad Request: No valid session ID provided"}}',
      'SESSION_LOST',
    ],
    ['offers no event streams', 405, '', undefined],
    ['fails', 500, '', undefined],
    ['refuses', 400, '{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"no"}}', undefined],
  ])('when the server %s on being asked for the rest (%d)', async (_what, status, body, lost) => {
    const server = await serveInParts((response) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(body),
    );
    const link = await open(server.url);
    expect(await rejection(call(link, 'echo'))).toMatchObject({
      outcome: 'cutOff',
      message: expect.stringContaining('the rest of the answer could not be fetched: '),
    });
    if (lost !== undefined) expect((await link.closed).error).toMatchObject({ code: lost });
    expect(answered(server.seen, 'tools/call')).toBe(1);
  });

  it('and an error that comes with the rest is its answer, whatever it says', async () => {
    const server = await serveInParts((response, _seen, id) => {
      const error = '{"code":-32600,"message":"Session terminated"}';
      response.writeHead(200, stream).end(`data: {"jsonrpc":"2.0","id":${id},"error":${error}}\n\n`);
    });
    const link = await open(server.url);
    expect(await rejection(call(link, 'echo'))).toMatchObject({ outcome: 'refused', message: 'Session terminated' });
    expect(answered(server.seen, 'tools/call')).toBe(1);
    await link.request({ method: 'ping' }, { signal: new AbortController().signal });
  });

  it('and is not sent again where asking for the rest is redirected', async () => {
    const server = await serveInParts((response, { path }, id) => {
      if (path === '/mcp') response.writeHead(307, { location: '/mcp/moved' }).end();
      else response.writeHead(200, stream).end(result(id));
    });
    const link = await open(server.url);
    expect(await call(link, 'echo')).toEqual({ content: [] });
    expect(answered(server.seen, 'tools/call')).toBe(1);
  });

  it('when a connection for the rest is refused', async () => {
    const server = await serve({
      intercept: ({ message }, response) => {
        if (message?.method !== 'tools/call') return false;
        moved = true;
        response.writeHead(200, stream).end('id: p1\nretry: 5\ndata:\n\n');
        return true;
      },
    });
    // Real DNS cannot be made to point elsewhere at the right moment.
    let moved = false;
    const link = await open(`http://plugins.example:${server.port}/mcp`, {
      lookup: (_host, _options, callback) => callback(null, [{ address: moved ? '10.0.0.7' : '127.0.0.1', family: 4 }]),
      http: { maxKeepaliveConnections: 0 },
    });
    expect(await rejection(call(link, 'echo'))).toMatchObject({
      outcome: 'cutOff',
      message: expect.stringContaining('resolves to 10.0.0.7'),
    });
    expect((await link.closed).error).toMatchObject({ code: 'ADDRESS_REFUSED' });
  });
});

it('an answer is asked for again where it broke off last, also if nothing more came', async () => {
  let asked = 0;
  const server = await serveInParts((response, _seen, id) => {
    if (++asked < 3) response.writeHead(200, stream).end('data:\n\n');
    else response.writeHead(200, stream).end(result(id));
  });
  const link = await open(server.url);
  expect(await call(link, 'echo')).toEqual({ content: [] });
  expect(asked).toBe(3);
});

describe('an event id', () => {
  /** A server whose answers break off after these ids; the rest is asked for with `last-event-id`. */
  async function serveIds(ids: readonly string[], ends: (response: ServerResponse) => void) {
    let id: number | undefined;
    const asked: (string | undefined)[] = [];
    const server = await serve({
      intercept: ({ method, message, headers }, response) => {
        if (message?.method === 'tools/call') {
          id = message.id;
          response.writeHead(200, stream).write(ids.map((one) => `id: ${one}\nretry: 5\ndata:\n\n`).join(''));
          setTimeout(() => ends(response), 20);
          return true;
        }
        const resumeAt = headers['last-event-id'];
        if (method !== 'GET' || resumeAt === undefined) return false;
        asked.push(Buffer.from(String(resumeAt), 'latin1').toString('utf8'));
        response.writeHead(200, stream).end(result(id));
        return true;
      },
    });
    return { server, asked };
  }

  it.each(['ü漢字', 'é', '🌍-1', 'plain'])('comes back as the bytes it was sent as: %s', async (eventId) => {
    const { server, asked } = await serveIds([eventId], (response) => response.end());
    expect(await call(await open(server.url), 'echo')).toEqual({ content: [] });
    expect(asked).toEqual([eventId]);
    expect(answered(server.seen, 'tools/call')).toBe(1);
  });

  it.each(['\u0001', 'a\u0000b', '\u007F', ' two blanks', 'x'.repeat(20_000)])(
    'that cannot be a header leaves the last one that can: %j',
    async (eventId) => {
      const { server, asked } = await serveIds(['good', eventId], (response) => response.destroy());
      expect(await call(await open(server.url), 'echo')).toEqual({ content: [] });
      expect(asked).toEqual(['good']);
    },
  );

  it('that cannot be a header is no reason to send the call again, where there is no other', async () => {
    const { server } = await serveIds(['\u0001'], (response) => response.end());
    expect(await rejection(call(await open(server.url), 'echo'))).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('with an event id that cannot be sent back'),
    });
    expect(answered(server.seen, 'tools/call')).toBe(1);
  });
});

it.each([429, 502, 503, 504])('the rest is asked for again after status %d', async (status) => {
  let asked = 0;
  const server = await serveInParts((response, _seen, id) => {
    if (++asked < 3) response.writeHead(status).end();
    else response.writeHead(200, stream).end(result(id));
  });
  const link = await open(server.url);
  expect(await call(link, 'echo')).toEqual({ content: [] });
  expect([asked, answered(server.seen, 'tools/call')]).toEqual([3, 1]);
});

it('a server that ends the stream time and again, with something new each time, is asked for as long as it takes', async () => {
  let id: number | undefined;
  let asked = 0;
  const server = await serve({
    intercept: ({ method, message, headers }, response) => {
      if (message?.method === 'tools/call') id = message.id;
      else if (method !== 'GET' || headers['last-event-id'] !== `p${asked - 1}`) return false;
      response.writeHead(200, stream).end(asked++ < 8 ? `id: p${asked - 1}\nretry: 5\ndata:\n\n` : result(id));
      return true;
    },
  });
  expect(await call(await open(server.url), 'echo')).toEqual({ content: [] });
  expect(asked).toBe(9);
});

describe('when the rest of an answer is not to be had', () => {
  it('it is asked for three times behind the same event', async () => {
    let asked = 0;
    const server = await serveInParts((response) => {
      asked++;
      response.writeHead(200, stream).end('data:\n\n');
    });
    const link = await open(server.url);
    expect(await rejection(call(link, 'echo'))).toMatchObject({
      outcome: 'cutOff',
      message: expect.stringContaining('ended the event stream before the answer came'),
    });
    expect([asked, answered(server.seen, 'tools/call')]).toEqual([3, 1]);
    // The link is as good as before.
    await link.request({ method: 'ping' }, { signal: new AbortController().signal });
  });

  it('it is not asked for again once the server says that it can be resumed nowhere', async () => {
    const server = await serveInParts((response) => response.writeHead(200, stream).end('id:\ndata:\n\n'));
    const link = await open(server.url);
    await eventually('the event stream', () => server.count('GET') === 1);
    expect(await rejection(call(link, 'echo'))).toMatchObject({ outcome: 'cutOff' });
    expect(server.count('GET')).toBe(2);
  });

  it('because it is larger than a message may be, the call alone fails, and says so', async () => {
    const server = await serveInParts((response, _seen, id) => {
      const text = 'x'.repeat(10_000);
      response.writeHead(200, stream).end(`data: {"jsonrpc":"2.0","id":${id},"result":{"text":"${text}"}}\n\n`);
    });
    const link = await open(server.url, { maxMessageBytes: 5000 });
    expect(await rejection(call(link, 'echo'))).toMatchObject({
      outcome: 'refused',
      cause: { code: 'MESSAGE_TOO_LARGE' },
    });
    await link.request({ method: 'ping' }, { signal: new AbortController().signal });
  });
});

describe('nobody asks for the rest of an answer', () => {
  const isTold = ({ message }: Seen): boolean => message?.method === 'notifications/cancelled';

  /** A call whose answer broke off, on a clock that stands still, in the pause before its rest is asked for. */
  async function pausing(onResume: Parameters<typeof serveInParts>[0] = () => {}) {
    const clock = new ManualClock();
    const server = await serveInParts(onResume);
    const link = await open(server.url, { clock });
    const abort = new AbortController();
    const called = rejection(call(link, 'echo', {}, abort.signal));
    await eventually('the pause', () => clock.holding === 1);
    return { clock, server, link, abort, called };
  }

  it('that was given up in the pause before; the server is told', async () => {
    const { clock, server, link, abort, called } = await pausing();
    abort.abort(new Error('enough'));
    expect(await called).toMatchObject({ message: 'enough' });
    await eventually('the notification', () => server.seen.some(isTold));
    await clock.run(60_000);
    await link.request({ method: 'ping' }, { signal: new AbortController().signal });
    expect(server.seen.filter(({ headers }) => headers['last-event-id'] === 'p1')).toEqual([]);
    expect(clock.holding).toBe(0);
  });

  it('that is given up while it is asked for; the request for it ends', async () => {
    let ended = false;
    const { clock, server, abort, called } = await pausing((response) => {
      response.writeHead(200, stream).write(': there will be more\n\n');
      response.once('close', () => (ended = true));
    });
    await clock.run(100);
    await eventually('the request', () => server.seen.some(({ headers }) => headers['last-event-id'] === 'p1'));
    expect(ended).toBe(false);
    abort.abort(new Error('enough'));
    expect(await called).toMatchObject({ message: 'enough' });
    await eventually('the end of the request', () => ended);
    await eventually('the notification', () => server.seen.some(isTold));
  });

  it('on a link that has been closed, whose calls have an unknown outcome then', async () => {
    const { clock, server, link, called } = await pausing();
    const closing = link.close();
    expect(await called).toMatchObject({ outcome: 'cutOff' });
    await eventually('the end of the session', () => server.seen.some(({ method }) => method === 'DELETE'));
    await closing;
    expect(clock.size).toBe(0);
    expect(server.seen.filter(({ headers }) => headers['last-event-id'] === 'p1')).toEqual([]);
  });

  it('on a link that has been closed, also where the answer came on the event stream meanwhile', async () => {
    const clock = new ManualClock();
    let events: ServerResponse | undefined;
    let id: number | undefined;
    const server = await serve({
      intercept: ({ method, message }, response) => {
        if (message?.method === 'tools/call') {
          id = message.id;
          response.writeHead(200, stream).end('id: p1\nretry: 5\ndata:\n\n');
        } else if (method === 'GET') {
          response.writeHead(200, stream).flushHeaders();
          events = response;
        } else return false;
        return true;
      },
    });
    const link = await open(server.url, { clock });
    await eventually('the event stream', () => events !== undefined);
    const called = call(link, 'echo');
    await eventually('the pause', () => clock.holding === 1);
    events?.write(result(id));
    expect(await called).toEqual({ content: [] });
    await link.close();
    expect(clock.size).toBe(0);
  });
});

it('what comes with the rest of an answer belongs to its request, as what came before it', async () => {
  let answered: unknown;
  const log = (data: string) =>
    `data: {"jsonrpc":"2.0","method":"notifications/message","params":{"data":"${data}"}}\n\n`;
  const server = await serve({
    intercept: (seen, response) => {
      if (seen.message?.method === 'tools/call') {
        response.writeHead(200, stream).end(`${log('first')}id: p1\nretry: 5\ndata:\n\n`);
        return true;
      }
      if (seen.message !== undefined && 'result' in seen.message) answered = seen.message.result;
      if (seen.method !== 'GET' || seen.headers['last-event-id'] !== 'p1') return false;
      response.writeHead(200, stream);
      response.write(`${log('second')}data: {"jsonrpc":"2.0","id":"q","method":"roots/list"}\n\n`);
      void eventually('the answer', () => answered !== undefined).then(() => response.end(result(1)));
      return true;
    },
  });
  const link = await open(server.url);
  const unasked: unknown[] = [];
  link.onNotification((notification) => unasked.push(notification));
  const on = new RecordingListener({}, async () => ({ roots: [] }));
  await link.request({ method: 'tools/call', params: { name: 'echo' } }, { signal: new AbortController().signal, on });
  expect(on.heard.map(({ params }) => params?.['data'])).toEqual(['first', 'second']);
  expect(on.asked).toEqual([{ method: 'roots/list' }]);
  expect(answered).toEqual({ roots: [] });
  expect(unasked).toEqual([]);
});
