import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffRest, diffRows, redactedText } from '../../../src/inspect/live/page/invocations/diff-rows.js';
import { type Span, wordChanges } from '../../../src/inspect/live/page/invocations/word-changes.js';

const whole = (spans: readonly Span[]): string => spans.map(({ text }) => text).join('');
const kept = (spans: readonly Span[]): string => whole(spans.filter(({ marked }) => !marked));

const words = fc
  .array(fc.constantFrom('select', ' ', 'from', "'", 'ada@example.org', '[EMAIL]', '\n', 'é', '😀', 'x1'), {
    maxLength: 40,
  })
  .map((all) => all.join(''));

describe('what changed in a text', () => {
  it('is marked, and the rest is the same on both sides', () => {
    fc.assert(
      fc.property(words, words, (was, now) => {
        const changes = wordChanges(was, now);
        expect(whole(changes.was)).toBe(was);
        expect(whole(changes.now)).toBe(now);
        expect(kept(changes.was)).toBe(kept(changes.now));
      }),
    );
  });

  it('is nothing where both are the same', () => {
    fc.assert(fc.property(words, (text) => wordChanges(text, text).now.every(({ marked }) => !marked)));
  });

  it('is the words that were masked', () => {
    const { was, now } = wordChanges("mail = 'ada' and id = 7", "mail = '[EMAIL]' and id = 7");
    expect(was.filter(({ marked }) => marked)).toEqual([{ text: 'ada', marked: true }]);
    expect(now.filter(({ marked }) => marked)).toEqual([{ text: '[EMAIL]', marked: true }]);
  });

  it('is found within a moment in texts that are too long to compare', () => {
    const text = (word: string): string => `start ${`${word} x `.repeat(20_000)}end`;
    const { was, now } = wordChanges(text('one'), text('two'));
    expect(was.map(({ marked }) => marked)).toEqual([false, true, false]);
    expect(kept(now)).toContain('start');
  });
});

describe('a change', () => {
  it('is told by type, size and fingerprint where values are not shown', () => {
    const rows = diffRows({
      changes: [
        {
          path: 'args.sql',
          kind: 'changed',
          was: { type: 'string', length: 86, fp: 'a1f09c02' },
          now: { type: 'string', length: 1, fp: '62be1711' },
        },
      ],
      more: 0,
      unchanged: 0,
    });
    expect(rows).toEqual([
      {
        path: 'args.sql',
        about: 'string, changed',
        lines: [
          { sign: '-', spans: [{ text: 'string, 86 characters, #a1f09c02', marked: false }], redacted: true },
          { sign: '+', spans: [{ text: 'string, 1 character, #62be1711', marked: false }], redacted: true },
        ],
      },
    ]);
  });

  it('marks words only in texts that are not seen at a glance', () => {
    const change = (was: string, now: string): readonly boolean[] =>
      diffRows({
        changes: [
          { path: 'a', kind: 'changed', was: { type: 'string', text: was }, now: { type: 'string', text: now } },
        ],
        more: 0,
        unchanged: 0,
      })[0]?.lines[0]?.spans.map(({ marked }) => marked) ?? [];
    expect(change('+41 79 555 01 02', '+41 [PHONE]')).toEqual([true]);
    expect(change(`${'a '.repeat(30)}secret`, `${'a '.repeat(30)}masked`)).toEqual([false, true]);
  });

  it('says when a value took another type, came, or went', () => {
    const rows = diffRows({
      changes: [
        { path: 'a', kind: 'changed', was: { type: 'string', length: 2 }, now: { type: 'null' } },
        { path: 'b', kind: 'added', now: { type: 'array', length: 2 } },
        { path: '', kind: 'removed', was: { type: 'object', length: 1 } },
      ],
      more: 212,
      unchanged: 14,
    });
    expect(rows.map(({ path, about, lines }) => [path, about, lines.map(({ sign }) => sign).join('')])).toEqual([
      ['a', 'string to null, changed', '-+'],
      ['b', 'array, added', '+'],
      ['the whole payload', 'object, removed', '-'],
    ]);
  });

  it('says how many it leaves out', () => {
    expect(diffRest({ changes: [], more: 1212, unchanged: 1 })).toBe('And 1,212 more. 1 value unchanged.');
    expect(diffRest({ changes: [], more: 0, unchanged: 0 })).toBe('');
  });
});

it.each([
  [{ type: 'binary', length: 1024 } as const, 'binary, 1,024 bytes'],
  [{ type: 'array', length: 1, fp: '00' } as const, 'array, 1 entry, #00'],
  [{ type: 'object', length: 3 } as const, 'object, 3 entries'],
  [{ type: 'number', fp: 'ab' } as const, 'number, #ab'],
  [{ type: 'null' } as const, 'null'],
])('%j is told as %s', (value, text) => {
  expect(redactedText(value)).toBe(text);
});
