import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PressedKey, KeyReader } from '../../../src/cli/top/keys.js';
import { chosenRow, firstView, pressed, type View } from '../../../src/cli/top/view.js';

const escape = '\u001b';
const rows = ['a', 'b', 'c'];

/** The view after what was typed. */
function after(sent: string, from: View = firstView): View | 'quit' {
  return new KeyReader()
    .take(sent)
    .reduce<View | 'quit'>((view, key) => (view === 'quit' ? view : pressed(view, key, rows)), from);
}

describe('keys', () => {
  it.each<[string, Partial<View>]>([
    ['j', { chosen: { connections: 'b' } }],
    ['jj', { chosen: { connections: 'c' } }],
    ['jjjj', { chosen: { connections: 'c' } }],
    ['jk', { chosen: { connections: 'a' } }],
    [`${escape}[B`, { chosen: { connections: 'b' } }],
    [`${escape}OB${escape}OA`, { chosen: { connections: 'a' } }],
    [`${escape}[F`, { chosen: { connections: 'c' } }],
    ['j\r', { isOpen: true, chosen: { connections: 'b' } }],
    [`\r${escape}`, { isOpen: false }],
    ['s', { sorting: 'state' }],
    ['sssss', { sorting: 'name' }],
    ['e', { pane: 'events' }],
    ['ee', { pane: 'connections' }],
    ['ei', { pane: 'invocations' }],
    ['p', { isPaused: true }],
    ['pp', { isPaused: false }],
    ['/git', { isTyping: true, filter: 'git' }],
    ['/quit\r', { isTyping: false, filter: 'quit' }],
    ['/git\u007f\u007f', { filter: 'g' }],
    [`/git${escape}`, { isTyping: false, filter: '' }],
    [`/git\r${escape}`, { filter: '' }],
    ['/日本\r', { filter: '日本' }],
    [`/a${escape}[31mb\r`, { filter: 'ab' }],
    ['x?', firstView],
  ])('%j', (sent, expected) => {
    expect(after(sent)).toMatchObject(expected);
  });

  it('quits with q and Ctrl-C, and while a filter is typed with Ctrl-C alone', () => {
    expect(after('q')).toBe('quit');
    expect(after('\u0003')).toBe('quit');
    expect(after('/q')).toMatchObject({ filter: 'q' });
    expect(after('/q\u0003')).toBe('quit');
  });

  it('takes a sequence that comes in two pieces as one key', () => {
    const reader = new KeyReader();
    expect([...reader.take(`${escape}[`), ...reader.take('B')]).toEqual([{ name: 'down' }]);
    expect(reader.take(escape)).toEqual([{ name: 'escape' }]);
  });

  it('keeps its place among rows that come and go', () => {
    expect(chosenRow({ ...firstView, chosen: { connections: 'c' } }, ['x', 'c'])).toBe(1);
    expect(chosenRow({ ...firstView, chosen: { connections: 'c' } }, ['x'])).toBe(0);
    expect(pressed(firstView, { name: 'enter' }, [])).toEqual(firstView);
  });

  it('takes anything that is typed, and is not lost in it', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (pieces) => {
        const reader = new KeyReader();
        const keys: PressedKey[] = pieces.flatMap((piece) => reader.take(piece));
        for (const key of keys) if (key.name === 'text') expect(key.text).not.toMatch(/\p{Cc}/u);
      }),
    );
  });
});
