import { describe, expect, it } from 'vitest';
import { emptyPicture, type FeedPicture, withMessage } from '../../../src/cli/top/feed-picture.js';
import type { DeltaMessage } from '../../../src/inspect/live/feed/messages.js';
import { samplePicture } from '../../fixtures/inspect/top-frames.js';

const delta = (told: Partial<DeltaMessage>): DeltaMessage => ({
  v: 1,
  type: 'delta',
  seq: [1, 1],
  t: 400_000,
  ...told,
});
const actor = (picture: FeedPicture, id: string) => picture.actors.get(id);

describe('what is known of a process', () => {
  it('takes changes of an actor, and forgets a field that is gone', () => {
    const before = samplePicture();
    const id = 'connection:github';
    const picture = withMessage(before, delta({ actors: [{ id, waiting: 9, timer: null }] }));
    expect(actor(picture, id)).toMatchObject({ name: 'github', waiting: 9 });
    expect(actor(picture, id)).not.toHaveProperty('timer');
    // A picture that is held, because it is paused, stays as it was.
    expect(actor(before, id)).toMatchObject({ waiting: 4 });
  });

  it('draws a change of state into the ribbon, and lets go of what is older than five minutes', () => {
    const id = 'connection:github';
    const change = { id, at: 'ready.settling', since: 399_000 };
    const picture = withMessage(samplePicture(), delta({ actors: [change] }));
    expect(picture.ribbons.get(id)?.at(-1)).toEqual([399_000, 'ready.settling']);
    const later = delta({ t: 900_000, actors: [{ id, at: 'closed', since: 899_000 }] });
    expect(withMessage(picture, later).ribbons.get(id)).toEqual([
      [399_000, 'ready.settling'],
      [899_000, 'closed'],
    ]);
  });

  it('shows nobody who was never told whole, and none of the many that pass', () => {
    const whole = {
      id: 'call:1',
      kind: 'call',
      machine: 'call',
      name: 'call',
      at: 'waiting',
      since: 0,
      began: 0,
    } as const;
    const picture = withMessage(emptyPicture, delta({ actors: [{ id: 'connection:gone', waiting: 1 }, whole] }));
    expect([...picture.actors.keys()]).toEqual([]);
  });

  it('lets actors go, and all of them when another process answers', () => {
    const sample = samplePicture();
    const without = withMessage(sample, { v: 1, type: 'gone', ids: ['connection:jira'], t: 1 });
    expect(without.actors.has('connection:jira')).toBe(false);
    expect(without.ribbons.has('connection:jira')).toBe(false);
    if (sample.hello === undefined) throw new Error('no hello');
    const other = { ...sample.hello, host: { ...sample.hello.host, start: 'another' } };
    expect(withMessage(sample, other)).toMatchObject({ ribbons: new Map(), seconds: [], events: [] });
    // The same one tells its actors anew; what went before is still true.
    expect(withMessage(sample, sample.hello)).toMatchObject({ ribbons: sample.ribbons, actors: new Map() });
  });

  it('counts each second, event and invocation once, however often it is told', () => {
    const sample = samplePicture();
    const [second] = sample.seconds.slice(-1);
    const [invocation] = sample.invocations;
    if (second === undefined || invocation === undefined) throw new Error('the sample is empty');
    const told = delta({ seconds: [second], events: sample.events.slice(0, 3), invocations: [invocation] });
    const picture = withMessage(sample, told);
    expect([picture.seconds, picture.events, picture.invocations]).toEqual([
      sample.seconds,
      sample.events,
      sample.invocations,
    ]);
  });

  it('shows no list of events that has a hole and does not say so', () => {
    expect(withMessage(samplePicture(), { v: 1, type: 'gap', seq: [1, 9], why: 'slow reader' }).events).toEqual([]);
  });

  it('is bounded', () => {
    const events = Array.from({ length: 3_000 }, (_none, s) => ({ s, t: s, a: 'a', e: 'e', from: 'x', to: 'x' }));
    const row = samplePicture().invocations[0];
    if (row === undefined) throw new Error('the sample is empty');
    const invocations = events.map(({ s }) => ({ ...row, id: String(s), t: s }));
    const seconds = events.map(({ s }) => ({ second: s, passed: 0, modified: 0, blocked: 0, failed: 0, calls: 0 }));
    const picture = withMessage(emptyPicture, delta({ events, invocations, seconds }));
    expect([picture.events.length, picture.invocations.length, picture.seconds.length]).toEqual([500, 200, 300]);
    expect([picture.events[0]?.s, picture.invocations[0]?.id, picture.seconds.at(-1)?.second]).toEqual([
      2999,
      '2999',
      2999,
    ]);
  });
});
