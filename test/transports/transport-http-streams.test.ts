import { getEventListeners, setMaxListeners } from 'node:events';
import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { GatechartError } from '../../src/errors.js';
import { type Clock, systemClock } from '../../src/time/clock.js';
import { onCall, open, serve, stream } from '../fixtures/transports/http-links.js';
import { type Options, type Seen } from '../fixtures/servers/http-plugin-server.mjs';
import { startRawServer } from '../fixtures/servers/raw-server.mjs';
import { call, httpTransport } from '../fixtures/transports/transports.js';
import { cleanups } from '../fixtures/cleanups.js';
import { eventually, rejection } from '../fixtures/waiting.js';

describe('failure 10: event streams that drop', () => {
  /** Takes over the event stream (GET). */
  const onGet = (act: (nth: number, response: Parameters<NonNullable<Options['intercept']>>[1]) => void): Options => {
    let nth = 0;
    return {
      intercept: ({ method }, response) => {
        if (method !== 'GET') return false;
        act(nth++, response);
        return true;
      },
    };
  };

  it('does not need the server to offer one', async () => {
    const server = await serve(onGet((_nth, response) => response.writeHead(405).end()));
    const link = await open(server.url);
    await eventually('the question for it', () => server.count('GET') === 1);
    await call(link, 'echo');
    expect(server.count('GET')).toBe(1);
  });

  it('opens it again when the server closes it, at the pace and the place that the server asks for', async () => {
    const server = await serve(
      onGet((nth, response) => response.writeHead(200, stream).end(`id: e${nth}\nretry: 10\ndata:\n\n`)),
    );
    const link = await open(server.url);
    await eventually('the third stream', () => server.count('GET') >= 3);
    expect(server.seen.filter(({ method }) => method === 'GET')[2]?.headers['last-event-id']).toBe('e1');
    await call(link, 'echo');
  });

  /** How long an answered request waits for the end of its stream. */
  const lingerMs = 1000;

  /** Keeps the delays that are asked for, and waits for none of the others. */
  function hurriedClock(): Clock & { readonly delays: number[] } {
    const delays: number[] = [];
    return {
      ...systemClock,
      delays,
      setTimeout: (callback, ms) => {
        delays.push(ms);
        return systemClock.setTimeout(callback, ms === lingerMs ? ms : 1);
      },
    };
  }

  it.each([
    ['0', 100],
    ['250', 250],
    ['99999999999999999999', 30_000],
  ])('lets the server set the pace (retry: %s) within bounds', async (retry, delayMs) => {
    const clock = hurriedClock();
    let id: number | undefined;
    const server = await serve({
      intercept: ({ method, message, headers }, response) => {
        if (message?.method === 'tools/call') {
          id = message.id;
          response.writeHead(200, stream).end(`id: p1\nretry: ${retry}\ndata:\n\n`);
        } else if (method === 'GET' && headers['last-event-id'] === 'p1') {
          response.writeHead(200, stream).end(`data: {"jsonrpc":"2.0","id":${id},"result":{}}\n\n`);
        } else if (method === 'GET') {
          // Something is said on each, so that their number gives no reason to slow down.
          const said = 'data: {"jsonrpc":"2.0","method":"notifications/tools/list_changed"}';
          response.writeHead(200, stream).end(`retry: ${retry}\n${said}\n\n`);
        } else return false;
        return true;
      },
    });
    const link = await open(server.url, { clock, random: () => 0 });
    await eventually('the third stream', () => server.count('GET') >= 3);
    expect(await call(link, 'echo')).toEqual({});
    expect(new Set(clock.delays.filter((ms) => ms !== lingerMs))).toEqual(new Set([delayMs]));
  });

  it.each([
    ['a status of 503', (response: ServerResponse) => response.writeHead(503).end()],
    ['a connection that breaks', (response: ServerResponse) => response.destroy()],
  ])('opens it later where %s was in the way, however often, and the link goes on', async (_what, fail) => {
    const clock = hurriedClock();
    const server = await serve(
      onGet((nth, response) => (nth < 6 ? fail(response) : response.writeHead(200, stream).flushHeaders())),
    );
    const link = await open(server.url, { clock, random: () => 0 });
    await eventually('the stream', () => server.count('GET') === 7);
    await call(link, 'echo');
    expect(clock.delays.filter((ms) => ms > lingerMs)).toEqual([2000, 4000, 8000, 16_000, 30_000]);
  });

  it('ends the link when the stream of another session is answered with', async () => {
    const server = await serve(
      onGet((_nth, response) => response.writeHead(200, { ...stream, 'mcp-session-id': 'another' }).flushHeaders()),
    );
    const link = await open(server.url);
    expect((await link.closed).error).toMatchObject({
      code: 'SESSION_LOST',
      message: expect.stringContaining('the answer came from another session than the one that asked'),
    });
  });

  it('ends the link when the session is unknown on reopening', async () => {
    const server = await serve(
      onGet((nth, response) =>
        nth === 0 ? response.writeHead(200, stream).end('retry: 5\n\n') : response.writeHead(404).end(),
      ),
    );
    const link = await open(server.url);
    expect((await link.closed).error).toMatchObject({ code: 'SESSION_LOST' });
  });

  it('resumes the stream of an answer where the server gave event ids', async () => {
    let id: number | undefined;
    const server = await serve({
      intercept: ({ method, message, headers }, response) => {
        if (message?.method === 'tools/call') {
          id = message.id;
          response.writeHead(200, stream).end('id: p1\nretry: 5\ndata:\n\n');
          return true;
        }
        if (method === 'GET' && headers['last-event-id'] === 'p1') {
          response.writeHead(200, stream).end(`data: {"jsonrpc":"2.0","id":${id},"result":{"content":[]}}\n\n`);
          return true;
        }
        return false;
      },
    });
    const link = await open(server.url);
    expect(await call(link, 'echo')).toEqual({ content: [] });
  });
});

describe('failure 11: a hung server', () => {
  const cancellations = ({ seen }: { seen: readonly Seen[] }) =>
    seen.flatMap(({ message }) => (message?.method === 'notifications/cancelled' ? [message.params] : []));

  it('frees the caller at once with the reason of its signal, tells the server and frees the connection', async () => {
    const server = await serve();
    const link = await open(server.url);
    const abort = new AbortController();
    const reason = new Error('deadline of 20 ms');
    const waiting = rejection(call(link, 'sleep', { ms: 60_000, label: 'hung' }, abort.signal));
    await eventually('the call', () => server.seen.some(({ message }) => message?.method === 'tools/call'));
    abort.abort(reason);
    expect(await waiting).toBe(reason);
    await eventually('the cancellation', () =>
      server.seen.some(({ message }) => message?.method === 'notifications/cancelled'),
    );
    expect(server.seen.find(({ message }) => message?.method === 'notifications/cancelled')?.message?.params).toEqual({
      requestId: 1,
      reason: 'deadline of 20 ms',
    });
    expect(await call(link, 'cancelled')).toMatchObject({
      structuredContent: { cancelled: expect.arrayContaining(['hung']) },
    });
  });

  it('is told of a deadline in words that say nothing else', async () => {
    const server = await serve();
    const link = await open(server.url);
    const abort = new AbortController();
    const waiting = rejection(call(link, 'sleep', { ms: 60_000 }, abort.signal));
    await eventually('the call', () => server.seen.some(({ message }) => message?.method === 'tools/call'));
    abort.abort(new GatechartError('CALL_TIMEOUT', 'No answer within 20 ms, last error: http://10.0.0.7/ is gone.'));
    await waiting;
    await eventually('the cancellation', () => cancellations(server).length > 0);
    expect(cancellations(server)).toEqual([{ requestId: 1, reason: 'deadline passed' }]);
  });

  it('is not told of requests that only waited for a connection', async () => {
    const server = await serve();
    const link = await open(server.url, { http: { maxConnections: 1 } });
    const first = new AbortController();
    const others = new AbortController();
    const sent = rejection(call(link, 'sleep', { ms: 60_000 }, first.signal));
    await eventually('the call', () => server.seen.some(({ message }) => message?.method === 'tools/call'));
    const queued = Array.from({ length: 5 }, () => rejection(call(link, 'echo', {}, others.signal)));
    others.abort(new Error('enough'));
    await Promise.all(queued);
    first.abort(new Error('enough'));
    await sent;
    await call(link, 'echo');
    expect(cancellations(server)).toEqual([{ requestId: 1, reason: 'enough' }]);
  });

  it('gives up opening when its signal aborts', async () => {
    const server = await startRawServer((socket) => socket.resume());
    cleanups.push(() => server.close());
    const abort = new AbortController();
    const reason = new Error('connect deadline');
    const opening = rejection(httpTransport(server.url).open(abort.signal));
    await eventually('the connection', () => server.sockets.size === 1);
    abort.abort(reason);
    expect(await opening).toBe(reason);
    await eventually('its end', () => server.sockets.size === 0);
    expect(getEventListeners(abort.signal, 'abort')).toEqual([]);
  });
});

describe('failure 15: idle time-outs', () => {
  it('bound an event, not all that keeps a stream alive', async () => {
    const server = await serve(
      onCall(({ message }, response) => {
        response.writeHead(200, stream);
        for (let beat = 0; beat < 100; beat++) response.write(': still there, and for a long time yet\n\n');
        response.end(`data: {"jsonrpc":"2.0","id":${message?.id},"result":{"late":true}}\n\n`);
        return true;
      }),
    );
    const link = await open(server.url, { maxMessageBytes: 1000 });
    expect(await call(link, 'echo')).toEqual({ late: true });
  });

  it('do not end the event stream, however long nothing is said on it', async () => {
    const server = await serve();
    const link = await open(server.url, { http: { readTimeoutMs: 100 } });
    await eventually('the event stream', () => server.count('GET') === 1);
    // Time-outs of undici come up to a second late.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(server.count('GET')).toBe(1);
    await call(link, 'echo');
  });

  it('count the keep-alive of a slow answer as traffic', async () => {
    const server = await serve(
      onCall(({ message }, response) => {
        response.writeHead(200, stream);
        const beat = setInterval(() => response.write(': still there\n\n'), 100);
        setTimeout(() => {
          clearInterval(beat);
          response.end(`data: {"jsonrpc":"2.0","id":${message?.id},"result":{"late":true}}\n\n`);
        }, 3500);
        return true;
      }),
    );
    const link = await open(server.url, { http: { readTimeoutMs: 1000 } });
    expect(await call(link, 'echo')).toEqual({ late: true });
  });
});

describe('failure 16: listeners on long-lived signals', () => {
  it('has none left after 2,000 requests on one signal', async () => {
    const server = await serve({ json: true });
    const link = await open(server.url);
    const { signal } = new AbortController();
    setMaxListeners(0, signal);
    let most = 0;
    let left = 2000;
    await Promise.all(
      Array.from({ length: 32 }, async () => {
        while (left-- > 0) {
          await call(link, 'echo', {}, signal);
          most = Math.max(most, getEventListeners(signal, 'abort').length);
        }
      }),
    );
    expect(most).toBeLessThanOrEqual(32);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('failure 17: bodies that nobody reads', () => {
  it('uses one connection for any number of calls, errors and refusals', async () => {
    const server = await serve({
      json: true,
      intercept: ({ method, message }, response) => {
        if (method === 'GET')
          return Boolean(response.writeHead(405, { 'content-type': 'text/plain' }).end('x'.repeat(10_000)));
        const refused = message?.params?.name === 'status';
        if (refused) response.writeHead(500, { 'content-type': 'text/html' }).end(`<html>${'x'.repeat(20_000)}</html>`);
        return refused;
      },
    });
    const link = await open(server.url);
    await eventually('the refused event stream', () => server.count('GET') === 1);
    for (let n = 0; n < 20; n++) {
      await call(link, 'echo');
      await rejection(call(link, 'status'));
      await rejection(call(link, 'refuse', { code: -1, message: 'no' }));
    }
    expect(server.connections()).toBeLessThanOrEqual(2);
  });

  it('frees a connection whose stream the server leaves open after the answer', async () => {
    const server = await serve(
      onCall(({ message }, response) =>
        response.writeHead(200, stream).write(`data: {"jsonrpc":"2.0","id":${message?.id},"result":{}}\n\n`),
      ),
    );
    const link = await open(server.url, { http: { maxConnections: 1 } });
    expect(await call(link, 'echo')).toEqual({});
    expect(await call(link, 'echo')).toEqual({});
  });
});
