import { shownText } from './cell-text.js';

/** What was pressed: a key by its name, or text as it was typed. */
export type PressedKey =
  | { readonly name: 'up' | 'down' | 'left' | 'right' | 'pageUp' | 'pageDown' | 'home' | 'end' }
  | { readonly name: 'enter' | 'escape' | 'backspace' | 'interrupt' }
  | { readonly name: 'text'; readonly text: string };

const escape = '\u001b';

const sequences: ReadonlyMap<string, PressedKey> = new Map<string, PressedKey>([
  ['A', { name: 'up' }],
  ['B', { name: 'down' }],
  ['C', { name: 'right' }],
  ['D', { name: 'left' }],
  ['H', { name: 'home' }],
  ['F', { name: 'end' }],
  ['1~', { name: 'home' }],
  ['4~', { name: 'end' }],
  ['5~', { name: 'pageUp' }],
  ['6~', { name: 'pageDown' }],
  ['7~', { name: 'home' }],
  ['8~', { name: 'end' }],
]);

const controls: ReadonlyMap<string, PressedKey> = new Map<string, PressedKey>([
  ['\r', { name: 'enter' }],
  ['\n', { name: 'enter' }],
  ['\u0003', { name: 'interrupt' }],
  ['\u007f', { name: 'backspace' }],
  ['\b', { name: 'backspace' }],
]);

/** Makes keys of what a terminal sends; a sequence that comes in two pieces is one key. */
export class KeyReader {
  #rest = '';

  take(sent: string): PressedKey[] {
    const input = this.#rest + sent;
    this.#rest = '';
    const keys: PressedKey[] = [];
    let at = 0;
    while (at < input.length) {
      if (input.startsWith(`${escape}[`, at) || input.startsWith(`${escape}O`, at)) {
        const after = input.slice(at + 2);
        const [sequence] = /^[ -?]*[@-~]/.exec(after) ?? [];
        if (sequence === undefined) {
          // Bounded: no key is that long.
          if (after.length < 16) this.#rest = input.slice(at);
          return keys;
        }
        const key = sequences.get(sequence.replace(/^1?;\d+/, ''));
        if (key !== undefined) keys.push(key);
        at += 2 + sequence.length;
        continue;
      }
      const char = String.fromCodePoint(input.codePointAt(at) ?? 0);
      at += char.length;
      const key = char === escape ? { name: 'escape' as const } : (controls.get(char) ?? typed(char));
      if (key !== undefined) keys.push(key);
    }
    return keys;
  }
}

function typed(char: string): PressedKey | undefined {
  const text = shownText(char);
  return text === '' ? undefined : { name: 'text', text };
}
