import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { EventStreamParser } from '../../../src/inspect/live/page/feed/event-stream-parser.js';
import { FeedClient, silenceMs } from '../../../src/inspect/live/page/feed/feed-client.js';
import { HostRequests } from '../../../src/inspect/live/page/feed/host-requests.js';
import { tokenIn } from '../../../src/inspect/live/page/feed/sign-in.js';
import { Store } from '../../../src/inspect/live/page/store/store.js';
import { howToGetIn } from '../../../src/inspect/live/page/feed/sign-in.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { helloOf, PageWorld } from './page-world.js';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

describe('the feed', () => {
  it('is live when its snapshot is whole, and goes on with what comes', async () => {
    const { world, store, answer, told } = await opened();
    const response = await answer();
    tell(response, helloOf('a', 500), ...world.snapshot().slice(0, 1));
    await told(() => store.live.hello !== undefined);
    expect(store.live.feed).toEqual({ at: 'loading' });
    tell(response, ...world.snapshot().slice(1));
    await told(() => store.live.feed.at === 'live');
    world.happen({ what: 'move', actor: 3, to: 'failed.coolingDown' });
    tell(response, ...world.news());
    await told(() => store.live.actors.get('connection:3')?.at === 'failed.coolingDown');
  });

  it('that breaks off is kept in sight, and is taken up where it was', async () => {
    const { world, store, answer, told, clock } = await opened();
    const first = await answer();
    tell(first, helloOf('a'), ...world.snapshot());
    await told(() => store.live.feed.at === 'live');
    first.end();
    await told(() => store.live.feed.at === 'lost');
    expect(store.live.feed).toMatchObject({ since: 0, retryAt: 1000, why: 'the feed ended' });
    expect(store.live.actors.size).toBe(1);
    clock.advance(1000);
    const second = await answer();
    expect(second.req.headers['last-event-id']).toBe(String(world.seq));
    tell(second, helloOf('a'), ...world.news());
    await told(() => store.live.feed.at === 'live');
  });

  it('that cannot be opened is asked for less and less often, up to every five seconds', async () => {
    const { store, told, clock, server } = await opened();
    server.closeAllConnections();
    server.close();
    const waits: number[] = [];
    for (let n = 0; n < 5; n++) {
      await told(() => store.live.feed.at === 'lost' && store.live.feed.retryAt > clock.now());
      const { feed } = store.live;
      const wait = feed.at === 'lost' ? feed.retryAt - clock.now() : 0;
      waits.push(wait);
      clock.advance(wait);
    }
    expect(waits).toEqual([1000, 2000, 4000, 5000, 5000]);
  });

  it(`is lost when nothing comes for ${silenceMs / 1000} seconds`, async () => {
    const { world, store, answer, told, clock } = await opened();
    tell(await answer(), helloOf('a', 100), ...world.snapshot());
    await told(() => store.live.feed.at === 'live');
    clock.advance(silenceMs - 1);
    expect(store.live.feed.at).toBe('live');
    clock.advance(1);
    expect(store.live.feed).toMatchObject({ at: 'lost', why: 'nothing came for 8 s' });
    const now = store.now();
    clock.advance(500);
    expect(store.now()).toBe(now);
  });

  it.each([
    [401, 'a key is needed', `It has no key, or one that has ended. ${howToGetIn}`],
    [403, 'not from here', 'not from here'],
  ])('that answers with %d is not asked again', async (status, error, why) => {
    const { store, answer, told, clock } = await opened();
    const response = await answer();
    response.writeHead(status).end(JSON.stringify({ error }));
    await told(() => store.live.feed.at !== 'loading');
    expect(store.live.feed).toEqual({ at: 'refused', why });
    expect(clock.size).toBe(0);
  });

  it.each([{ v: 2, type: 'hello' }, { v: 1, type: 'haiku' }, 'text', null])(
    'that sends %j is not asked again',
    async (sent) => {
      const { store, answer, told, clock } = await opened();
      tell(await answer(), sent);
      await told(() => store.live.feed.at === 'refused');
      expect(store.live.feed).toMatchObject({ why: expect.stringContaining('does not understand') });
      expect(clock.size).toBe(0);
    },
  );

  it('that says farewell has ended, and leaves no timer', async () => {
    const { world, store, answer, told, clock } = await opened();
    tell(await answer(), helloOf('a'), ...world.snapshot(), { v: 1, type: 'bye', why: 'manager closed' });
    await told(() => store.live.feed.at === 'ended');
    expect([store.live.feed, clock.size]).toEqual([{ at: 'ended', why: 'manager closed' }, 0]);
  });

  it('is asked for one delta a second while nobody sees the page', async () => {
    const { world, store, answer, told, client } = await opened();
    const first = await answer();
    expect([first.req.url, first.req.headers.authorization]).toEqual(['/feed', 'Bearer secret']);
    tell(first, helloOf('a'), ...world.snapshot());
    await told(() => store.live.feed.at === 'live');
    client.setSlow(true);
    expect((await answer()).req.url).toBe('/feed?rate=1');
    expect(store.live.feed.at).toBe('live');
  });
});

describe('server-sent events', () => {
  it('are the same however the text is cut', () => {
    const text = ': hello\n\nid: 7\ndata: {"a":1}\n\ndata: x\r\ndata: y\r\n\r\nevent: other\ndata:z\n\ndata: rest';
    const whole = [...new EventStreamParser().take(text)];
    expect(whole).toEqual([
      { id: '7', data: '{"a":1}' },
      { id: '7', data: 'x\ny' },
      { id: '7', data: 'z' },
    ]);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        const parser = new EventStreamParser();
        const places = [0, ...cuts.sort((a, b) => a - b), text.length];
        expect(places.slice(1).flatMap((to, index) => [...parser.take(text.slice(places[index], to))])).toEqual(whole);
      }),
    );
  });

  it('that never end are given up', () => {
    const parser = new EventStreamParser();
    expect(() => {
      for (let n = 0; n < 5; n++) Array.from(parser.take(`data: ${'x'.repeat(1024 * 1024)}\n`));
    }).toThrow('more than 4 MB');
  });
});

it.each([
  ['#t=abc-_9', { token: 'abc-_9', rest: '' }],
  ['#t=abc&/events/12@7?f=odd', { token: 'abc', rest: '#/events/12@7?f=odd' }],
  ['#/overview', undefined],
  ['', undefined],
  ['#t=', undefined],
])('the token in %j is %j', (fragment, found) => {
  expect(tokenIn(fragment)).toEqual(found);
});

async function opened() {
  const asked: ServerResponse[] = [];
  const waiting: ((response: ServerResponse) => void)[] = [];
  const server = createServer((_request: IncomingMessage, response) => {
    const next = waiting.shift();
    if (next === undefined) asked.push(response);
    else next(response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const clock = new ManualClock();
  const store = new Store(() => clock.now());
  const requests = new HostRequests(() => 'secret', `http://127.0.0.1:${port}`);
  const after = (ms: number, callback: () => void) => {
    const timer = clock.setTimeout(callback, ms);
    return () => clock.clearTimeout(timer);
  };
  const client = new FeedClient({ store, requests, clock: { now: () => clock.now(), after } });
  ends.push(() => {
    client.close();
    server.closeAllConnections();
    server.close();
  });
  const world = new PageWorld();
  world.happen({ what: 'move', actor: 0, to: 'ready.stable' });
  client.open();
  return {
    world,
    store,
    clock,
    client,
    server,
    answer: () => {
      const here = asked.shift();
      return here === undefined
        ? new Promise<ServerResponse>((resolve) => waiting.push(resolve))
        : Promise.resolve(here);
    },
    told: async (isSo: () => boolean) => {
      for (let n = 0; !isSo() && n < 500; n++) await sleep(4);
      expect(isSo()).toBe(true);
    },
  };
}

function tell(response: ServerResponse, ...messages: unknown[]): void {
  if (!response.headersSent) response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  for (const message of messages) {
    const seq = (message as { seq?: number | readonly number[] } | null)?.seq;
    const id = Array.isArray(seq) ? seq[1] : seq;
    response.write(`${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(message)}\n\n`);
  }
}
