import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FeedEvent } from '../../../src/inspect/live/feed/feed-states.js';
import { HostRequests } from '../../../src/inspect/live/page/feed/host-requests.js';
import { seqAtTime } from '../../../src/inspect/live/page/recording/moment-search.js';
import { stepAt } from '../../../src/inspect/live/page/recording/step-answers.js';
import { StepWindow } from '../../../src/inspect/live/page/recording/step-window.js';
import { SampleRecording } from '../../fixtures/inspect/sample-recording.js';

/** Numbers with holes, and times that stand still now and then. */
const recorded = fc
  .array(fc.tuple(fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 5000 })), fc.integer({ min: 0, max: 9 })), {
    minLength: 1,
    maxLength: 1500,
    size: 'max',
  })
  .map((gaps) => {
    let [s, t] = [0, 0];
    return gaps.map(([more, later]): FeedEvent => {
      [s, t] = [s + more, t + later];
      return { s, t, a: 'a', e: 'e', from: 'x', to: 'y' };
    });
  });

describe('the event at a time', () => {
  it('is the last one before it, found with few questions', async () => {
    await fc.assert(
      fc.asyncProperty(recorded, fc.nat(), fc.constantFrom(-0.5, 0, 0.5), async (events, place, apart) => {
        const last = events.at(-1) as FeedEvent;
        const t = (events[place % events.length] as FeedEvent).t + apart;
        let asked = 0;
        const found = await seqAtTime(t, last.s, (seq) => {
          asked += 1;
          return Promise.resolve(events.find(({ s }) => s >= seq));
        });
        expect(found).toBe(events.findLast((event) => event.t <= t)?.s ?? 0);
        expect(asked).toBeLessThanOrEqual(2 * Math.ceil(Math.log2(last.s + 1)) + 2);
      }),
    );
  });

  it('is found as soon where all of them come at once', async () => {
    let asked = 0;
    const found = await seqAtTime(0.5, 1500, (seq) => {
      asked += 1;
      return Promise.resolve({ s: seq === 0 ? 1 : seq, t: seq < 1400 ? 0 : 1e9 });
    });
    expect(found).toBe(1399);
    expect(asked).toBeLessThan(25);
  });
});

describe('the events around the cursor', () => {
  const windowOn = (events: readonly FeedEvent[]): { window: StepWindow; asked: number[] } => {
    const asked: number[] = [];
    const window = new StepWindow((from, count) => {
      asked.push(from);
      const first = events.findIndex(({ s }) => s >= from);
      return Promise.resolve(first < 0 ? [] : events.slice(first, first + count));
    });
    return { window, asked };
  };

  it('are found whatever holes their numbers have', async () => {
    await fc.assert(
      fc.asyncProperty(recorded, fc.array(fc.nat(), { minLength: 1, maxLength: 6 }), async (events, places) => {
        const { window } = windowOn(events);
        for (const place of places) {
          const index = place % events.length;
          const { s } = events[index] as FeedEvent;
          await window.read(s);
          expect(window.at(s)).toBe(events[index]);
          expect(window.after(s)).toBe(events[index + 1]);
          expect(window.moved(s, 1)).toBe((events[index + 1] ?? events[index])?.s);
          expect(window.moved(s, -1)).toBe(events[index - 1]?.s ?? 0);
          const rows = window.around(s, 8, 12);
          expect(rows).toEqual(events.slice(Math.max(0, index - 7), index + 13));
        }
      }),
    );
  });

  it('are nothing before they are read, and before the first one', async () => {
    const events = Array.from(
      { length: 900 },
      (_none, index): FeedEvent => ({ s: index + 5, t: index, a: 'a', e: 'e', from: '', to: '' }),
    );
    const { window, asked } = windowOn(events);
    expect([window.at(1), window.around(1, 5, 5)]).toEqual([undefined, []]);
    await window.read(0);
    expect([window.at(0), window.after(0)?.s, window.moved(0, 1), window.moved(0, -1)]).toEqual([undefined, 5, 5, 0]);
    await window.read(100);
    expect(asked).toEqual([0]);
    await window.read(480);
    expect(asked).toHaveLength(2);
  });

  it('are found behind a hole that is longer than everything before it', async () => {
    const numbers = [...Array.from({ length: 2000 }, (_none, index) => index + 1), 1_000_000, 1_000_001];
    const events = numbers.map((s): FeedEvent => ({ s, t: s, a: 'a', e: 'e', from: '', to: '' }));
    const { window, asked } = windowOn(events);
    await window.read(1_000_001);
    expect(window.around(1_000_001, 30, 1).map(({ s }) => s)).toEqual(numbers.slice(-30));
    expect(asked.length).toBeLessThan(20);
  });

  it('are read for the next one who asks, whatever became of the one before', async () => {
    let times = 0;
    const event: FeedEvent = { s: 1, t: 0, a: 'a', e: 'e', from: '', to: '' };
    const window = new StepWindow(() => (times++ === 0 ? Promise.reject(new Error('gone')) : Promise.resolve([event])));
    const [first, second] = [window.read(1), window.read(2)];
    await expect(first).rejects.toThrow('gone');
    await second;
    expect(window.at(2)).toBe(event);
  });

  it('are asked for again after a request that failed', async () => {
    let fails = true;
    const event: FeedEvent = { s: 1, t: 0, a: 'a', e: 'e', from: '', to: '' };
    const window = new StepWindow(() => (fails ? Promise.reject(new Error('gone')) : Promise.resolve([event])));
    await expect(window.read(1)).rejects.toThrow('gone');
    fails = false;
    await window.read(1);
    expect(window.at(1)).toBe(event);
  });
});

describe('everything as it was at an event', () => {
  class Answers extends HostRequests {
    readonly asked: string[] = [];
    fails = false;

    constructor() {
      super(() => undefined);
    }

    override get<Answer>(path: string): Promise<Answer> {
      this.asked.push(path);
      return this.fails ? Promise.reject(new Error('gone')) : Promise.resolve({ path } as Answer);
    }
  }

  it('is asked for once, whoever shows it', async () => {
    const answers = new Answers();
    await Promise.all([stepAt(answers, 7), stepAt(answers, 7), stepAt(answers, 8)]);
    expect(answers.asked).toEqual(['/step?seq=7', '/step?seq=8']);
  });

  it('is asked for again after a request that failed', async () => {
    const answers = new Answers();
    answers.fails = true;
    await expect(stepAt(answers, 7)).rejects.toThrow('gone');
    answers.fails = false;
    await expect(stepAt(answers, 7)).resolves.toEqual({ path: '/step?seq=7' });
  });

  it('is forgotten where it was asked for longest ago', async () => {
    const answers = new Answers();
    for (let seq = 1; seq <= 201; seq += 1) await stepAt(answers, seq);
    await stepAt(answers, 201);
    expect(answers.asked).toHaveLength(201);
    await stepAt(answers, 1);
    expect(answers.asked).toHaveLength(202);
  });
});

describe('a whole recording', () => {
  const { recording } = new SampleRecording();
  const load = (from: number, count: number) => Promise.resolve(recording.steps(from, count).events);

  it('is walked from its first event to its last one', async () => {
    const window = new StepWindow(load);
    const walked: number[] = [];
    for (let seq = 0; ; ) {
      await window.read(seq);
      const next = window.moved(seq, 1);
      if (next === seq) break;
      walked.push(next);
      seq = next;
    }
    expect(walked).toEqual(walked.map((_seq, index) => index + 1));
    expect(recording.step(walked.length)?.event).toEqual(window.at(walked.length));
    expect(recording.step(walked.length + 1)).toBeUndefined();
  });

  it('is found again by the time of each event', async () => {
    for (const seq of [1, 2, 500, 1207, 1800]) {
      const t = recording.step(seq)?.t ?? Number.NaN;
      const found = await seqAtTime(t, 1_842, async (from) => (await load(from, 1))[0]);
      expect(recording.step(found)?.t).toBe(t);
    }
  });
});
