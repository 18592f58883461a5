import type { PatternReader } from './pattern-reader.js';

/** What Python's inline flags say, as far as they change what a pattern means. */
export interface Flags {
  readonly ignoreCase: boolean;
  readonly ascii: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
  readonly verbose: boolean;
}

const named: Readonly<Record<string, keyof Flags>> = {
  i: 'ignoreCase',
  a: 'ascii',
  m: 'multiline',
  s: 'dotAll',
  x: 'verbose',
};

/** Flags with others switched on and off, each a letter. */
export function changeFlags(flags: Flags, on: string, off: string, reader: PatternReader): Flags {
  const changed: Record<keyof Flags, boolean> = { ...flags };
  const set = (letters: string, value: boolean): void => {
    for (const letter of letters) {
      const name = named[letter];
      if (name !== undefined) changed[name] = value;
      else if (letter !== 'u') throw reader.error(`flag ${letter} is not known`);
    }
  };
  set(on, true);
  set(off, false);
  return changed;
}
