/** A key that stands twice in an object of a JSON text. */
export interface RepeatedKey {
  /** Where it stands the second time, and the first. */
  readonly offset: number;
  readonly first: number;
  readonly path: readonly (string | number)[];
}

/** What is open at a place of the text: an object with the keys that it has, or a list with how many values it has. */
interface Open {
  readonly keys: Map<string, number> | undefined;
  /** The key, or the place in the list, of what comes next. */
  segment: string | number;
}

/**
 * The first key that is there twice, of which JSON.parse takes the last without a word. Takes time in proportion to the text.
 *
 * @param json a text that JSON.parse takes
 */
export function repeatedKeyIn(json: string): RepeatedKey | undefined {
  const tokens = /["{}[\],]/g;
  const opened: Open[] = [];
  // Keys and values alternate: a text behind `{`, or behind a comma in an object, is a key.
  let expectsKey = false;
  for (let match = tokens.exec(json); match !== null; match = tokens.exec(json)) {
    const { 0: token, index: offset } = match;
    const open = opened.at(-1);
    if (token === '"') {
      const end = endOfString(json, offset);
      tokens.lastIndex = end;
      if (!expectsKey || open?.keys === undefined) continue;
      expectsKey = false;
      const key = keyIn(json, offset, end);
      open.segment = key;
      const first = open.keys.get(key);
      if (first !== undefined) return { offset, first, path: opened.map(({ segment }) => segment) };
      open.keys.set(key, offset);
    } else if (token === '{') {
      opened.push({ keys: new Map(), segment: '' });
      expectsKey = true;
    } else if (token === '[') {
      opened.push({ keys: undefined, segment: 0 });
      expectsKey = false;
    } else if (token === ',') {
      expectsKey = open?.keys !== undefined;
      if (typeof open?.segment === 'number') open.segment++;
    } else {
      opened.pop();
      expectsKey = false;
    }
  }
  return undefined;
}

function keyIn(json: string, start: number, end: number): string {
  const written = json.slice(start + 1, end - 1);
  return written.includes('\\') ? String(JSON.parse(json.slice(start, end))) : written;
}

/** Behind the string that begins at `start`. An expression for all of it would run out of stack in a long one. */
export function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); end !== -1; end = json.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (json.charAt(end - 1 - backslashes) === '\\') backslashes++;
    if (backslashes % 2 === 0) return end + 1;
  }
  return json.length;
}
