import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FeedBroadcast } from '../../../src/inspect/live/serve/feed-broadcast.js';
import { mostPieceBytes } from '../../../src/inspect/live/serve/feed-pieces.js';
import { stalledMs } from '../../../src/inspect/live/serve/feed-reader.js';
import { ManualClock } from '../../../src/testing/manual-clock.js';
import { FeedFollower } from '../../fixtures/inspect/feed-follower.js';
import { RingSource } from '../../fixtures/inspect/ring-source.js';

/** A reader that reads at its own pace, breaks off and comes back. */
class Reading {
  follower: FeedFollower;
  #joined: ReturnType<FeedBroadcast['join']> | undefined;
  readonly #broadcast: FeedBroadcast;
  readonly #rate: number;

  constructor(broadcast: FeedBroadcast, rate: number, room: number) {
    this.#broadcast = broadcast;
    this.#rate = rate;
    this.follower = new FeedFollower(room);
    this.connect();
  }

  connect(): void {
    const { lastId } = this.follower;
    const from = lastId === undefined ? undefined : Number(lastId);
    this.#joined = this.#broadcast.join(this.follower, { from, rate: this.#rate });
  }

  read(most: number): void {
    this.follower.read(most);
    if (this.follower.queued === 0) this.#joined?.drained();
  }

  breakOff(): void {
    this.follower.cut();
    this.#joined?.leave();
    this.#joined = undefined;
  }

  /** Whether the host has ended it. */
  get isDropped(): boolean {
    return this.follower.phase === 'destroyed';
  }

  comeBack(): void {
    this.breakOff();
    this.follower.phase = 'reading';
    this.connect();
  }
}

const name = fc.constantFrom('a', 'b', 'c');
const reader = fc.nat(2);
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('take' as const), name, times: fc.integer({ min: 1, max: 12 }) }),
  },
  fc.record({ do: fc.constant('remove' as const), name }),
  { weight: 3, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(5, 40, 400, 3_000) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('read' as const), reader, most: fc.integer({ min: 1, max: 4 }) }),
  },
  fc.record({ do: fc.constant('break' as const), reader }),
  fc.record({ do: fc.constant('comeBack' as const), reader }),
);

describe('readers of the feed', () => {
  it('know in the end what a snapshot says, and were told of each event that they lack', () => {
    let gapped = 0;
    fc.assert(
      fc.property(fc.array(step, { minLength: 5, maxLength: 80 }), (steps) => {
        const clock = new ManualClock();
        const source = new RingSource(10, clock);
        const broadcast = new FeedBroadcast(source, clock);
        const readers = [new Reading(broadcast, 30, 1), new Reading(broadcast, 30, 3), new Reading(broadcast, 1, 2)];
        for (const one of steps) {
          if (one.do === 'take') for (let n = 0; n < one.times; n++) source.take(one.name);
          if (one.do === 'remove') source.remove(one.name);
          if (one.do === 'wait') clock.advance(one.ms);
          if (one.do === 'read') readers[one.reader]?.read(one.most);
          if (one.do === 'break') readers[one.reader]?.breakOff();
          if (one.do === 'comeBack') readers[one.reader]?.comeBack();
        }
        for (const one of readers) one.comeBack();
        for (let n = 0; n < 40; n++) {
          for (const one of readers) one.read(100);
          clock.advance(100);
        }
        for (const { follower } of readers) {
          expect([...follower.actors.values()].toSorted(byId)).toEqual(source.actors.toSorted(byId));
          const first = follower.events[0]?.s ?? source.seq + 1;
          for (let s = first; s <= source.seq; s++) {
            const isKnown = follower.events.some((event) => event.s === s);
            const isTold = follower.gaps.some(([from, to]) => from <= s && s <= to);
            expect(isKnown || isTold, `event ${s} is known, or told to lack`).toBe(true);
          }
          gapped += follower.gaps.length;
        }
        for (const one of readers) one.breakOff();
        expect([clock.size, source.listeners, broadcast.size]).toEqual([0, 0, 0]);
      }),
      { numRuns: 300 },
    );
    expect(gapped).toBeGreaterThan(0);
  });

  it('are sent at most thirty deltas a second, and each actor once in each', () => {
    const { clock, source, broadcast } = world(20_000);
    const follower = new FeedFollower();
    broadcast.join(follower, { from: undefined, rate: 30 });
    const slow = new FeedFollower();
    broadcast.join(slow, { from: undefined, rate: 1 });
    for (let ms = 0; ms < 3_000; ms++) {
      if (ms % 5 === 0) source.take('a');
      clock.advance(1);
    }
    for (const [one, most] of [
      [follower, 30 * 3],
      [slow, 3],
    ] as const) {
      one.read();
      const deltas = one.messages.filter((message) => message.type === 'delta');
      expect(deltas.length).toBeGreaterThan(most * 0.9 - 1);
      expect(deltas.length).toBeLessThanOrEqual(most);
      for (const { actors = [] } of deltas) expect(actors.length).toBeLessThanOrEqual(1);
    }
  });

  it('share what is asked of the source, where they have the same', () => {
    const { clock, source, broadcast } = world();
    for (let n = 0; n < 4; n++) broadcast.join(new FeedFollower(), { from: undefined, rate: 30 });
    clock.advance(100);
    const before = source.asked;
    source.take('a');
    clock.advance(100);
    expect(source.asked - before).toBe(1);
  });

  it('cost nothing when there are none, or when they do not read', () => {
    const { clock, source, broadcast } = world();
    source.take('a');
    clock.advance(10_000);
    expect([source.asked, source.listeners, clock.size]).toEqual([0, 0, 0]);
    const stalled = new FeedFollower(1);
    broadcast.join(stalled, { from: undefined, rate: 30 });
    const before = source.asked;
    for (let n = 0; n < 100; n++) {
      source.take('a');
      clock.advance(100);
    }
    expect(source.asked).toBe(before);
  });

  it('are dropped when they take nothing for half a minute', () => {
    const { clock, source, broadcast } = world();
    const stalled = new FeedFollower(1);
    broadcast.join(stalled, { from: undefined, rate: 30 });
    clock.advance(stalledMs - 1);
    expect(stalled.phase).toBe('reading');
    clock.advance(1);
    expect([stalled.phase, broadcast.size, clock.size, source.listeners]).toEqual(['destroyed', 0, 0, 0]);
  });

  it('are dropped when more than a megabyte waits for them', () => {
    const { clock, source, broadcast } = world();
    source.take('a', { much: 'x'.repeat(1024 * 1024) });
    const stalled = new FeedFollower(2);
    broadcast.join(stalled, { from: undefined, rate: 30 });
    expect([stalled.phase, broadcast.size, clock.size]).toEqual(['destroyed', 0, 0]);
  });

  it('get nothing larger than 64 KB, and all of it', () => {
    const { clock, source, broadcast } = world(20_000);
    const facts = { text: 'ä"'.repeat(500) };
    for (let n = 0; n < 300; n++) source.take(`early-${n}`, facts);
    const follower = new FeedFollower();
    broadcast.join(follower, { from: undefined, rate: 30 });
    for (let n = 0; n < 1_000; n++) source.take(`late-${n % 300}`, facts);
    clock.advance(100);
    follower.read();
    expect(follower.largest).toBeLessThanOrEqual(mostPieceBytes + 100);
    expect(follower.messages.length).toBeGreaterThan(20);
    expect([...follower.actors.values()].toSorted(byId)).toEqual(source.actors.toSorted(byId));
    expect(follower.events.map(({ s }) => s)).toEqual(Array.from({ length: 1_300 }, (_none, n) => n + 1));
    expect(follower.lastId).toBe('1300');
    const told = follower.messages.filter((message) => message.type === 'delta' && message.events !== undefined);
    const numbers = told.map((message) => ('events' in message ? (message.events ?? []).map(({ s }) => s) : []));
    expect(told.map((message) => ('seq' in message ? message.seq : undefined))).toEqual(
      numbers.map((all) => [all[0], all.at(-1)]),
    );
  });

  it('are let go where the source fails, which harms nobody else', () => {
    const { clock, source } = world();
    const failures: unknown[] = [];
    const broadcast = new FeedBroadcast(source, clock, (error) => failures.push(error));
    const fail = (): never => {
      throw new Error('it cannot be read');
    };
    for (const what of ['since', 'snapshot', 'samples'] as const) {
      const follower = new FeedFollower();
      if (what !== 'snapshot') broadcast.join(follower, { from: undefined, rate: 30 });
      const works = source[what].bind(source);
      Object.assign(source, { [what]: fail });
      if (what === 'snapshot') broadcast.join(follower, { from: undefined, rate: 30 });
      source.take('a');
      clock.advance(100);
      follower.read();
      expect(follower.messages.at(-1)).toMatchObject({ type: 'bye', why: expect.stringContaining('cannot be told') });
      expect([broadcast.size, clock.size, source.listeners]).toEqual([0, 0, 0]);
      Object.assign(source, { [what]: works });
    }
    expect(failures).toHaveLength(3);
  });

  it('are told the time when nothing else is to be told', () => {
    const { clock, broadcast } = world();
    const follower = new FeedFollower();
    broadcast.join(follower, { from: undefined, rate: 30 });
    clock.advance(100);
    follower.read();
    const before = follower.messages.length;
    clock.advance(6_000);
    follower.read();
    expect(follower.messages.slice(before).map((message) => message.type)).toEqual(['delta', 'delta', 'delta']);
    const times = follower.messages.slice(before).map((message) => Math.floor('t' in message ? message.t : 0));
    expect(times).toEqual([2_033, 4_033, 6_033]);
  });

  it('are told why it ends', () => {
    const { clock, source, broadcast } = world();
    const follower = new FeedFollower();
    broadcast.join(follower, { from: undefined, rate: 30 });
    broadcast.end('the manager was closed');
    expect(follower.messages.at(-1)).toEqual({ v: 1, type: 'bye', why: 'the manager was closed' });
    expect([follower.phase, broadcast.size, clock.size, source.listeners]).toEqual(['ended', 0, 0, 0]);
  });

  it('go on where they were, without a snapshot, if that is still held', () => {
    const { clock, source, broadcast } = world();
    for (let n = 0; n < 5; n++) source.take('a');
    const follower = new FeedFollower();
    broadcast.join(follower, { from: 3, rate: 30 });
    clock.advance(100);
    follower.read();
    expect(follower.messages.map((message) => message.type)).toEqual(['hello', 'delta', 'delta']);
    expect(follower.events.map(({ s }) => s)).toEqual([4, 5]);
  });

  it('who were cut off between two messages are told both again', () => {
    const { clock, source, broadcast } = world();
    for (const name of ['a', 'b']) source.take(name);
    const reading = new Reading(broadcast, 30, 1);
    for (let n = 0; n < 10; n++) {
      reading.read(1);
      clock.advance(50);
    }
    expect(reading.follower.actors.size).toBe(2);
    source.remove('a');
    clock.advance(50);
    // The event, and not that the actor is gone.
    reading.read(1);
    expect(reading.follower.events.at(-1)?.s).toBe(3);
    reading.comeBack();
    for (let n = 0; n < 10; n++) reading.read(1);
    expect([...reading.follower.actors.keys()]).toEqual(['connection:b']);
  });

  it('of another process begin anew', () => {
    const { source, broadcast } = world();
    source.take('a');
    const follower = new FeedFollower();
    broadcast.join(follower, { from: 1_000, rate: 30 });
    follower.read();
    expect(follower.messages.map((message) => message.type)).toEqual(['hello', 'gap', 'snapshot', 'snapshot']);
  });
});

function world(held = 10): { clock: ManualClock; source: RingSource; broadcast: FeedBroadcast } {
  const clock = new ManualClock();
  const source = new RingSource(held, clock);
  return { clock, source, broadcast: new FeedBroadcast(source, clock) };
}

function byId(one: object, other: object): number {
  return JSON.stringify(one) < JSON.stringify(other) ? -1 : 1;
}
