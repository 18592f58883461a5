import { once } from 'node:events';
import { IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect, createServer, Socket } from 'node:net';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { HttpExchange } from '../../src/serving/http/http-exchange.js';
import { HttpResponse } from '../../src/serving/http/http-response.js';
import type { HttpServerDependencies } from '../../src/serving/http/http-server.js';
import { answerOn } from '../../src/serving/http/resumable-answer.js';
import { defaultReplayLimits, Replay, type ReplayLimits } from '../../src/serving/http/session-replay.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { cleanups } from '../fixtures/cleanups.js';
import { begin, initialize, mcpHeaders, post, rpc, send } from '../fixtures/hosting/raw-http.js';
import { curiousOverHttp } from '../fixtures/serving/curious-servers.js';
import { smallLimits } from '../fixtures/serving/small-limits.js';

const newest = initialize.replace('2025-06-18', '2025-11-25');
const limits = { ...smallLimits, maxCalls: 50, maxSessionCalls: 50, maxSessions: 50, sessionIdleMs: 10_000_000 };

async function start(replay: Partial<ReplayLimits> = {}, over: Partial<HttpServerDependencies> = {}) {
  const server = await curiousOverHttp({
    limits: { ...limits, replay: { ...defaultReplayLimits, ...replay } },
    ...over,
  });
  const opened = await post(server.url, newest);
  const headers = { 'mcp-session-id': String(opened.headers['mcp-session-id']) };
  return { ...server, headers };
}

/** An exchange whose answer goes nowhere. */
function exchangeInMemory(): HttpExchange {
  const asked = new IncomingMessage(new Socket());
  return new HttpExchange(asked, new HttpResponse(asked));
}

/** The events of a stream, and the milliseconds that it says to wait. */
function eventsOf(body: string): { events: EventSourceMessage[]; retry: number | undefined } {
  const events: EventSourceMessage[] = [];
  let retry: number | undefined;
  const parser = createParser({ onEvent: (event) => events.push(event), onRetry: (ms) => (retry = ms) });
  parser.feed(body);
  return { events, retry };
}

const messagesOf = (body: string): unknown[] =>
  eventsOf(body)
    .events.filter(({ data }) => data !== '')
    .map(({ data }) => JSON.parse(data));

/** A call whose connection is there until `drop`, and what came on it. */
async function broken(url: string, headers: Record<string, string>, call: string) {
  const sent = request(url, { method: 'POST', headers: { ...mcpHeaders, ...headers } });
  sent.on('error', () => {});
  sent.end(call);
  const [response] = await once(sent, 'response');
  let body = '';
  response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
  response.on('error', () => {});
  await vi.waitFor(() => expect(body).not.toBe(''));
  return { seen: () => eventsOf(body).events, drop: () => void sent.destroy() };
}

const resume = (url: string, headers: Record<string, string>, id: string | undefined) =>
  send(url, { headers: { accept: 'text/event-stream', ...headers, 'last-event-id': id ?? '' } });

const ask = rpc(3, 'tools/call', { name: 'ask', arguments: { method: 'ping' } });
const answerOf = (id: number) => JSON.stringify({ jsonrpc: '2.0', id, result: { yes: true } });

describe('a stream over HTTP that breaks off', () => {
  it('begins with an event that says where to go on, and after how long', async () => {
    const { url, headers, service } = await start();
    const running = post(url, ask, headers);
    await vi.waitFor(() => expect(service.calls).toHaveLength(1));
    await post(url, answerOf(1), headers);
    const { events, retry } = eventsOf((await running).body);
    expect(events.map(({ data }) => data === '')).toEqual([true, false, false]);
    expect(new Set(events.map(({ id }) => id)).size).toBe(3);
    expect(retry).toBe(1000);
  });

  it('is gone on with: what was said meanwhile is heard, and the answer, each once', async () => {
    const { url, headers, service } = await start();
    const first = await broken(url, headers, ask);
    await vi.waitFor(() => expect(first.seen()).toHaveLength(2));
    first.drop();
    await vi.waitFor(() => expect(service.calls).toHaveLength(1));
    const [call] = service.calls;
    // Whether the server has noticed makes no difference.
    call?.notify({ method: 'notifications/message', params: { level: 'info', data: 1 } });
    const second = begin(url, {
      headers: { accept: 'text/event-stream', ...headers, 'last-event-id': first.seen()[0]?.id ?? '' },
    });
    await second;
    call?.notify({ method: 'notifications/message', params: { level: 'info', data: 2 } });
    await post(url, answerOf(1), headers);
    const body = await (await second).body;
    expect(messagesOf(body)).toMatchObject([
      { id: 1, method: 'ping' },
      { params: { data: 1 } },
      { params: { data: 2 } },
      { id: 3, result: { content: [{ text: '{"yes":true}' }] } },
    ]);
    // The answer may have been lost on its way as well.
    const [, , , last] = eventsOf(body).events;
    expect(messagesOf((await resume(url, headers, first.seen()[1]?.id)).body)).toHaveLength(3);
    expect((await resume(url, headers, last?.id)).body).toBe('');
  });

  it('is answered though nobody was there when it was', async () => {
    const { url, headers, service } = await start({ beginMs: 1 });
    const first = await broken(url, headers, ask);
    await vi.waitFor(() => expect(first.seen()).toHaveLength(2));
    first.drop();
    await vi.waitFor(async () => {
      await post(url, answerOf(1), headers);
      const { body } = await resume(url, headers, first.seen()[1]?.id);
      expect(messagesOf(body)).toMatchObject([{ id: 3, result: {} }]);
    });
    expect(service.calls).toHaveLength(1);
  });

  it('gets its first event when its answer takes a while, and none when it does not', async () => {
    const clock = new ManualClock();
    const { url, headers } = await start({}, { clock });
    const slow = broken(url, headers, rpc(4, 'tools/call', { name: 'wait' }));
    const answer = await post(url, rpc(5, 'tools/call', { name: 'who' }), headers);
    expect(eventsOf(answer.body).events).toMatchObject([{ id: undefined }]);
    expect(answer.headers['content-length']).toBeDefined();
    clock.advance(defaultReplayLimits.beginMs);
    expect((await slow).seen()).toMatchObject([{ data: '' }]);
    (await slow).drop();
  });

  it('can be cancelled while nobody hears it', async () => {
    const { url, headers, service } = await start({ beginMs: 1 });
    const first = await broken(url, headers, rpc(4, 'tools/call', { name: 'wait' }));
    first.drop();
    await vi.waitFor(async () => {
      await post(url, rpc(undefined, 'notifications/cancelled', { requestId: 4 }), headers);
      expect(service.calls[0]?.signal.aborted).toBe(true);
    });
    expect(await resume(url, headers, first.seen()[0]?.id)).toMatchObject({ status: 200, body: '' });
  });

  it('is not kept for ever where it was cancelled', async () => {
    const clock = new ManualClock();
    const { url, headers, service } = await start({}, { clock });
    const slow = broken(url, headers, rpc(4, 'tools/call', { name: 'wait' }));
    await vi.waitFor(() => expect(service.calls).toHaveLength(1));
    clock.advance(defaultReplayLimits.beginMs);
    const first = await slow;
    first.drop();
    await vi.waitFor(async () => {
      await post(url, rpc(undefined, 'notifications/cancelled', { requestId: 4 }), headers);
      expect(service.calls[0]?.signal.aborted).toBe(true);
    });
    expect((await resume(url, headers, first.seen()[0]?.id)).status).toBe(200);
    clock.advance(defaultReplayLimits.keptMs + limits.keepAliveMs);
    expect((await resume(url, headers, first.seen()[0]?.id)).status).toBe(400);
  });

  it('that was gone on with is answered before the server ends', async () => {
    const { url, headers, close } = await start({ beginMs: 1 });
    const first = await broken(url, headers, rpc(4, 'tools/call', { name: 'pause', arguments: { ms: 300 } }));
    first.drop();
    const init = { headers: { accept: 'text/event-stream', ...headers, 'last-event-id': first.seen()[0]?.id ?? '' } };
    const rest = await begin(url, init);
    await close();
    expect(messagesOf(await rest.body)).toMatchObject([{ id: 4, result: {} }]);
  });

  it.each(['1-7', '9-0', 'x', '', '1-0-0', '99999999999999999999-1'])(
    'is not gone on with from an event that nobody knows: %j',
    async (id) => {
      const { url, headers, service } = await start();
      const first = await broken(url, headers, ask);
      expect(await resume(url, headers, id)).toMatchObject({ status: 400 });
      await post(url, answerOf(1), headers);
      await vi.waitFor(() => expect(first.seen()).toHaveLength(3));
      expect(service.refused).toEqual([]);
    },
  );

  it('is known to its session alone', async () => {
    const { url, headers } = await start({ beginMs: 1 });
    const first = await broken(url, headers, ask);
    const other = await post(url, newest);
    const foreign = { 'mcp-session-id': String(other.headers['mcp-session-id']) };
    expect(await resume(url, foreign, first.seen()[0]?.id)).toMatchObject({ status: 400 });
    first.drop();
  });

  it('has its id for itself: where that is in use again, it is not gone on with', async () => {
    const { url, headers, service } = await start({ beginMs: 1 });
    const first = await broken(url, headers, rpc(4, 'tools/call', { name: 'wait' }));
    first.drop();
    let second: Awaited<ReturnType<typeof broken>> | undefined;
    await vi.waitFor(async () => {
      second = await broken(url, headers, rpc(4, 'tools/call', { name: 'ask', arguments: { method: 'ping' } }));
      expect(service.calls).toHaveLength(2);
    });
    expect(await resume(url, headers, first.seen()[0]?.id)).toMatchObject({ status: 400 });
    second?.drop();
  });

  it('is not gone on with where the client is of an older revision, and tells it nothing that it does not know', async () => {
    const { url, service } = await start();
    const opened = await post(url, initialize);
    const headers = { 'mcp-session-id': String(opened.headers['mcp-session-id']) };
    const running = post(url, ask, headers);
    await vi.waitFor(() => expect(service.calls).toHaveLength(1));
    await post(url, answerOf(1), headers);
    expect((await running).body).not.toMatch(/^(id|retry):/m);
  });
});

describe('what is kept of streams', () => {
  it('is bounded: what does not fit is said all the same, and cannot be asked for again', async () => {
    const { url, headers, service } = await start({ maxSessionBytes: 10_000 });
    const first = await broken(url, headers, ask);
    await vi.waitFor(() => expect(first.seen()).toHaveLength(2));
    const said = { method: 'notifications/message', params: { level: 'info', data: 'x'.repeat(9_500) } };
    service.calls[0]?.notify(said);
    await post(url, answerOf(1), headers);
    await vi.waitFor(() => expect(first.seen()).toHaveLength(4));
    expect(await resume(url, headers, first.seen()[0]?.id)).toMatchObject({ status: 400 });
    // What is dropped makes room again.
    const second = post(url, ask, headers);
    await vi.waitFor(() => expect(service.calls).toHaveLength(2));
    await post(url, answerOf(2), headers);
    const { events } = eventsOf((await second).body);
    expect(await resume(url, headers, events[0]?.id)).toMatchObject({ status: 200 });
  });

  it('of answered requests gives way to what is not answered', async () => {
    const { url, headers, service } = await start({ maxSessionBytes: 10_000 });
    const said = { method: 'notifications/message', params: { level: 'info', data: 'x'.repeat(6_000) } };
    const first = post(url, ask, headers);
    await vi.waitFor(() => expect(service.calls).toHaveLength(1));
    service.calls[0]?.notify(said);
    await post(url, answerOf(1), headers);
    const answered = eventsOf((await first).body).events;
    expect(await resume(url, headers, answered[0]?.id)).toMatchObject({ status: 200 });
    const second = await broken(url, headers, ask);
    await vi.waitFor(() => expect(service.calls).toHaveLength(2));
    service.calls[1]?.notify(said);
    expect(await resume(url, headers, answered[0]?.id)).toMatchObject({ status: 400 });
    const rest = begin(url, {
      headers: { accept: 'text/event-stream', ...headers, 'last-event-id': second.seen()[0]?.id ?? '' },
    });
    await rest;
    await post(url, answerOf(2), headers);
    expect(messagesOf(await (await rest).body)).toHaveLength(3);
  });

  it('is kept for a while after the answer', async () => {
    const clock = new ManualClock();
    const { url, headers, service } = await start({ keptMs: 200_000 }, { clock });
    const running = post(url, ask, headers);
    await vi.waitFor(() => expect(service.calls).toHaveLength(1));
    await post(url, answerOf(1), headers);
    const { events } = eventsOf((await running).body);
    clock.advance(190_000);
    expect((await resume(url, headers, events[0]?.id)).status).toBe(200);
    clock.advance(70_000);
    expect((await resume(url, headers, events[0]?.id)).status).toBe(400);
  });

  it('is given back, and its timers with it, whatever becomes of the streams', () => {
    const step = fc.record({
      kind: fc.constantFrom('say', 'answer', 'lose', 'end', 'wait', 'sweep'),
      of: fc.nat(5),
      size: fc.nat(1500),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const clock = new ManualClock();
        const replay = new Replay({ ...defaultReplayLimits, maxSessionBytes: 3000, maxBytes: 5000 }, clock);
        const sessions = [replay.open(), replay.open()];
        const streams = Array.from({ length: 6 }, (_, at) => {
          const exchange = exchangeInMemory();
          return { at, exchange, answer: answerOn(exchange, 's', '2025-11-25', sessions[at % 2]) };
        });
        for (const { kind, of, size } of steps) {
          const stream = streams[of];
          if (stream === undefined) continue;
          const message = {
            jsonrpc: '2.0' as const,
            method: 'notifications/message',
            params: { data: 'x'.repeat(size) },
          };
          if (kind === 'say') stream.answer.say(message);
          else if (kind === 'answer') stream.answer.answer({ jsonrpc: '2.0', id: 1, result: {} });
          else if (kind === 'lose') stream.answer.lost();
          else if (kind === 'end') stream.answer.end();
          else if (kind === 'wait') clock.advance(size * 10);
          else sessions[of % 2]?.sweep();
          // Each has its equal part, also where the other came first.
          expect(replay.held).toBeLessThanOrEqual(3000 + 2500);
        }
        for (const { answer } of streams) answer.lost();
        expect(clock.size).toBe(0);
        for (const session of sessions) session.close();
        expect(replay.held).toBe(0);
      }),
    );
  });
});

it('the client of the SDK goes on by itself where its connection breaks off', async () => {
  const { url, service } = await start({ beginMs: 1, retryMs: 5 });
  const sockets = new Set<Socket>();
  const proxy = createServer((near) => {
    const far = connect(Number(new URL(url).port), '127.0.0.1');
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => [near, far].map((each) => each.destroy()));
    }
    near.pipe(far).pipe(near);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  cleanups.push(async () => void proxy.close());
  const { port } = proxy.address() as AddressInfo;
  const client = new Client({ name: 'test', version: '1' });
  // Without the stream for what is said unasked, which it opens anew as well.
  await client.connect(new StreamableHTTPClientTransport(new URL(`http://127.0.0.1:${port}/mcp`)));
  cleanups.push(() => client.close());
  const running = client.callTool({ name: 'count', arguments: { steps: 40 } });
  await vi.waitFor(() => expect(service.calls).toHaveLength(1));
  await new Promise((resolve) => setTimeout(resolve, 30));
  for (const socket of sockets) socket.destroy();
  expect(await running).toMatchObject({ content: [{ text: '"counted"' }] });
  expect(service.calls).toHaveLength(1);
});

describe('as the conformance suite looks at it', () => {
  it('a call that takes a while begins with an event without data, with an id and a time to retry', async () => {
    const { url, headers } = await start();
    const call = rpc(1, 'tools/call', { name: 'pause', arguments: { ms: 100 } });
    // Its requests name an older revision than the one that was agreed on.
    const { body, headers: head } = await post(url, call, { ...headers, 'mcp-protocol-version': '2025-03-26' });
    const { events, retry } = eventsOf(body);
    expect(head['content-type']).toBe('text/event-stream');
    expect(events.map(({ id, data }) => [id !== undefined, data === ''])).toEqual([
      [true, true],
      [true, false],
    ]);
    expect(retry).toBeGreaterThan(0);
    expect(JSON.parse(events[1]?.data ?? '')).toMatchObject({ id: 1, result: { content: [{ text: '"paused"' }] } });
  });

  it('several requests at a time have a stream each', async () => {
    const { url, headers } = await start();
    const answers = await Promise.all([1000, 1001, 1002].map((id) => post(url, rpc(id, 'tools/list', {}), headers)));
    expect(answers.map(({ status, body }) => [status, Reflect.get(Object(messagesOf(body)[0]), 'id')])).toEqual([
      [200, 1000],
      [200, 1001],
      [200, 1002],
    ]);
  });
});
