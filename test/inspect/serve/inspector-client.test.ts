import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { InspectorClient } from '../../../src/inspect/live/client/inspector-client.js';
import type { FeedMessage } from '../../../src/inspect/live/feed/messages.js';
import { systemClock } from '../../../src/time/clock.js';
import { cleanups } from '../../fixtures/cleanups.js';
import { RingSource } from '../../fixtures/inspect/ring-source.js';
import { SampleSource } from '../../fixtures/inspect/sample-source.js';
import { ServedSource } from '../../fixtures/inspect/served-source.js';
import { eventually, rejection } from '../../fixtures/waiting.js';

describe('whoever has an address', () => {
  it('reads the feed until the process says that it ends', async () => {
    const { source, server } = await ServedSource.start(new SampleSource());
    const client = await InspectorClient.open(server.url());
    const messages: FeedMessage[] = [];
    const ended = client.feed((message) => void messages.push(message));
    await eventually('a snapshot came', () => messages.some((one) => one.type === 'snapshot' && !one.more));
    source.step();
    await eventually('the event came', () =>
      messages.some((one) => one.type === 'delta' && one.events?.some(({ s }) => s === source.seq) === true),
    );
    source.end('the gateway was closed');
    expect(await ended).toEqual({ why: 'the gateway was closed', last: source.seq });
    expect(messages[0]).toMatchObject({ type: 'hello', rate: 30, host: { name: 'support-gateway' } });
    expect(messages.at(-1)).toEqual({ v: 1, type: 'bye', why: 'the gateway was closed' });
    await server.closed;
  });

  it('goes on where it was', async () => {
    const source = new RingSource(1_000, systemClock);
    const { server } = await ServedSource.start(source);
    const client = await InspectorClient.open(server.url());
    for (let n = 0; n < 5; n++) source.take('a');
    const first = new AbortController();
    const seen: number[] = [];
    const note = (message: FeedMessage): void => {
      if ('events' in message) seen.push(...(message.events ?? []).map(({ s }) => s));
    };
    const ended = client.feed(note, { signal: first.signal });
    await eventually('all came', () => seen.includes(5));
    first.abort(new Error('enough for now'));
    const { last } = await ended;
    source.take('b');
    const second = new AbortController();
    const again = client.feed(note, { signal: second.signal, ...(last !== undefined && { from: last }) });
    await eventually('the rest came', () => seen.includes(6));
    second.abort();
    await again;
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('asks what can happen next, and what became of an invocation', async () => {
    const { server } = await ServedSource.start(new SampleSource());
    const client = await InspectorClient.open(server.url());
    expect(await client.next('connection:github')).toMatchObject({ actor: 'connection:github' });
    expect(await client.next('connection:nobody & co')).toBeUndefined();
    expect(await client.invocation('nothing')).toBeUndefined();
  });

  it('controls, where that is allowed, and is told where it is not', async () => {
    const allowed = await ServedSource.start(new SampleSource({ control: true }));
    const client = await InspectorClient.open(allowed.server.url());
    expect(await client.control({ do: 'reload' })).toEqual({ ok: true, said: 'done' });
    expect(allowed.source.controlled).toEqual([{ do: 'reload' }]);
    const { server } = await ServedSource.start(new SampleSource());
    const other = await InspectorClient.open(server.url());
    expect(await rejection(other.control({ do: 'reload' }))).toMatchObject({
      code: 'SERVER_UNAVAILABLE',
      message: 'The inspected process refuses: there is nothing at this path',
    });
  });

  it('hides nothing of others: an event stream breaks off where its process does', async () => {
    const { server } = await ServedSource.start(new SampleSource());
    const client = await InspectorClient.open(server.url());
    const messages: FeedMessage[] = [];
    const ended = client.feed((message) => void messages.push(message));
    await eventually('something came', () => messages.length > 0);
    await server.close();
    expect(await ended).toMatchObject({ why: 'the inspector was closed' });
    expect(await rejection(client.next('connection:github'))).toMatchObject({ code: 'SERVER_UNAVAILABLE' });
  });
});

describe('an address', () => {
  it.each([
    ['nothing', 'it is no URL'],
    ['https://127.0.0.1:4983/#t=abc', 'it begins with https:'],
    ['http://gateway.example:4983/#t=abc', 'an inspector is on this machine, and not on gateway.example'],
    ['http://127.0.0.1.example/#t=abc', 'an inspector is on this machine, and not on 127.0.0.1.example'],
    ['http://127.0.0.1:4983/?t=abc', 'there is no token behind #t='],
    ['http://127.0.0.1:4983/#t=secret token', 'there is no token behind #t='],
  ])('%s cannot be used', async (url, why) => {
    const error = await rejection(InspectorClient.open(url));
    expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
    const { message } = error as Error;
    expect(message).toContain(why);
    expect(message).not.toMatch(/abc|secret/);
  });

  it('that was used says what to do', async () => {
    const { server } = await ServedSource.start(new SampleSource());
    const url = server.url();
    await InspectorClient.open(url);
    expect(await rejection(InspectorClient.open(url))).toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('have the process print another one'),
    });
  });

  it('of a process that is gone says so', async () => {
    const { server } = await ServedSource.start(new SampleSource());
    const url = server.url();
    await server.close();
    expect(await rejection(InspectorClient.open(url))).toMatchObject({ code: 'SERVER_UNAVAILABLE' });
  });
});

describe('a process that says what is not understood', () => {
  it.each([
    ['{"v":2,"type":"hello"}', 'it says what version 1 of the feed does not have'],
    ['{"v":1,"type":"weather"}', 'it says what version 1 of the feed does not have'],
    ['{"jsonrpc":"2.0","method":"x"}', 'it says what version 1 of the feed does not have'],
    ['nothing', 'not valid JSON'],
    [`"${'x'.repeat(1024 * 1024)}"`, 'more than 1048576 bytes'],
  ])('is not read on', async (data, why) => {
    const http = createServer((request, response) => {
      if (request.url === '/session') return void response.end('{"key":"k"}');
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write(`data: ${data}\n\n`);
    });
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
    cleanups.push(async () => {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    });
    const address = http.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const client = await InspectorClient.open(`http://127.0.0.1:${port}/#t=abc`);
    const messages: FeedMessage[] = [];
    expect((await client.feed((message) => void messages.push(message))).why).toContain(why);
    expect(messages).toEqual([]);
  });
});
