import { createServer, type ServerResponse } from 'node:http';
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
    const ended = collect(client.messages, messages);
    await eventually('a snapshot came', () => messages.some((one) => one.type === 'snapshot' && !one.more));
    source.step();
    await eventually('the event came', () =>
      messages.some((one) => one.type === 'delta' && one.events?.some(({ s }) => s === source.seq) === true),
    );
    source.end('the gateway was closed');
    await ended;
    expect(messages[0]).toMatchObject({ type: 'hello', rate: 30, host: { name: 'support-gateway' } });
    expect(messages.at(-1)).toEqual({ v: 1, type: 'bye', why: 'the gateway was closed' });
    expect(client.last).toBe(source.seq);
    await server.closed;
  });

  it('goes on where it was', async () => {
    const source = new RingSource(1_000, systemClock);
    const { server } = await ServedSource.start(source);
    const client = await InspectorClient.open(server.url());
    for (let n = 0; n < 5; n++) source.take('a');
    const seen: number[] = [];
    for await (const message of client.messages) {
      if ('events' in message) seen.push(...(message.events ?? []).map(({ s }) => s));
      if (seen.includes(5) && client.last === 5) break;
    }
    source.take('b');
    for await (const message of client.feed({ from: client.last ?? 0, rate: 10 })) {
      if (message.type === 'hello') expect(message.rate).toBe(10);
      if ('events' in message) seen.push(...(message.events ?? []).map(({ s }) => s));
      if (seen.includes(6)) break;
    }
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('stops when it has enough', async () => {
    const { server } = await ServedSource.start(new SampleSource());
    const client = await InspectorClient.open(server.url());
    const messages: FeedMessage[] = [];
    const ended = collect(client.messages, messages);
    await eventually('something came', () => messages.length > 0);
    await client.close();
    await ended;
    expect(messages.map((message) => message.type)).not.toContain('bye');
  });

  it('is closed while a process does not answer: what was asked rejects at once', async () => {
    const silent = createServer((request, response) => {
      if (request.url !== '/session') return;
      response.setHeader('content-type', 'application/json');
      response.end('{"key":"a key"}');
    });
    await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
    const address = silent.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const client = await InspectorClient.open(`http://127.0.0.1:${port}/#t=${'a'.repeat(22)}`);
    const asked = [client.next('a'), client.invocation('b'), client.control({ do: 'reload' })].map(rejection);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await client.close();
    for (const error of await Promise.all(asked)) expect(error).toMatchObject({ code: 'SERVER_UNAVAILABLE' });
    silent.closeAllConnections();
    await new Promise((resolve) => silent.close(resolve));
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

  it('is told where the process is gone', async () => {
    const { server } = await ServedSource.start(new SampleSource());
    const client = await InspectorClient.open(server.url());
    await server.close();
    expect(await rejection(client.next('connection:github'))).toMatchObject({ code: 'SERVER_UNAVAILABLE' });
    expect(await rejection(collect(client.messages, []))).toMatchObject({ code: 'SERVER_UNAVAILABLE' });
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
  const other = 'says what version 1 of the feed does not have';

  it.each([
    ['{"v":2,"type":"hello"}', other],
    ['{"v":1,"type":"weather"}', other],
    ['{"jsonrpc":"2.0","method":"x"}', other],
    ['nothing', other],
    [`"${'x'.repeat(1024 * 1024)}"`, 'sends more than 1048576 bytes at once'],
  ])('is not read on', async (data, why) => {
    const client = await InspectorClient.open(await addressOf((response) => response.write(`data: ${data}\n\n`)));
    const messages: FeedMessage[] = [];
    expect(await rejection(collect(client.messages, messages))).toMatchObject({
      code: 'PROTOCOL_ERROR',
      message: expect.stringContaining(why),
    });
    expect(messages).toEqual([]);
  });

  it('or breaks off, is told', async () => {
    const client = await InspectorClient.open(await addressOf((response) => response.end('data: {"v":1')));
    expect(await rejection(collect(client.messages, []))).toMatchObject({
      code: 'SERVER_UNAVAILABLE',
      message: expect.stringContaining('it has ended, and did not say why'),
    });
    const other = await InspectorClient.open(
      await addressOf((response) => response.write('data: ', () => response.destroy())),
    );
    expect(await rejection(collect(other.messages, []))).toMatchObject({ code: 'SERVER_UNAVAILABLE' });
  });
});

/** The address of somebody who gives a key to everybody, and this as the feed. */
async function addressOf(feed: (response: ServerResponse) => void): Promise<string> {
  const http = createServer((request, response) => {
    if (request.url === '/session') return void response.end('{"key":"k"}');
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    feed(response);
  });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  cleanups.push(async () => {
    http.closeAllConnections();
    await new Promise((resolve) => http.close(resolve));
  });
  const address = http.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/#t=abc`;
}

async function collect(feed: AsyncIterable<FeedMessage>, into: FeedMessage[]): Promise<void> {
  for await (const message of feed) into.push(message);
}
