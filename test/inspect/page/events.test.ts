import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FeedEvent } from '../../../src/inspect/live/feed/feed-states.js';
import { splitFilter } from '../../../src/inspect/live/feed/row-filter.js';
import { matchesFilter, parseFilter } from '../../../src/inspect/live/page/events/event-filter.js';
import { EventSelection } from '../../../src/inspect/live/page/events/event-selection.js';
import { actorInWords, eventsAsLines, noteOf } from '../../../src/inspect/live/page/events/event-words.js';
import { Ring } from '../../../src/inspect/live/page/store/ring.js';

const event: FeedEvent = {
  s: 7,
  t: 100,
  a: 'connection:github',
  e: 'openLink failed',
  from: 'connecting',
  to: 'reconnecting.releasing',
  guard: { attemptsLeft: true },
  did: ['recordError'],
  data: { code: 'LINK_LOST', attempt: 3 },
  odd: true,
};

describe('a filter', () => {
  it.each([
    ['', true],
    ['actor:github', true],
    ['actor:git', true],
    ['actor:connection:github', true],
    ['actor:jira', false],
    ['-actor:jira', true],
    ['event:openlink', true],
    ['event:closed', false],
    ['state:reconnecting', true],
    ['state:reconnecting.releasing', true],
    ['state:recon', false],
    ['state:connecting', false],
    ['kind:connection', true],
    ['kind:conn', false],
    ['guard:attempts', true],
    ['did:record', true],
    ['odd', true],
    ['-odd', false],
    ['moved', true],
    ['duration>200ms', true],
    ['duration>0.2s', true],
    ['duration>1s', false],
    ['duration<1m', true],
    ['-duration>1s', true],
    ['link_lost', true],
    ['"openLink failed"', true],
    ['"failed openLink"', false],
    ['failed openLink', true],
    ['actor:github event:openLink -state:failed odd', true],
    ['actor:github event:openLink state:failed', false],
  ])('%j: %s', (text, isWanted) => {
    const { tokens } = parseFilter(text);
    expect(tokens).toBeDefined();
    expect(matchesFilter(tokens ?? [], { event, lasted: 240 })).toBe(isWanted);
  });

  it('of durations wants nothing of what is not known', () => {
    const { tokens = [] } = parseFilter('duration>0ms');
    expect(matchesFilter(tokens, { event, lasted: undefined })).toBe(false);
  });

  it.each([
    [
      'actr:github',
      'actr:github',
      '“actr:” is not a filter. There are actor: event: state: kind: guard: did: plugin: since: odd moved duration> and words.',
    ],
    ['odd actor:', 'actor:', '“actor:” wants something after it.'],
    ['duration>soon', 'duration>soon', '“soon” is not a duration. Write 200ms, 3s or 2m.'],
    ['since:soon', 'since:soon', '“soon” is not a duration. Write 200ms, 3s or 2m.'],
    ['-plugin:', '-plugin:', '“plugin:” wants something after it.'],
    [
      '-foo:bar',
      '-foo:bar',
      '“foo:” is not a filter. There are actor: event: state: kind: guard: did: plugin: since: odd moved duration> and words.',
    ],
  ])('%j says which token is not understood, and why', (text, token, problem) => {
    expect(parseFilter(text)).toEqual({ tokens: undefined, token, problem });
  });

  it.each([
    ['plugin:guard', ['plugin:Guard', 'plugin:Guard#2', 'webhookDelivery:Guard/tool_error']],
    ['-plugin:guard', ['connection:Guard', 'invocation:1']],
    ['plugin:other', []],
  ])('%j wants %j', (text, wanted) => {
    const { tokens = [] } = parseFilter(text);
    const actors = [
      'plugin:Guard',
      'plugin:Guard#2',
      'webhookDelivery:Guard/tool_error',
      'connection:Guard',
      'invocation:1',
    ];
    const chosen = actors.filter((a) => matchesFilter(tokens, { event: { ...event, a }, lasted: undefined }));
    expect(chosen).toEqual(wanted);
  });

  it('of the last minutes lets go of events by and by, also where nothing new comes', () => {
    const ring = Ring.holding<FeedEvent>(10).append(
      [10_000, 50_000, 90_000].map((t, index) => ({ ...event, s: index + 1, t })),
    );
    const times = (filter: string, now: number): number[] => {
      const { tokens = [] } = parseFilter(filter);
      return new EventSelection(tokens).take(ring, now).map((one) => one.event.t);
    };
    expect(times('since:1m', 100_000)).toEqual([50_000, 90_000]);
    expect(times('-since:1m', 100_000)).toEqual([10_000]);
    const { tokens = [] } = parseFilter('odd since:30s');
    const selection = new EventSelection(tokens);
    expect(selection.take(ring, 100_000)).toHaveLength(1);
    expect(selection.take(ring, 130_000)).toHaveLength(0);
  });

  it('is split at spaces outside of quotes', () => {
    expect(splitFilter('actor:"a b"  odd "x y z')).toEqual(['actor:"a b"', 'odd', '"x y z']);
  });

  it('turned around wants what it did not want', () => {
    const token = fc.constantFrom('actor:a', 'odd', 'state:ready', 'duration>5ms', 'kind:connection', 'x');
    fc.assert(
      fc.property(token, events, (text, all) => {
        const chosen = (filter: string) => {
          const { tokens = [] } = parseFilter(filter);
          return new EventSelection(tokens).take(Ring.holding<FeedEvent>(500).append(all)).map((one) => one.event.s);
        };
        expect([...chosen(text), ...chosen(`-${text}`)].sort((a, b) => a - b)).toEqual(all.map(({ s }) => s));
      }),
    );
  });
});

const events = fc
  .array(
    fc.record({
      a: fc.constantFrom('connection:a', 'connection:b', 'plugin:x'),
      from: fc.constantFrom('ready', 'idle'),
      to: fc.constantFrom('ready', 'idle'),
      odd: fc.boolean(),
      dt: fc.nat(9),
    }),
    { maxLength: 60 },
  )
  .map((all) => {
    let t = 0;
    return all.map(
      ({ a, from, to, odd, dt }, index): FeedEvent => ({
        s: index + 1,
        t: (t += dt),
        a,
        e: 'e',
        from,
        to,
        ...(odd && { odd }),
      }),
    );
  });

describe('the events that are chosen', () => {
  it('are the same whether they came at once or one by one, as far as they are held', () => {
    fc.assert(
      fc.property(events, fc.array(fc.nat(20)), fc.integer({ min: 5, max: 80 }), (all, cuts, most) => {
        const { tokens = [] } = parseFilter('odd');
        const selection = new EventSelection(tokens);
        let ring = Ring.holding<FeedEvent>(most);
        let at = 0;
        for (const size of [...cuts, all.length]) {
          ring = ring.append(all.slice(at, at + size));
          at += size;
          selection.take(ring);
        }
        const expected = all.slice(-most).filter(({ odd }) => odd === true);
        expect(selection.take(ring).map((one) => one.event)).toEqual(expected);
      }),
    );
  });

  it('are chosen anew when time goes back, and are the same list while nothing is new', () => {
    const ring = Ring.holding<FeedEvent>(9).append([1, 2, 3].map((s) => ({ ...event, s })));
    const selection = new EventSelection([]);
    expect(selection.take(ring)).toBe(selection.take(ring));
    expect(selection.take(ring.upTo(2)).map((one) => one.event.s)).toEqual([1, 2]);
    expect(selection.take(ring)).toHaveLength(3);
  });

  it('say how long their actor had been in the state that it left', () => {
    const at = (s: number, t: number, from: string, to: string): FeedEvent => ({
      s,
      t,
      a: 'connection:a',
      e: 'e',
      from,
      to,
    });
    const ring = Ring.holding<FeedEvent>(9).append([
      at(1, 10, 'idle', 'ready'),
      at(2, 15, 'ready', 'ready'),
      at(3, 40, 'ready', 'idle'),
    ]);
    expect(new EventSelection([]).take(ring).map(({ lasted }) => lasted)).toEqual([undefined, 5, 30]);
  });
});

it('an event is told by what it carries, else by its guards, else by what was done', () => {
  const { data: _data, ...bare } = event;
  const { guard: _guard, ...barer } = bare;
  expect([noteOf(event), noteOf(bare), noteOf(barer)]).toEqual([
    'code LINK_LOST, attempt 3',
    '[attemptsLeft] true',
    'recordError',
  ]);
  expect([actorInWords('connection:github'), actorInWords('invocation:8f2c'), actorInWords('gateway')]).toEqual([
    'github',
    'invocation 8f2c',
    'gateway',
  ]);
});

it('events are exported as lines of JSON, whatever is in them', () => {
  const odd = { ...event, e: 'a\n"b"\u2028' };
  const lines = eventsAsLines([event, odd]).split('\n');
  expect(lines.pop()).toBe('');
  expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([event, odd]);
});
