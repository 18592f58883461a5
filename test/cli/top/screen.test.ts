import * as fc from 'fast-check';
import { rowsOf } from '../../../src/cli/top/rows.js';
import { describe, expect, it } from 'vitest';
import { emptyPicture, type FeedPicture } from '../../../src/cli/top/feed-picture.js';
import { pictureJson, pictureText } from '../../../src/cli/top/picture-text.js';
import { lookOf } from '../../../src/cli/top/look.js';
import { screenLines } from '../../../src/cli/top/screen.js';
import { sortings } from '../../../src/cli/top/view.js';
import { columnCounter } from '../../fixtures/inspect/column-count.js';
import {
  type FrameOptions,
  plainTerminal,
  sampleFrame,
  samplePicture,
  unicodeTerminal,
} from '../../fixtures/inspect/top-frames.js';

const escape = '\u001b';

/** What the screen itself may write: colours and reverse video. */
const ownSequences = new RegExp(`${escape}\\[(?:7|27|39|3[1-7]|9[0-7])m`, 'g');

/** The lines as somebody sees them, without spaces at their ends. */
function seen(options: FrameOptions): string[] {
  return screenLines(sampleFrame(options)).map((line) => line.replace(ownSequences, '').trimEnd());
}

describe('a terminal of 80×24', () => {
  it('shows who it is, what needs attention, the connections, the blocks and the keys', () => {
    expect(seen({})).toEqual([
      'gatechart top  support-gateway pid 41207   live  3,104 ev/s  read only  14:32:08',
      'calls 420/s   p50 6.1 ms   p99 48 ms   in flight 9   wait 5   blocked 100/min',
      '',
      'NEEDS ATTENTION 4',
      '↻ github     try 3 of 5 failed, 4 calls wait connect ECONNREFUSED 127…     6.2 s',
      '◆ jira       5 of 5 used up                  HTTP 503 upstream connec…      41 s',
      '⧗ Moderation plugin is off                   no answer within 500 ms    2 m 11 s',
      '? linear     login waits for a person        gatechart login linear            -',
      '',
      '  NAME ▲      STATE                     IN IT   C/S     P50  LAST 5 MIN',
      '●>fetch       ready.parkable            1m12s    38    9 ms              ─────',
      '● filesystem  ready.stable              5m08s    64    3 ms  ─────────────────',
      '↻ github      reconnecting.backingOff    8.8s     -       -  ─────────▒▒──▒▒▒▒',
      '● grafana     ready.stable              4m48s    11   41 ms  ─────────────────',
      '◆ jira        failed.coolingDown          19s     -       -  ────────▒▒▒▒▒▒▒██',
      '○ linear      idle.empty                2m15s     -       -           ········',
      '○ memory      idle.empty                2m15s     -       -           ········',
      '● opa-policy  ready.stable              5m08s   412    5 ms  ─────────────────',
      '● postgres    ready.stable              1m16s    96   12 ms              ─────',
      '● secrets     ready.stable              5m08s   400    6 ms  ─────────────────',
      '  2 more below',
      '',
      'BLOCKS/MIN  SecretsDetection 60   SqlGuard 24   OpaPolicy 16',
      'j k move  enter open  / filter  s sort  e events  i invocations  p pause  q quit',
    ]);
  });

  it('marks the chosen row by a character too, and in reverse video from end to end', () => {
    const [row] = screenLines(sampleFrame({})).filter((line) => line.includes('fetch'));
    expect(row?.startsWith(`${escape}[7m●${escape}[27m${escape}[7m>fetch`)).toBe(true);
    expect(row?.endsWith(` ${escape}[27m`)).toBe(true);
  });

  it('says where it is sorted, and by what', () => {
    const orders = sortings.map((sorting) => {
      const lines = seen({ view: { sorting } });
      const heading = lines.findIndex((line) => line.includes('LAST 5 MIN'));
      const title = /(\S+(?: IT)?) ▲/.exec(lines[heading] ?? '')?.[1];
      return [title, (lines[heading + 1] ?? '').slice(2, 13).trim()];
    });
    expect(orders).toEqual([
      ['NAME', 'fetch'],
      ['STATE', 'jira'],
      ['IN IT', 'filesystem'],
      ['C/S', 'opa-policy'],
      ['P50', 'slack'],
    ]);
  });

  it('says unknown where nothing is known, and never 0', () => {
    const picture: FeedPicture = { ...samplePicture(), seconds: [], eventsPerSecond: undefined };
    const lines = seen({ picture, columns: 100 });
    expect(lines[0]).toContain('unknown ev/s');
    expect(lines[1]).toMatch(/^calls unknown {3}p50 unknown {3}p99 unknown .* {3}blocked unknown$/);
  });

  it('says that all is quiet, that it waits, that nothing is heard, and that it is paused', () => {
    const { hello } = samplePicture();
    expect(seen({ picture: { ...emptyPicture, hello } })).toContain('All is quiet.');
    expect(seen({ picture: emptyPicture })[0]).toBe('gatechart top  waiting for the process');
    expect(seen({ silentMs: 9_000 })[0]).toContain('no news for 9 s');
    expect(seen({ view: { isPaused: true }, columns: 100 })[0]).toContain('paused  live');
  });

  it('filters with words that must be there and words that must not', () => {
    const names = (filter: string): string[] =>
      sampleFrame({ view: { filter } }).rows.connections.map(({ name }) => name);
    expect(names('idle')).toEqual(['linear', 'memory']);
    expect(names('idle -linear')).toEqual(['memory']);
    expect(names('ECONNREFUSED')).toEqual(['github']);
    expect(names('nobody')).toEqual([]);
    const { picture, rows, view } = sampleFrame({});
    const events = (filter: string, t: number): number =>
      rowsOf({ ...picture, t }, { ...view, pane: 'events', filter }).events.length;
    const newest = Math.max(...rows.events.map(({ t }) => t));
    const recent = rows.events.filter(({ t }) => t >= newest - 500).length;
    expect(recent).toBeGreaterThan(0);
    expect(events('since:1s', newest + 500)).toBe(recent);
    expect(events('-since:1s', newest + 500)).toBe(rows.events.length - recent);
    expect([events('plugin:nobody', newest), events('-plugin:nobody', newest)]).toEqual([0, rows.events.length]);
    const by = sampleFrame({ view: { pane: 'invocations', filter: 'plugin:secrets' } }).rows.invocations;
    expect([...new Set(by.map((one) => one.by))]).toEqual(['SecretsDetection']);
    expect(names('plugin:github')).toEqual(['github']);
    expect(seen({ view: { filter: 'nobody' } })).toContain('  Nothing matches the filter.');
    expect(seen({ view: { filter: 'git', isTyping: true } }).at(-1)).toBe('/git_   enter keeps  esc drops');
  });

  it('shows events, and one of them with what it came of', () => {
    const events = seen({ view: { pane: 'events' } });
    expect(events[4]).toMatch(/^14:32:08.400 >connection:secrets\s+call.arrived\s+stays ready.stable$/);
    const one = seen({ view: { pane: 'events', isOpen: true, chosen: { events: '184238' } } });
    expect(one).toEqual(expect.arrayContaining(['  caused by 184237 openLink failed of connection:github']));
    const before = seen({ view: { pane: 'events', isOpen: true, chosen: { events: '184237' } } });
    expect(before).toContain('  led to 184238 releaseLink done of connection:github');
  });

  it('shows invocations with what is drawn of them, and one with why it was blocked', () => {
    const list = seen({ view: { pane: 'invocations' } });
    expect(list[3]).toBe('INVOCATIONS 1 in 8   always: blocked, failed, timedOut, aborted, slowest');
    expect(list.filter((line) => line.includes('■'))[0]).toMatch(/postgres__query .* SecretsD/);
    const blocked = seen({ view: { pane: 'invocations', isOpen: true, chosen: { invocations: 'inv184216' } } });
    expect(blocked).toEqual(
      expect.arrayContaining([
        expect.stringContaining('blocked by SecretsDetection'),
        'WHY  SECRET_FOUND  Secret in arguments',
        '  at args.sql',
        '  changed  args.params[0]',
      ]),
    );
  });
});

it('puts what is chosen beside the table from 120 columns on, and the newest invocations below', () => {
  const lines = seen({ columns: 127, height: 30, view: { chosen: { connections: 'connection:github' } } });
  const row = (text: string): string => lines.find((line) => line.includes(text)) ?? '';
  expect(row('LAST 5 MIN')).toMatch(/LAST 5 MIN {9}│ > github {2}reconnecting.backingOff {2}8.8s$/);
  expect(row('after backoff')).toMatch(/│ {3}after backoff {4}in 6.2 s, → connecting$/);
  expect(row('queueFull')).toContain('queueFull no, 4 of 100');
  expect(lines.filter((line) => line.includes('seq ✓✓- tra ▲ aud ✓'))).not.toEqual([]);
});

it('writes ASCII alone where the terminal has nothing else, and no colour where none is wanted', () => {
  for (const env of [{ LANG: 'C' }, { LC_ALL: 'POSIX', LANG: 'en_GB.UTF-8' }, { LANG: 'C.UTF-8', TERM: 'linux' }, {}]) {
    const lines = screenLines(sampleFrame({ env, columns: 140, height: 40, view: { pane: 'invocations' } }));
    expect(lines.join('').replace(ownSequences, '')).toMatch(/^[\u0020-\u007e]*$/);
  }
  const colours = new RegExp(`${escape}\\[(?:3\\d|9\\d)m`);
  expect(screenLines(sampleFrame({ env: unicodeTerminal })).join('')).toMatch(colours);
  expect(screenLines(sampleFrame({ env: plainTerminal })).join('')).not.toMatch(colours);
});

/** Names and messages of somebody who wants to write on the terminal of another. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.constantFrom(
    `${escape}[2J${escape}[H`,
    `a${escape}]0;title\u0007b`,
    '\u009b31mred',
    '日本語'.repeat(20),
    '\u202egpj',
    '\r\n\r\n',
  ),
);

it('keeps to the size of the terminal and obeys nobody, whatever it is told', () => {
  const count = columnCounter();
  const told = fc.record({ name: hostile, at: hostile, message: hostile, plugin: hostile });
  const shape = fc.record({
    columns: fc.integer({ min: 1, max: 200 }),
    height: fc.nat(60),
    pane: fc.constantFrom('connections' as const, 'events' as const, 'invocations' as const),
    isOpen: fc.boolean(),
    isTyping: fc.boolean(),
    env: fc.constantFrom<NodeJS.ProcessEnv>(unicodeTerminal, plainTerminal, { LANG: 'C' }),
  });
  const sample = samplePicture();
  fc.assert(
    fc.property(told, shape, ({ name, at, message, plugin }, { columns, height, pane, isOpen, isTyping, env }) => {
      const [whole] = [...sample.actors.values()];
      if (whole === undefined) throw new Error('the sample has no actors');
      const error = { code: 'LINK_LOST', message, t: 0 };
      const actor = { ...whole, id: name, name, at, error, facts: { [plugin]: message }, target: message };
      const picture: FeedPicture = {
        ...sample,
        hello: sample.hello && { ...sample.hello, host: { ...sample.hello.host, name } },
        actors: new Map([[name, actor], ...sample.actors]),
        plugins: sample.plugins.map((one) => ({ ...one, name: plugin, at: 'failed', error })),
        invocations: sample.invocations.map((one) => ({ ...one, subject: name, agent: message, by: plugin })),
        events: sample.events.map((one) => ({ ...one, a: name, e: message, to: at, did: [plugin] })),
        seconds: sample.seconds.map((one) => ({ ...one, blocksBy: { [plugin]: 3 } })),
      };
      const view = { pane, isOpen, isTyping, filter: '' };
      const lines = screenLines(sampleFrame({ picture, columns, height, env, view }));
      expect(lines.length).toBeLessThanOrEqual(height);
      for (const line of lines) {
        const text = line.replace(ownSequences, '');
        expect(text).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u);
        expect(count(text)).toBeLessThanOrEqual(columns);
      }
    }),
    { numRuns: 300 },
  );
});

it('is one snapshot where there is no terminal: text with all rows, or JSON', () => {
  const picture = samplePicture({ moreConnections: 100 });
  const text = pictureText(picture, { columns: 80, look: lookOf(plainTerminal), utcOffset: 0 });
  expect(text.split('\n').filter((line) => line.startsWith('● server-'))).toHaveLength(100);
  expect(text).not.toMatch(/more below|enter open/);
  const json = JSON.parse(pictureJson(picture)) as Record<string, unknown[]>;
  expect(json['host']).toMatchObject({ name: 'support-gateway', pid: 41_207 });
  expect(json['actors']).toHaveLength(113);
  expect(json['attention']?.[0]).toMatchObject({ who: 'github', what: 'try 3 of 5 failed, 4 calls wait' });
});
