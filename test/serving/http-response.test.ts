import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { fc, test } from '@fast-check/vitest';
import { expect, it, vi } from 'vitest';
import { HttpResponse, type LookAtHead } from '../../src/serving/http/http-response.js';
import { deferred } from '../../src/time/deferred.js';
import { cleanups } from '../fixtures/cleanups.js';
import { begin, send } from '../fixtures/hosting/raw-http.js';

/** Answers each request with these acts; `look` looks at the head, if it is given. */
async function serve(act: (response: ServerResponse) => void, look?: LookAtHead): Promise<string> {
  const server = createServer({ ServerResponse: HttpResponse }, (_, response) => {
    if (look !== undefined) response.lookAtHead(look);
    act(response);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  cleanups.push(() => new Promise((resolve) => void server.close(() => resolve())));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const later =
  (answer: Awaited<ReturnType<LookAtHead>>): LookAtHead =>
  async () => {
    await setTimeout(2);
    return answer;
  };

const acts = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('write' as const), text: fc.string({ minLength: 1, unit: 'grapheme' }) }),
    fc.record({ kind: fc.constantFrom('flush' as const, 'pause' as const), text: fc.constant('') }),
  ),
  { maxLength: 8 },
);

test.prop([acts, fc.string(), fc.constantFrom(200, 404)], { numRuns: 40 })(
  'what is written while somebody looks at the head arrives whole and in order',
  async (all, last, status) => {
    const url = await serve(
      (response) =>
        void (async () => {
          response.writeHead(status, { 'Content-Type': 'text/plain' });
          for (const { kind, text } of all) {
            if (kind === 'write') response.write(text);
            else if (kind === 'flush') response.flushHeaders();
            else await setTimeout(1);
          }
          response.end(last);
        })(),
      later({ headers: { 'x-added': '1' } }),
    );
    const answer = await send(url);
    expect(answer).toMatchObject({ status, headers: { 'content-type': 'text/plain', 'x-added': '1' } });
    expect(answer.body).toBe(all.map(({ text }) => text).join('') + last);
  },
);

it('a head that is looked at counts as sent, and what waits as unread', async () => {
  const seen: unknown[] = [];
  const url = await serve(
    (response) => {
      seen.push(response.headersSent, response.writableLength);
      response.writeHead(200);
      response.write('12345');
      seen.push(response.headersSent, response.writableLength);
      response.end();
    },
    later({ headers: {} }),
  );
  expect(await send(url)).toMatchObject({ status: 200, body: '12345' });
  expect(seen).toEqual([false, 0, true, 5]);
});

it('something else may be answered; then nothing of the answer is, however long it is written', async () => {
  let written: ServerResponse | undefined;
  const url = await serve(
    (response) => {
      written = response;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('the answer');
    },
    later({ status: 403, message: 'no', rpcCode: 1 }),
  );
  const answer = await begin(url);
  expect([answer.status, await answer.body]).toEqual([
    403,
    '{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"no"}}',
  ]);
  written?.write('more');
  written?.flushHeaders();
  written?.end('the end');
  expect(written?.writableLength).toBe(0);
});

it('a client that leaves meanwhile is not written to', async () => {
  const decided = deferred<{ headers: Record<string, string> }>();
  let response: ServerResponse | undefined;
  const failed = vi.fn();
  const url = await serve(
    (given) => {
      response = given.on('error', failed);
      given.writeHead(200);
      given.end('text');
    },
    () => decided.promise,
  );
  const abort = new AbortController();
  const asked = begin(url, { signal: abort.signal }).catch(() => 'left');
  await vi.waitFor(() => expect(response).toBeDefined());
  abort.abort();
  expect(await asked).toBe('left');
  await vi.waitFor(() => expect(response?.destroyed).toBe(true));
  decided.resolve({ headers: {} });
  await setTimeout(5);
  expect([failed.mock.calls, response?.writableEnded]).toEqual([[], false]);
});
