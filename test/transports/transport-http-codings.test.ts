import { brotliCompressSync, createGzip, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { onCall, open, serve, stream } from '../fixtures/transports/http-links.js';
import { call } from '../fixtures/transports/transports.js';
import { eventually, rejection } from '../fixtures/waiting.js';

const json = { 'content-type': 'application/json' };
const encode: Readonly<Record<string, (body: string | Buffer) => Buffer>> = {
  gzip: (body) => gzipSync(body),
  'x-gzip': (body) => gzipSync(body),
  GZIP: (body) => gzipSync(body),
  deflate: (body) => deflateSync(body),
  br: (body) => brotliCompressSync(body),
  identity: (body) => Buffer.from(body),
  'deflate, gzip': (body) => gzipSync(deflateSync(body)),
  'br,identity, gzip': (body) => gzipSync(brotliCompressSync(body)),
};

const result = (id: number | undefined): string => `{"jsonrpc":"2.0","id":${id},"result":{"coded":"Grüße"}}`;

describe.each(Object.entries(encode))('an answer that is coded unasked: %s', (coding, encoded) => {
  it.each([
    ['as JSON', json, result],
    ['on a stream', stream, (id: number | undefined) => `id: 1\ndata: ${result(id)}\n\n`],
  ])('is read, %s', async (_what, type, body) => {
    const server = await serve(
      onCall(({ message }, response) =>
        Boolean(response.writeHead(200, { ...type, 'content-encoding': coding }).end(encoded(body(message?.id)))),
      ),
    );
    const link = await open(server.url);
    expect(await call(link, 'echo')).toEqual({ coded: 'Grüße' });
    expect(server.seen.at(-1)?.headers['accept-encoding']).toBe('identity');
  });

  it('is read where it is an error', async () => {
    const error = '{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"coded"}}';
    const server = await serve(
      onCall((_seen, response) =>
        Boolean(response.writeHead(400, { ...json, 'content-encoding': coding }).end(encoded(error))),
      ),
    );
    expect(await rejection(call(await open(server.url), 'echo'))).toMatchObject({
      outcome: 'refused',
      message: 'coded',
    });
  });

  it('comes in single bytes as well', async () => {
    const server = await serve(
      onCall(({ message }, response) => {
        response.writeHead(200, { ...json, 'content-encoding': coding });
        const bytes = encoded(result(message?.id));
        void (async () => {
          for (const byte of bytes) {
            response.write(Buffer.of(byte));
            await new Promise((resolve) => setImmediate(resolve));
          }
          response.end();
        })();
        return true;
      }),
    );
    expect(await call(await open(server.url), 'echo')).toEqual({ coded: 'Grüße' });
  });
});

it('deflate without its header, as some servers send it, is read', async () => {
  const server = await serve(
    onCall(({ message }, response) =>
      Boolean(
        response.writeHead(200, { ...json, 'content-encoding': 'deflate' }).end(deflateRawSync(result(message?.id))),
      ),
    ),
  );
  expect(await call(await open(server.url), 'echo')).toEqual({ coded: 'Grüße' });
});

it('each event of a coded stream is passed on as it comes', async () => {
  let finish = (): void => {};
  const server = await serve(
    onCall(({ message }, response) => {
      const gzip = createGzip();
      response.writeHead(200, { ...stream, 'content-encoding': 'gzip' });
      gzip.pipe(response);
      gzip.write('data: {"jsonrpc":"2.0","method":"notifications/x"}\n\n');
      gzip.flush();
      finish = () => gzip.end(`data: ${result(message?.id)}\n\n`);
      return true;
    }),
  );
  const link = await open(server.url);
  const heard: string[] = [];
  link.onNotification(({ method }) => heard.push(method));
  const answer = call(link, 'echo');
  await eventually('the notification', () => heard.length === 1);
  finish();
  expect(await answer).toEqual({ coded: 'Grüße' });
});

describe('a coded answer that cannot be read fails that call alone, once', () => {
  it.each([
    ['a coding that nobody knows', 'zstd', Buffer.from('x'), 'has the content coding zstd; expected none, gzip'],
    ['one of many that nobody knows', 'gzip, compress', Buffer.from('x'), 'has the content coding compress'],
    ['too many', 'gzip, gzip, gzip, gzip', Buffer.from('x'), 'has 4 content codings'],
    ['what is not coded so', 'gzip', Buffer.from('{"jsonrpc":"2.0"}'), 'cannot be decoded as gzip'],
    ['what is not coded so', 'br', Buffer.from('{"jsonrpc":"2.0"}'), 'cannot be decoded as br'],
    ['half of it', 'gzip', gzipSync(`{"a":"${'x'.repeat(1000)}"}`).subarray(0, 20), 'expected the JSON-RPC answer'],
  ])('%s (%s)', async (_what, coding, body, said) => {
    let odd = true;
    let calls = 0;
    const server = await serve(
      onCall((_seen, response) => {
        calls++;
        return odd && Boolean(response.writeHead(200, { ...json, 'content-encoding': coding }).end(body));
      }),
    );
    const link = await open(server.url);
    expect(await rejection(call(link, 'echo'))).toMatchObject({
      outcome: 'refused',
      message: expect.stringContaining(said),
    });
    odd = false;
    await call(link, 'echo');
    expect(calls).toBe(2);
  });

  it.each([
    ['as JSON', json, ''],
    ['on a stream', stream, 'data: '],
    ['in two codings', json, ''],
  ])('a little that unpacks to a lot (%s)', async (what, type, prefix) => {
    const twice = what === 'in two codings';
    const packed = gzipSync(Buffer.concat([Buffer.from(prefix), Buffer.alloc(400 * 1024 * 1024, 'x')]));
    const body = twice ? gzipSync(packed) : packed;
    const server = await serve(
      onCall((_seen, response) =>
        Boolean(response.writeHead(200, { ...type, 'content-encoding': twice ? 'gzip, gzip' : 'gzip' }).end(body)),
      ),
    );
    const link = await open(server.url);
    const before = process.memoryUsage().rss;
    expect(await rejection(call(link, 'echo'))).toMatchObject({
      outcome: 'refused',
      cause: { code: 'MESSAGE_TOO_LARGE' },
    });
    expect(process.memoryUsage().rss - before).toBeLessThan(250 * 1024 * 1024);
  });
});
