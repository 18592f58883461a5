/** What comes of a run of some acts: whether it ends as badly as all of them do. */
export type FailsSo = (acts: readonly number[]) => Promise<boolean>;

export interface ShrinkOptions {
  /** Runs that may be tried. */
  readonly mostRuns: number;
}

/**
 * Leaves out acts for as long as what is left fails in the same way: first halves, then ever smaller pieces (delta
 * debugging), and at last single acts. Tries the same in the same order whenever it is given the same.
 *
 * @param acts whose run fails
 * @returns some of them, in their order, whose run fails in the same way; none of them can be left out, unless the runs were
 * used up
 */
export async function shrunkActs(
  acts: readonly number[],
  failsSo: FailsSo,
  { mostRuns }: ShrinkOptions,
): Promise<{ readonly acts: readonly number[]; readonly runs: number }> {
  let left = acts;
  let pieces = 2;
  let runs = 0;
  while (left.length > 1 && runs < mostRuns) {
    const size = Math.ceil(left.length / pieces);
    let isSmaller = false;
    for (let start = 0; start < left.length && runs < mostRuns; ) {
      const rest = [...left.slice(0, start), ...left.slice(start + size)];
      runs++;
      if (rest.length > 0 && (await failsSo(rest))) {
        left = rest;
        isSmaller = true;
      } else start += size;
    }
    if (isSmaller) pieces = Math.max(2, Math.min(pieces, left.length));
    else if (size <= 1) break;
    else pieces = Math.min(left.length, pieces * 2);
  }
  return { acts: left, runs };
}

/** Indexes as a command line has them: `3,7,9-12`. */
export function textOfActs(acts: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const act of acts) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === act - 1) last[1] = act;
    else ranges.push([act, act]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join(',');
}

/** The indexes that such a text names; undefined where it is none. */
export function actsOfText(text: string): readonly number[] | undefined {
  const acts = new Set<number>();
  for (const range of text.split(',')) {
    const found = /^(\d{1,9})(?:-(\d{1,9}))?$/.exec(range.trim());
    if (found === null) return undefined;
    const first = Number(found[1]);
    const last = Number(found[2] ?? found[1]);
    if (last < first || last - first > mostActs) return undefined;
    for (let act = first; act <= last; act++) acts.add(act);
  }
  return [...acts].sort((one, other) => one - other);
}

/** Acts that a range may name. */
const mostActs = 1_000_000;
