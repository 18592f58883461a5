import { describe, expect, it } from 'vitest';
import { onCall, open, serve, stream } from '../fixtures/transports/http-links.js';
import { callTool, external, http, start } from '../fixtures/manager/managers.js';
import type { Options } from '../fixtures/servers/http-plugin-server.mjs';
import { call } from '../fixtures/transports/transports.js';
import { eventually, rejection } from '../fixtures/waiting.js';

type Response = Parameters<NonNullable<Options['intercept']>>[1];

const json = { 'content-type': 'application/json' };
const resultFor = (id: number | undefined): string => `{"jsonrpc":"2.0","id":${id},"result":{"whole":true}}`;

/** Sends a part of a response, and breaks it off. */
function breakOff(response: Response, status: number, headers: Record<string, string>, body: string): true {
  response.writeHead(status, { 'content-length': '100000', ...headers }).write(body);
  setTimeout(() => response.destroy(), 20);
  return true;
}

describe.each(['once', 'never'])('a response that breaks off (replay: %s)', (replay) => {
  it.each([
    ['an error', 500, json, '{"jsonrpc":"2.0",', 'answered 500 Internal Server Error'],
    ['a page of a proxy', 502, { 'content-type': 'text/html' }, '<h1>Bad gate', 'answered 502 Bad Gateway'],
    ['a refusal for its size', 413, { 'content-type': 'text/html' }, '<h1>Too', 'answered 413 Payload Too Large'],
    ['a refusal without a word', 503, {}, '', 'answered 503 Service Unavailable'],
  ])('behind an error status is one all the same: %s', async (_what, status, headers, body, said) => {
    let calls = 0;
    const server = await serve(
      onCall(({ message }, response) => {
        if (message?.params?.['name'] !== 'invoke_hook') return false;
        calls++;
        return breakOff(response, status, headers, body);
      }),
    );
    const manager = await start({ config: external(http(server.url, { replay })) });
    expect(await rejection(callTool(manager, 'echo'))).toMatchObject({
      code: status === 413 ? 'MESSAGE_TOO_LARGE' : 'PLUGIN_FAILED',
      message: expect.stringContaining(said),
    });
    expect(calls).toBe(1);
  });
});

describe('an answer that is whole but for what comes behind it', () => {
  it.each<[string, (response: Response, id: number | undefined) => void]>([
    [
      'on a stream that ends without the empty line',
      (response, id) => response.writeHead(200, stream).end(`data: ${resultFor(id)}\n`),
    ],
    [
      'on a stream that ends without any line end',
      (response, id) => response.writeHead(200, stream).end(`event: message\ndata: ${resultFor(id)}`),
    ],
    [
      'on a stream that breaks off without the empty line',
      (response, id) => breakOff(response, 200, stream, `data: ${resultFor(id)}\n`),
    ],
    ['in a body that claims to be longer', (response, id) => breakOff(response, 200, json, resultFor(id))],
  ])('is taken: %s', async (_what, answer) => {
    let calls = 0;
    const server = await serve(
      onCall(({ message }, response) => {
        calls++;
        answer(response, message?.id);
        return true;
      }),
    );
    const link = await open(server.url);
    expect(await call(link, 'echo')).toEqual({ whole: true });
    expect(calls).toBe(1);
  });

  it('counts with nothing but its message: the place to resume at is the one before', async () => {
    const server = await serve({
      intercept: ({ method, message, headers }, response) => {
        if (message?.method === 'tools/call') {
          response.writeHead(200, stream).write('id: p1\nretry: 100\ndata:\n\n');
          response.end(`id: p2\ndata: {"jsonrpc":"2.0","id":${message.id},"res`);
          return true;
        }
        if (method !== 'GET' || headers['last-event-id'] === undefined) return false;
        const id = server.seen.findLast((seen) => seen.message?.method === 'tools/call')?.message?.id;
        response.writeHead(200, stream).end(`data: ${resultFor(id)}\n\n`);
        return true;
      },
    });
    const link = await open(server.url);
    expect(await call(link, 'echo')).toEqual({ whole: true });
    expect(server.seen.flatMap(({ headers }) => headers['last-event-id'] ?? [])).toEqual(['p1']);
  });
});

it('the late error of a call that was given up is not that of the call on whose stream it comes', async () => {
  const server = await serve(
    onCall(({ message }, response) => {
      if (message?.params?.['name'] === 'held') return true;
      const id = message?.id ?? 0;
      response.writeHead(200, stream);
      response.write(`data: {"jsonrpc":"2.0","id":${id - 1},"error":{"code":-32000,"message":"late"}}\n\n`);
      response.end(`data: ${resultFor(id)}\n\n`);
      return true;
    }),
  );
  const link = await open(server.url);
  const abort = new AbortController();
  const held = rejection(call(link, 'held', {}, abort.signal));
  await eventually('the call', () => server.seen.some(({ message }) => message?.method === 'tools/call'));
  abort.abort();
  await held;
  expect(await call(link, 'echo')).toEqual({ whole: true });
});

it('an event id that is too long to be sent back is no reason to send a call again, however long it is', async () => {
  for (const length of [5000, 9000, 200_000]) {
    let calls = 0;
    const server = await serve(
      onCall((_seen, response) => {
        calls++;
        response.writeHead(200, stream);
        response.end(`id: ${'x'.repeat(length)}\ndata: {"jsonrpc":"2.0","method":"notifications/x"}\n\n`);
        return true;
      }),
    );
    const link = await open(server.url);
    expect(await rejection(call(link, 'echo'))).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining('with an event id that cannot be sent back'),
    });
    expect(calls).toBe(1);
  }
});

it('a server may answer a notification with a stream that it never ends', async () => {
  const server = await serve({
    intercept: ({ message }, response) => {
      if (message?.method !== 'notifications/initialized') return false;
      response.writeHead(200, stream).write(': open\n\n');
      return true;
    },
  });
  const link = await open(server.url);
  await call(link, 'echo');
}, 4000);

it('a notification that is refused is refused, also where a result without an id comes with it', async () => {
  const server = await serve({
    intercept: ({ message }, response) => {
      if (message?.method !== 'notifications/initialized') return false;
      response.writeHead(400, { 'content-type': 'application/json' }).end('{"jsonrpc":"2.0","result":{}}');
      return true;
    },
  });
  expect(await rejection(open(server.url))).toMatchObject({
    code: 'CALL_REFUSED',
    message: expect.stringContaining('answered 400'),
  });
}, 4000);

it('an answer over the limit is known by its id behind a byte order mark too', async () => {
  const server = await serve(
    onCall(({ message }, response) => {
      response.writeHead(200, stream);
      response.end(`\uFEFFdata: {"jsonrpc":"2.0","id":${message?.id},"result":{"data":"${'x'.repeat(300_000)}"}}\n\n`);
      return true;
    }),
  );
  const link = await open(server.url, { maxMessageBytes: 200_000 });
  expect(await rejection(call(link, 'echo'))).toMatchObject({
    outcome: 'refused',
    cause: { code: 'MESSAGE_TOO_LARGE' },
  });
});
