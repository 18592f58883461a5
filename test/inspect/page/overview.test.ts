import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ActorState, PluginState, SecondCounts } from '../../../src/inspect/live/feed/feed-states.js';
import { attentionOf } from '../../../src/inspect/live/page/overview/attention.js';
import { heldOrder } from '../../../src/inspect/live/page/overview/held-order.js';
import { secondRow } from '../../../src/inspect/live/page/store/second-row.js';
import { lastMinute } from '../../../src/inspect/live/page/overview/last-minute.js';
import { recentChanges } from '../../../src/inspect/live/page/overview/recent-changes.js';
import { verdictOf } from '../../../src/inspect/live/page/overview/verdict.js';
import { actorAt, fieldPlace, wallField, wallLayout } from '../../../src/inspect/live/page/overview/wall-layout.js';
import { sampleActors, samplePlugins } from '../../fixtures/inspect/sample-world.js';

const bad = world(sampleActors(300_000), samplePlugins(300_000));

describe('what needs attention', () => {
  it('is told the worst first: what is down, who waits, what is off, what waits for a person', () => {
    expect(attentionOf(bad).map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'connection jira',
      'connection github',
      'plugin Moderation',
      'login linear',
    ]);
  });

  it('has its cause word for word, what comes of it, and what comes next', () => {
    const [jira, github, moderation, linear] = attentionOf(bad);
    expect(github).toMatchObject({
      cause: 'connect ECONNREFUSED 127.0.0.1:8931',
      code: 'LINK_LOST',
      consequence: 'attempt 3 of 5 failed · 4 calls wait',
      when: 'next try',
      timer: { due: 306_200 },
    });
    expect(jira).toMatchObject({
      consequence: '5 of 5 attempts used up · calls are refused',
      when: 'a call may try it',
    });
    expect(moderation).toMatchObject({
      consequence: 'its hooks run without it',
      when: 'one trial',
      at: 'running.disabled.coolingDown',
    });
    expect(linear).toMatchObject({ command: 'gatechart login linear', when: 'a person is waited for' });
  });

  it('is one row for connections that are down for one cause, with the first timer to end', () => {
    const down = Array.from({ length: 7 }, (_none, n) =>
      failed(`tenant-${n + 8}`, 'connect ECONNREFUSED 10.0.4.17:443', 400_000 - n),
    );
    const items = attentionOf(world([...down, failed('other', 'HTTP 503', 1)]));
    expect(items).toHaveLength(2);
    expect(items.find(({ ids }) => ids.length === 7)).toMatchObject({
      name: '7 connections',
      cause: 'connect ECONNREFUSED 10.0.4.17:443',
      consequence: 'tenant-8 to tenant-14, for one cause',
      timer: { due: 399_994 },
      when: 'first a call may try it',
    });
  });

  it('stays apart where two share a cause, or where nobody knows it', () => {
    const two = [failed('a', 'HTTP 503', 1), failed('b', 'HTTP 503', 1)];
    const unknown = ['c', 'd', 'e'].map(
      (name) => ({ ...failed(name, '', 1), error: undefined }) as unknown as ActorState,
    );
    expect(attentionOf(world([...two, ...unknown]))).toHaveLength(5);
  });

  it('is nothing where all is well', () => {
    expect(attentionOf(world(sampleActors(0).filter(({ at }) => /^(ready|idle)/.test(at))))).toEqual([]);
  });
});

describe('rows of what needs attention', () => {
  const item = (key: string) => ({ key });
  const keysOf = (rows: ReturnType<typeof heldOrder>) => rows.map((row) => row.item.key);

  it('change places only while nobody is at them', () => {
    const before = heldOrder([], [item('a'), item('b')], false);
    const now = [item('c'), item('b'), item('a')];
    expect(keysOf(heldOrder(before, now, true))).toEqual(['a', 'b', 'c']);
    expect(keysOf(heldOrder(before, now, false))).toEqual(['c', 'b', 'a']);
  });

  it('that are over stay until nobody is at them', () => {
    const before = heldOrder([], [item('a'), item('b')], false);
    expect(heldOrder(before, [item('b')], true).map(({ isOver }) => isOver)).toEqual([true, false]);
    expect(keysOf(heldOrder(before, [item('b')], false))).toEqual(['b']);
  });

  it('are never moved, lost or doubled under a pointer', () => {
    const keys = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'));
    fc.assert(
      fc.property(keys, fc.array(keys), (first, later) => {
        let rows = heldOrder([], first.map(item), false);
        for (const now of later) {
          const next = heldOrder(rows, now.map(item), true);
          expect(keysOf(next).slice(0, rows.length)).toEqual(keysOf(rows));
          expect(new Set(keysOf(next)).size).toBe(next.length);
          expect(
            next
              .filter(({ isOver }) => !isOver)
              .map((row) => row.item.key)
              .sort(),
          ).toEqual([...now].sort());
          rows = next;
        }
      }),
    );
  });
});

describe('the verdict', () => {
  const verdict = (of: typeof bad) => verdictOf(of, attentionOf(of));

  it('is a sentence, and says what is fine', () => {
    expect(verdict(bad)).toEqual({
      sentence: '2 connections are down, a plugin is off, a login waits.',
      besides: 'The other 10 connections and 10 plugins are fine.',
    });
  });

  it('says that many share one cause', () => {
    const down = Array.from({ length: 7 }, (_none, n) => failed(`t${n}`, 'connect ECONNREFUSED 10.0.4.17:443', 1));
    const fine = Array.from({ length: 993 }, (_none, n) => ({ ...failed(`f${n}`, '', 1), at: 'ready.stable' }));
    expect(verdict(world([...down, ...fine]))).toEqual({
      sentence: '7 of 1,000 connections are down. They share one cause.',
      besides: 'connect ECONNREFUSED 10.0.4.17:443. The other 993 connections are fine.',
    });
  });

  it('is quiet where nothing is wrong, and says what there is', () => {
    const calm = sampleActors(0).filter(({ kind, at }) => kind === 'connection' && /^(ready|idle|connecting)/.test(at));
    expect(verdict(world(calm, samplePlugins(0).slice(0, 2)))).toEqual({
      sentence: 'All is quiet.',
      besides: '7 connections ready, 2 idle, 1 on the way, 2 plugins.',
    });
    expect(verdict(world([])).besides).toBe('There is no connection yet, and no plugin.');
    expect(verdict(world([failed('a', 'x', 1)])).sentence).toBe('A connection is down.');
  });
});

describe('the last minute', () => {
  const second = (at: number, blocked: number): SecondCounts => ({
    second: at,
    passed: 10,
    modified: 1,
    blocked,
    failed: 0,
    calls: 11,
    ...(blocked > 0 && { blocksBy: { SqlGuard: blocked } }),
  });

  it('is sixty seconds up to the last one that is known, with gaps where nothing is', () => {
    const minute = lastMinute([second(1, 9), second(50, 2), second(100, 3)]);
    expect(minute).toMatchObject({ passed: 20, modified: 2, blocked: 5, failed: 0, blocksBy: [['SqlGuard', 5]] });
    expect(minute.seconds.map((one) => one?.second)).toEqual(
      Array.from({ length: 60 }, (_none, index) => (index === 9 ? 50 : index === 59 ? 100 : undefined)),
    );
  });

  it('ends where its axis does, though nothing was decided for long', () => {
    expect(secondRow([second(1, 0), second(3, 0)], 6, 5).map((one) => one?.second)).toEqual([
      undefined,
      3,
      undefined,
      undefined,
      undefined,
    ]);
  });

  it('of nothing is nothing', () => {
    expect(lastMinute([]).seconds.every((one) => one === undefined)).toBe(true);
  });
});

it('changes are those that mean something, the newest first, with how long it was before', () => {
  const actors = new Map(sampleActors(0).map((actor) => [actor.id, actor]));
  const ribbons = new Map([
    [
      'connection:github',
      [
        [0, 'ready.settling'],
        [5, 'ready.stable'],
        [40, 'reconnecting.backingOff'],
        [45, 'connecting'],
        [50, 'ready.settling'],
      ],
    ],
    [
      'connection:jira',
      [
        [0, 'ready.stable'],
        [47, 'failed.rested'],
      ],
    ],
  ] as const);
  expect(recentChanges({ actors, ribbons }, 2).map(({ name, to, after }) => [name, to, after])).toEqual([
    ['github', 'ready.settling', 10],
    ['jira', 'failed.rested', 47],
  ]);
  expect(recentChanges({ actors, ribbons }, 9)).toHaveLength(3);
});

describe('the wall', () => {
  const states = fc.array(
    fc.constantFrom('failed.rested', 'ready.stable', 'reconnecting.backingOff', 'idle.empty', 'connecting'),
    { maxLength: 300, size: 'max' },
  );

  it('has one field for each connection, none over another one, all of them inside', () => {
    fc.assert(
      fc.property(states, fc.integer({ min: 110, max: 900 }), (all, width) => {
        const actors = all.map((at, n) => ({ ...failed(`c${n}`, '', 1), at }));
        const layout = wallLayout(actors, width);
        const places = new Set<string>();
        for (const group of layout.groups) {
          for (const [index, actor] of group.actors.entries()) {
            const [x, y] = fieldPlace(group, index);
            places.add(`${x} ${y}`);
            expect(actorAt(layout, x + 1, y + 1)).toBe(actor);
            expect(x + wallField <= width && y + wallField <= layout.height).toBe(true);
          }
        }
        expect(places.size).toBe(actors.length);
      }),
    );
  });

  it('begins with what is wrong', () => {
    const actors = ['idle.empty', 'ready.stable', 'failed.rested', 'reconnecting.backingOff'].map((at) => ({
      ...failed(at, '', 1),
      at,
    }));
    expect(wallLayout(actors, 900).groups.map(({ head }) => head)).toEqual(['failed', 'reconnecting', 'ready', 'idle']);
  });
});

function world(actors: readonly ActorState[], plugins: readonly PluginState[] = []) {
  return { actors: new Map(actors.map((actor) => [actor.id, actor])), plugins };
}

function failed(name: string, message: string, due: number): ActorState {
  return {
    id: `connection:${name}`,
    kind: 'connection',
    machine: 'connection',
    name,
    at: 'failed.coolingDown',
    since: 0,
    began: 0,
    timer: { event: 'after cooldown', due, of: 60_000 },
    error: { code: 'LINK_LOST', message, t: 0 },
  };
}
