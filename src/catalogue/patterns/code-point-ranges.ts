/** Code points from the first to the last of each pair, sorted. */
export type Ranges = readonly (readonly [number, number])[];

const lastCodePoint = 0x10ffff;

/** What Python's `\s` takes, and the separators that only it counts as white space. */
export const spaceRanges: Ranges = [
  [0x09, 0x0d],
  [0x1c, 0x20],
  [0x85, 0x85],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
];

export const asciiSpaceRanges: Ranges = [
  [0x09, 0x0d],
  [0x20, 0x20],
];

/** What `\s` takes in ECMAScript. */
export const ecmaScriptSpaceRanges: Ranges = [
  [0x09, 0x0d],
  [0x20, 0x20],
  ...spaceRanges.filter(([first]) => first >= 0xa0),
  [0xfeff, 0xfeff],
];

export const asciiWordRanges: Ranges = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];

let unicodeWords: Ranges | undefined;

/** What ends a line in ECMAScript. */
export const lineEndRanges: Ranges = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];

/** Letters, numbers and the underscore. Made when a pattern first needs what is not among them: it takes a while. */
export function wordRanges(): Ranges {
  if (unicodeWords !== undefined) return unicodeWords;
  const ranges: [number, number][] = [];
  for (let point = 0; point <= lastCodePoint; point++) {
    if (!/[\p{L}\p{N}_]/u.test(String.fromCodePoint(point))) continue;
    const last = ranges.at(-1);
    if (last?.[1] === point - 1) last[1] = point;
    else ranges.push([point, point]);
  }
  unicodeWords = ranges;
  return ranges;
}

/** All code points that are in none of the ranges. */
export function complementOf(ranges: Ranges): Ranges {
  const others: [number, number][] = [];
  let from = 0;
  for (const [first, last] of ranges) {
    if (first > from) others.push([from, first - 1]);
    from = last + 1;
  }
  if (from <= lastCodePoint) others.push([from, lastCodePoint]);
  return others;
}
