import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HostClock } from '../../../src/inspect/live/page/store/host-clock.js';
import {
  extendedRibbon,
  ribbonUpTo,
  spansOf,
  trimmedRibbon,
} from '../../../src/inspect/live/page/store/ribbon-history.js';
import { Ring } from '../../../src/inspect/live/page/store/ring.js';
import { isSameValue } from '../../../src/inspect/live/page/store/same-value.js';
import { Store } from '../../../src/inspect/live/page/store/store.js';
import { helloOf, PageWorld } from './page-world.js';

describe('a ring', () => {
  it('is the end of all that was put into it, and earlier ones stay as they were', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 700 }), fc.array(fc.nat(400), { maxLength: 12 }), (most, sizes) => {
        let ring = Ring.holding<number>(most);
        let all: number[] = [];
        const before: [Ring<number>, number[]][] = [];
        for (const size of sizes) {
          const news = Array.from({ length: size }, (_none, index) => all.length + index);
          ring = ring.append(news);
          all = [...all, ...news];
          before.push([ring, all.slice(-most)]);
        }
        for (const [held, expected] of before) {
          expect([...held]).toEqual(expected);
          expect([...held.newestFirst()]).toEqual(expected.toReversed());
          expect([held.at(0), held.at(-1), held.at(held.length)]).toEqual([expected[0], expected.at(-1), undefined]);
        }
      }),
    );
  });

  it('is cut and searched like a list', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), fc.nat(900), fc.nat(900), (most, size, place) => {
        const all = Array.from({ length: size }, (_none, index) => index);
        const ring = Ring.holding<number>(most)
          .append(all.slice(0, size >> 1))
          .append(all.slice(size >> 1));
        const held = all.slice(-most);
        expect([...ring.upTo(place)]).toEqual(held.slice(0, place));
        expect([...ring.upTo(place).append([-1])]).toEqual([...held.slice(0, place), -1].slice(-most));
        expect(ring.firstWhere((entry) => entry >= place)).toBe(held.filter((entry) => entry < place).length);
      }),
    );
  });
});

describe('the time that is shown', () => {
  it('is held at an event while news comes in, and goes live again', () => {
    const { store, world } = shown();
    expect(store.hold(2)).toBe(2);
    const held = store.shown;
    world.happen({ what: 'move', actor: 0, to: 'ready.stable' });
    for (const message of world.news()) store.take(message);
    expect([store.shown, store.shown.seq, store.live.seq, store.now()]).toEqual([held, 2, 5, held.t]);
    store.goLive();
    expect([store.shown.seq, store.time.at]).toEqual([5, 'live']);
  });

  it('goes forth again inside of what was known when it was held', () => {
    const { store, world } = shown();
    store.hold(2);
    for (let n = 0; n < 3; n++) world.happen({ what: 'move', actor: 1, to: 'connecting' });
    for (const message of world.news()) store.take(message);
    expect(store.hold(3)).toBe(3);
    expect(store.hold(99)).toBe(4);
  });

  it('cannot be held before anything is known', () => {
    const store = new Store(() => 0);
    expect([store.hold(3), store.time.at]).toEqual([undefined, 'live']);
  });

  it('says of a held moment that the feed is lost', () => {
    const { store } = shown();
    store.hold(2);
    store.setFeed({ at: 'ended', why: 'closed' });
    expect(store.shown.feed.at).toBe('ended');
    expect(store.shown.seq).toBe(2);
  });

  it('tells each change once, until it is told to stop', () => {
    const { store } = shown();
    let told = 0;
    const stop = store.onChange(() => told++);
    store.hold(2);
    store.goLive();
    store.goLive();
    stop();
    store.hold(2);
    expect(told).toBe(2);
  });
});

describe('the clock of the host', () => {
  it('goes by the message that came quickest, and never by the wall', () => {
    const clock = new HostClock();
    clock.note(1_000, 50);
    expect(clock.now(60)).toBe(1_010);
    // 40 ms late: the host is not believed to be behind.
    clock.note(2_000, 1_090);
    expect(clock.now(1_090)).toBeGreaterThan(2_035);
    clock.note(3_000, 2_030);
    expect(clock.now(2_030)).toBe(3_000);
  });

  it('stands still when told, until the next message', () => {
    const clock = new HostClock();
    clock.note(100, 0);
    clock.stop(120);
    expect([clock.now(5_000), clock.now(9_000)]).toEqual([120, 120]);
    clock.note(9_100, 9_000);
    expect(clock.now(9_001)).toBe(9_101);
  });

  it('is at the beginning before the first message', () => {
    expect(new HostClock().now(1_234)).toBe(0);
  });
});

describe('a ribbon', () => {
  const ribbon = [
    [10, 'idle'],
    [20, 'ready'],
    [30, 'failed'],
  ] as const;

  it('takes on another state only, and nothing from before', () => {
    expect(extendedRibbon(ribbon, 40, 'failed')).toBe(ribbon);
    expect(extendedRibbon(ribbon, 29, 'ready')).toBe(ribbon);
    expect(extendedRibbon(ribbon, 30, 'ready')).toEqual([...ribbon, [30, 'ready']]);
  });

  it('keeps the state in which it was when what is kept begins', () => {
    expect(trimmedRibbon(ribbon, 25)).toEqual(ribbon.slice(1));
    expect(trimmedRibbon(ribbon, 5)).toBe(ribbon);
    expect(ribbonUpTo(ribbon, 20)).toEqual(ribbon.slice(0, 2));
  });

  it('is cut into spans that lie in what is shown, the last one going on', () => {
    expect(spansOf(ribbon, 15, 25)).toEqual([
      { from: 15, to: 20, state: 'idle' },
      { from: 20, to: 25, state: 'ready' },
    ]);
    expect(spansOf(ribbon, 100, 200)).toEqual([{ from: 100, to: 200, state: 'failed' }]);
    expect(spansOf(ribbon, 0, 9)).toEqual([]);
  });
});

it('values say the same if their JSON does', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
      expect(isSameValue(one, structuredClone(one))).toBe(true);
      if (isSameValue(one, other)) expect(sorted(one)).toEqual(sorted(other));
      else expect(sorted(one)).not.toEqual(sorted(other));
    }),
  );
  expect(isSameValue({ a: undefined }, { b: undefined })).toBe(false);
});

function sorted(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value)) as unknown;
}

function shown() {
  const world = new PageWorld();
  for (const to of ['connecting', 'ready.stable', 'failed.coolingDown', 'idle.empty'])
    world.happen({ what: 'move', actor: 0, to });
  const store = new Store(() => 0);
  for (const message of [helloOf('a', world.t), ...world.snapshot()]) store.take(message);
  return { store, world };
}
