import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { InspectorClient } from '../../../src/inspect/live/client/inspector-client.js';
import type { FeedMessage } from '../../../src/inspect/live/feed/messages.js';
import { systemClock } from '../../../src/time/clock.js';
import { cleanups } from '../../fixtures/cleanups.js';
import { RingSource } from '../../fixtures/inspect/ring-source.js';
import { SampleSource } from '../../fixtures/inspect/sample-source.js';
import { ServedSource } from '../../fixtures/inspect/served-source.js';
import { eventually, until } from '../../fixtures/waiting.js';

const hostile = [
  '</script><script>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  'a\n\ndata: {"v":1,"type":"bye","why":"forged"}\n\n',
  'a\r\nid: 99999\r\n\r\n',
  '\u2028\u2029\u0000\uD800',
];

describe('the feed over HTTP', () => {
  it('carries names and texts as data, whatever is in them', async () => {
    const source = new RingSource(100, systemClock);
    for (const name of hostile) source.take(name, { error: name });
    const { server } = await ServedSource.start(source);
    const client = await InspectorClient.open(server.url());
    const messages: FeedMessage[] = [];
    for await (const message of client.messages) {
      messages.push(message);
      if (message.type === 'snapshot' && !message.more) break;
    }
    const actors = messages.flatMap((message) => (message.type === 'snapshot' ? message.actors : []));
    expect(actors.map(({ name }) => name)).toEqual(hostile);
    expect(messages.map(({ type }) => type)).not.toContain('bye');
    expect(client.last).toBe(source.seq);
  });

  it('is a stream of events that no browser takes for a page', async () => {
    const one = await ServedSource.start(new SampleSource());
    const key = await one.key();
    const response = await fetch(`${one.server.address}/feed`, { headers: { authorization: `Bearer ${key}` } });
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    });
    await response.body?.cancel();
  });

  it('has four readers at most, and room for another when one is gone', async () => {
    const { server } = await ServedSource.start(new SampleSource());
    const readers = await Promise.all([1, 2, 3, 4].map(() => InspectorClient.open(server.url())));
    const streams = readers.map((reader) => reader.messages[Symbol.asyncIterator]());
    for (const stream of streams) expect((await stream.next()).value).toMatchObject({ type: 'hello' });
    const fifth = await InspectorClient.open(server.url());
    await expect(fifth.messages[Symbol.asyncIterator]().next()).rejects.toMatchObject({
      code: 'SERVER_UNAVAILABLE',
      message: 'The inspected process refuses: 4 read the feed already; close one of them',
    });
    await streams[0]?.return?.();
    await until('there is room', async () => {
      const stream = fifth.messages[Symbol.asyncIterator]();
      const isIn = await stream.next().then(
        () => true,
        () => false,
      );
      await stream.return?.();
      return isIn;
    });
  });

  it.each([
    ['/feed?rate=0', {}],
    ['/feed?rate=31', {}],
    ['/feed?rate=1.5', {}],
    ['/feed?rate=1&rate=2', {}],
    ['/feed?fast=1', {}],
    ['/feed', { 'last-event-id': 'abc' }],
    ['/feed', { 'last-event-id': '-1' }],
    ['/feed', { 'last-event-id': '99999999999999999999' }],
  ])('is not opened for what is not understood: %s %j', async (path, headers) => {
    const one = await ServedSource.start(new SampleSource());
    const { status, body } = await one.ask(path, { key: await one.key(), headers });
    expect([status, Object.keys(JSON.parse(body))]).toEqual([400, ['error']]);
  });

  it('is closed at once, whoever has stopped reading', async () => {
    const source = new RingSource(20_000, systemClock);
    const one = await ServedSource.start(source);
    const key = await one.key();
    const { port } = one.server;
    const socket = connect({ host: '127.0.0.1', port });
    cleanups.push(() => Promise.resolve(void socket.destroy()));
    socket.write(`GET /feed HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${key}\r\n\r\n`);
    await new Promise((resolve) => socket.once('data', resolve));
    socket.pause();
    const facts = { text: 'x'.repeat(10_000) };
    for (let n = 0; n < 2_000; n++) source.take(`actor-${n}`, facts);
    await new Promise((resolve) => setTimeout(resolve, 300));
    const started = performance.now();
    await one.server.close();
    expect(performance.now() - started).toBeLessThan(2_000);
    await eventually('nobody listens to the source', () => source.listeners === 0);
  });
});
