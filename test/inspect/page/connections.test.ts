import { describe, expect, it } from 'vitest';
import {
  ConnectionOrder,
  matchingConnections,
  sortedConnections,
} from '../../../src/inspect/live/page/connections/connection-list.js';
import { connectionCommand } from '../../../src/inspect/live/page/connections/connection-command.js';
import { connectionOrders } from '../../../src/inspect/live/page/connections/connection-orders.js';
import { ribbonAsMermaid } from '../../../src/inspect/live/page/connections/mermaid-ribbon.js';
import { nextGroups, targetOfTimer } from '../../../src/inspect/live/page/connections/next-events.js';
import { serversInWords } from '../../../src/inspect/live/page/connections/server-words.js';
import { find } from '../../../src/inspect/live/page/shell/find.js';
import { emptyModel } from '../../../src/inspect/live/page/store/model.js';
import { reduce } from '../../../src/inspect/live/page/store/reduce.js';
import { SampleSource } from '../../fixtures/inspect/sample-source.js';
import { sampleActors } from '../../fixtures/inspect/sample-world.js';

const connections = sortedConnections(sampleActors(300_000));
const named = (name: string) => connections.find((actor) => actor.name === name) ?? expect.fail(`there is no ${name}`);

it('of servers whose tools nobody has asked for they are unknown, not none', () => {
  const tools = (...names: string[]) => ({ tools: names.map((name) => ({ name })) });
  expect(serversInWords([tools('a', 'b'), tools('c')])).toBe('2 servers, 3 tools');
  expect(serversInWords([tools('a', 'b'), {}])).toBe('2 servers, 2 tools, those of 1 unknown');
  expect(serversInWords([{}])).toBe('1 server, tools unknown');
  expect(serversInWords([tools()])).toBe('1 server, no tools');
});

describe('connections', () => {
  it('are copied as a command that is there: the machine of what runs, the replay of what was recorded', () => {
    expect(connectionCommand('connection', undefined, undefined).text()).toBe(
      'npx gatechart charts --machine connection',
    );
    expect(connectionCommand('connection', 'my run.jsonl', 12).text()).toBe(
      "npx gatechart replay 'my run.jsonl' --to 12",
    );
  });

  it('are listed by name, numbers as numbers, whatever state they are in', () => {
    const some = ['b-10', 'a', 'b-9'].map((name) => ({ ...named('fetch'), id: `connection:${name}`, name }));
    expect(
      sortedConnections([...some, ...sampleActors(0).filter(({ kind }) => kind === 'login')]).map(({ name }) => name),
    ).toEqual(['a', 'b-9', 'b-10']);
  });

  it.each([
    ['down', ['github', 'jira']],
    ['connecting', ['sentry']],
    ['', connections.map(({ name }) => name)],
    ['127.0.0.1:8931', ['github']],
    ['503 upstream', ['jira']],
    ['npx ready', ['filesystem', 'postgres']],
    ['nothing like this', []],
  ])('that match %j are %j', (filter, names) => {
    expect(matchingConnections(connections, filter).map(({ name }) => name)).toEqual(names);
  });
});

describe('orders', () => {
  const labels = (at: string) => connectionOrders({ ...named('github'), at }).map(({ label }) => label);

  it.each([
    ['reconnecting.backingOff', ['Try now', 'Close']],
    ['failed.coolingDown', ['Try now', 'Close']],
    ['failed.rested', ['Try now', 'Close']],
    ['failed.releasing', ['Close']],
    ['reconnecting.releasing', ['Close']],
    ['ready.stable', ['Close']],
    ['closing', []],
    ['closed', []],
  ])('in %s are %j', (at, expected) => {
    expect(labels(at)).toEqual(expected);
  });

  it('say what comes of them, and carry the state that they were decided on', () => {
    const [retry, close] = connectionOrders(named('github'));
    expect(retry).toMatchObject({
      consequence: 'A link is opened at once, instead of when the timer ends. 4 calls go with it if it succeeds.',
      grave: false,
      request: { do: 'retry', actor: 'connection:github', expect: 'reconnecting.backingOff' },
    });
    expect(close).toMatchObject({
      consequence: '4 calls are refused or cut off. Nothing opens it again until a reload.',
      grave: true,
      request: { do: 'close', expect: 'reconnecting.backingOff' },
    });
  });

  it('are none for one that is gone', () => {
    expect(connectionOrders({ ...named('github'), ended: 1 })).toEqual([]);
  });
});

describe('what can happen next', () => {
  const { events = [] } = new SampleSource({ elapsed: () => 0 }).next('connection:github') ?? {};

  it('is told by the state that takes it, the innermost first', () => {
    expect(nextGroups(events).map(({ src, rows }) => [src, rows.map(({ index }) => index)])).toEqual([
      ['reconnecting.backingOff', [0]],
      ['', [1, 2, 3, 4]],
    ]);
  });

  it('is told so whatever order it is answered in', () => {
    const answered = ['', 'ready', 'ready.stable'].map((src) => ({ e: 'x', src }));
    expect(nextGroups(answered).map(({ src }) => src)).toEqual(['ready.stable', 'ready', '']);
  });

  it('says of a guard what it says now, and why', () => {
    const rows = nextGroups([
      { e: 'a', src: '', guard: 'full', holds: false, because: '4 of 100 wait' },
      { e: 'a', src: '', guard: 'fits' },
      { e: 'a', src: '', holds: true, shadowed: true },
      { e: 'b', src: '' },
      { e: 'after x', src: '', due: 9, to: 'y' },
    ]).flatMap((group) => group.rows.map(({ guard, isOpen }) => [guard, isOpen]));
    expect(rows).toEqual([
      ['false, 4 of 100 wait', false],
      ['depends on the event', true],
      ['the one above is taken', false],
      ['none', true],
      ['', true],
    ]);
  });

  it('says where the timer leads to, if its guard lets it', () => {
    expect(targetOfTimer(events, 'after backoff')).toBe('connecting');
    expect(
      targetOfTimer([{ e: 'after backoff', src: 'x', due: 9, holds: false, to: 'y' }], 'after backoff'),
    ).toBeUndefined();
  });
});

it('a ribbon becomes a Mermaid diagram in which no name can be more than a name', () => {
  const text = ribbonAsMermaid(
    [
      [0, 'idle'],
      [1, 'ready"\n  evil --> x'],
      [2, 'idle'],
    ],
    'idle',
  );
  expect(text.split('\n')).toEqual([
    'stateDiagram-v2',
    '  classDef active stroke-width:3px,font-weight:bold',
    '  state "idle" as s0',
    '  state "ready\\"\\n  evil --> x" as s1',
    '  s0 --> s1',
    '  s1 --> s0',
    '  class s0 active',
    '',
  ]);
});

describe('find', () => {
  const source = new SampleSource({ elapsed: () => 0 });
  let state: Parameters<typeof reduce>[0] = { model: emptyModel, building: undefined };
  for (const piece of source.snapshot()) state = reduce(state, piece);
  const { model } = state;
  const kinds = (text: string) => find(model, text).map(({ kind, name }) => `${kind} ${name}`);

  it('leads to connections, servers and plugins, what begins with the words first', () => {
    expect(kinds('git')).toEqual(['connection github', 'server github']);
    expect(kinds('SECRETS')).toEqual(['connection secrets', 'plugin SecretsDetection']);
  });

  it('puts what is called exactly so before what begins so, and that before all else', () => {
    const [first] = model.actors.values();
    const actors = new Map(
      ['my-db', 'db-2', 'db'].map((name) => [name, { ...(first ?? expect.fail()), id: name, name }]),
    );
    expect(find({ ...emptyModel, actors }, 'db').map(({ name }) => name)).toEqual(['db', 'db-2', 'my-db']);
  });

  it('leads to the call of a request id', () => {
    const row = [...model.invocations.values()][3];
    expect(find(model, row?.requestId ?? '').map(({ route }) => route)).toContainEqual({
      view: 'invocations',
      id: row?.id,
    });
  });

  it('leads to an event by its number, and holds the time there', () => {
    expect(find(model, '#184210')[0]).toMatchObject({
      kind: 'event',
      route: { view: 'events', id: '184210', seq: 184_210 },
    });
  });

  it('of nothing finds nothing, and never more than a dozen', () => {
    expect([kinds('  '), kinds('no such thing')]).toEqual([[], []]);
    expect(kinds('e')).toHaveLength(12);
  });
});

it('connections stay in order while they change, and are put in order when one comes or goes', () => {
  const order = new ConnectionOrder();
  const actorsOf = (names: readonly string[], at = 'ready.stable') =>
    new Map(names.map((name) => [`connection:${name}`, { ...named('fetch'), id: `connection:${name}`, name, at }]));
  const shown = (actors: ReturnType<typeof actorsOf>) => order.take(actors).map(({ name, at }) => `${name} ${at}`);
  expect(shown(actorsOf(['b', 'a']))).toEqual(['a ready.stable', 'b ready.stable']);
  expect(shown(actorsOf(['b', 'a'], 'failed.rested'))).toEqual(['a failed.rested', 'b failed.rested']);
  expect(shown(actorsOf(['b', 'c', 'a']))).toHaveLength(3);
  expect(shown(actorsOf(['c', '0']))).toEqual(['0 ready.stable', 'c ready.stable']);
});
