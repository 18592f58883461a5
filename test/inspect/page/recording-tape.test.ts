import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InvocationOutcome } from '../../../src/inspect/live/feed/feed-invocations.js';
import type { RecordingFacts } from '../../../src/inspect/live/feed/feed-recording.js';
import type { Ribbon } from '../../../src/inspect/live/feed/feed-states.js';
import { actorNames, firstActor, machineOfId } from '../../../src/inspect/live/page/recording/actor-names.js';
import { faster, play, playedTo, seek, start } from '../../../src/inspect/live/page/recording/cursor.js';
import { departureText, factsText } from '../../../src/inspect/live/page/recording/recording-words.js';
import { decisionMarks, tapeRange, tapeRows, timeAt, xOf } from '../../../src/inspect/live/page/recording/tape.js';
import {
  guardChoices,
  neverText,
  nextChoices,
  stateChoices,
  untilPath,
} from '../../../src/inspect/live/page/recording/until-conditions.js';

const facts: RecordingFacts = {
  file: 'incident.jsonl',
  ms: 252_000,
  events: 1842,
  actors: 8,
  madeBy: 'gatechart 0.4.1',
  departures: [],
  tape: {
    ribbons: {
      'connection:jira': [
        [1000, 'ready.stable'],
        [2000, 'reconnecting.releasing'],
        [3000, 'failed.coolingDown'],
      ],
      'connection:github': [[1500, 'ready.stable']],
    },
    decisions: [
      [1200, 4, 'passed'],
      [1201, 5, 'passed'],
      [9000, 90, 'blocked'],
    ],
  },
};

describe('the tape of a recording', () => {
  it('begins with its first actor and is as long as the recording', () => {
    expect(tapeRange(facts)).toEqual({ from: 1000, to: 253_000 });
    expect(tapeRange({ ...facts, tape: { ribbons: {}, decisions: [] } })).toEqual({ from: 0, to: 252_000 });
  });

  it('has a row for each actor, by name', () => {
    expect(tapeRows(facts, 12).rows.map(({ actor }) => actor)).toEqual(['connection:github', 'connection:jira']);
  });

  it('keeps the rows of those that changed most, where there are too many', () => {
    const { rows, left } = tapeRows(facts, 1);
    expect([rows.map(({ actor }) => actor), left]).toEqual([['connection:jira'], 1]);
  });

  it('turns places into times and back', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 900 }), (x) => {
        const range = tapeRange(facts);
        expect(xOf(timeAt(x, range, 900), range, 900)).toBeCloseTo(x, 6);
      }),
    );
    expect(timeAt(-50, tapeRange(facts), 900)).toBe(1000);
    expect(xOf(9e9, tapeRange(facts), 900)).toBe(900);
  });

  it('draws no more marks than there are pixels, and loses none that is out of the ordinary', () => {
    const outcomes = fc.constantFrom<InvocationOutcome>('passed', 'blocked', 'failed', 'timedOut');
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 252_000 }), outcomes)), (all) => {
        const decisions = all.map(([t, outcome], index) => [1000 + t, index, outcome] as const);
        const tape = { ribbons: {}, decisions };
        const range = { from: 1000, to: 253_000 };
        const { ordinary, odd } = decisionMarks({ ...facts, tape }, range, 300);
        expect(ordinary.length).toBeLessThanOrEqual(301);
        expect(new Set(ordinary).size).toBe(ordinary.length);
        for (const [t, , outcome] of decisions) {
          const x = Math.round(xOf(t, range, 300));
          if (outcome === 'passed') expect(ordinary).toContain(x);
          else expect(odd.some((mark) => mark.x === x && mark.outcome === outcome)).toBe(true);
        }
      }),
    );
  });
});

describe('the cursor', () => {
  const events = Array.from({ length: 10 }, (_none, index) => ({ s: index + 1, t: (index + 1) * 100 }));

  it('stands before the first event, and stays inside the recording', () => {
    expect(start).toEqual({ seq: 0, playing: undefined });
    expect([seek(-3, 10).seq, seek(4.4, 10).seq, seek(99, 10).seq]).toEqual([0, 4, 10]);
  });

  it('comes to the events whose time has come, and pauses when it is moved', () => {
    const playing = play(start, 0, 4, 5000);
    expect([5000, 5025, 5099, 5100, 9999].map((at) => playedTo(playing, at, events))).toEqual([0, 1, 3, 4, 10]);
    expect(seek(3, 10).playing).toBeUndefined();
    expect(playedTo(seek(3, 10), 9999, events)).toBe(3);
  });

  it('waits where no more events are read', () => {
    expect(playedTo(play(start, 0, 1, 0), 1e9, events.slice(0, 4))).toBe(4);
    expect(playedTo(play(seek(7, 10), 700, 1, 0), 1e9, [])).toBe(7);
  });

  it('goes on from where it is at another speed', () => {
    const playing = faster(play(start, 0, 1, 0), 16, 100);
    expect([100, 110, 125].map((at) => playedTo(playing, at, events))).toEqual([1, 2, 5]);
  });
});

describe('what a recording can be run to', () => {
  it('is each state that its actors come to, those in which something is wrong first', () => {
    expect(stateChoices(facts, 20).map(({ text }) => text)).toEqual([
      'until jira is failed',
      'until jira is reconnecting',
      'until github is ready',
      'until jira is ready',
    ]);
  });

  it('is asked for by what it says, quoted', () => {
    expect(nextChoices.map(({ until }) => untilPath(until, 7))).toEqual([
      '/until?next=block&from=7',
      '/until?next=failure&from=7',
      '/until?next=departure&from=7',
    ]);
    expect(untilPath({ actor: 'connection:a&b=c', state: 'failed' }, 0)).toBe(
      '/until?actor=connection%3Aa%26b%3Dc&state=failed&from=0',
    );
  });

  it('is a guard that is false', () => {
    expect(guardChoices(['b', 'a', 'b'])).toEqual([
      { until: { guard: 'a' }, text: 'until a is false' },
      { until: { guard: 'b' }, text: 'until b is false' },
    ]);
  });

  it('may never come', () => {
    expect(neverText({ until: { next: 'block' }, text: 'until the next block' }, 1207)).toBe(
      'After event 1,207 there is nothing to stop at: until the next block.',
    );
  });
});

describe('what is said of a recording', () => {
  it('is how long, how much, by what, and whether it is whole', () => {
    expect(factsText({ ...facts, cutOff: 88_000 })).toEqual([
      '4 min 12 s',
      '1,842 events',
      '8 actors',
      'made by gatechart 0.4.1',
      'read to its last whole line',
    ]);
    expect(factsText({ ...facts, ms: 12_340, events: 1 }).slice(0, 2)).toEqual(['12.3 s', '1 event']);
    expect(factsText({ ...facts, ms: 3_900_000 })[0]).toBe('1 h 5 min');
  });

  it('is where it departs, and how often', () => {
    const departure = { seq: 1398, t: 0, actor: 'connection:jira', text: 'jira waited 2 s; this version waits 2.4 s' };
    expect(departureText(facts)).toBeUndefined();
    expect(departureText({ ...facts, departures: [departure, departure] })).toMatchObject({
      head: 'Departs at event 1,398.',
      text: 'Recorded by gatechart 0.4.1: jira waited 2 s; this version waits 2.4 s. All before it is the same. 1 more after it.',
    });
  });
});

it('a ribbon may be empty', () => {
  const none: Ribbon = [];
  expect(tapeRange({ ...facts, tape: { ribbons: { a: none }, decisions: [] } }).from).toBe(0);
});

it('actors are called by their names, and by their kinds where there are two', () => {
  const names = actorNames(['connection:github', 'connection:Remote', 'plugin:Remote', 'reload', 'connection:a:b']);
  expect([...names.values()]).toEqual(['github', 'Remote, connection', 'Remote, plugin', 'reload', 'a:b']);
});

it('of an actor only its id may be known: its machine is told by that, or unknown', () => {
  const machines = { connection: '9c1e', configWatch: '01ab' };
  const told = ['connection:a:b', 'configWatch', 'configWatch~2', 'configWatc', 'tools/call#1', 'constructor', ''];
  expect(told.map((id) => machineOfId(id, machines))).toEqual([
    'connection',
    'configWatch',
    'configWatch',
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  expect(firstActor(['configWatch', 'tools/call#1', 'connection:b', 'connection:a'], machines)).toBe('connection:a');
  expect(firstActor(['tools/call#1', 'configWatch'], machines)).toBe('configWatch');
  expect(firstActor(['tools/call#1'], machines)).toBeUndefined();
});
