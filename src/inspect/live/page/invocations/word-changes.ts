/** A piece of a text; marked where the other text does not have it. */
export interface Span {
  readonly text: string;
  readonly marked: boolean;
}

/** Comparing costs the product of both lengths; what is longer is marked as a whole between its common ends. */
const mostComparisons = 250_000;

/** Both texts in pieces, so that what one has and the other has not stands out: by words, not by characters. */
export function wordChanges(
  was: string,
  now: string,
): { readonly was: readonly Span[]; readonly now: readonly Span[] } {
  const [left, right] = [wordsOf(was), wordsOf(now)];
  const start = commonStart(left, right);
  const end = commonStart(left.slice(start).reverse(), right.slice(start).reverse());
  const [middleLeft, middleRight] = [left.slice(start, left.length - end), right.slice(start, right.length - end)];
  const kept =
    middleLeft.length * middleRight.length <= mostComparisons
      ? commonWords(middleLeft, middleRight)
      : { left: new Set<number>(), right: new Set<number>() };
  return { was: spansOf(left, start, end, kept.left), now: spansOf(right, start, end, kept.right) };
}

/** Words, runs of white space, and every other character by itself; together they are the text. */
function wordsOf(text: string): string[] {
  return text.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? [];
}

function commonStart(left: readonly string[], right: readonly string[]): number {
  const most = Math.min(left.length, right.length);
  let count = 0;
  while (count < most && left[count] === right[count]) count += 1;
  return count;
}

/** Places of the words of a longest common subsequence. */
function commonWords(left: readonly string[], right: readonly string[]): { left: Set<number>; right: Set<number> } {
  const rows = right.length + 1;
  const lengths = new Uint32Array((left.length + 1) * rows);
  const at = (i: number, j: number): number => lengths[i * rows + j] ?? 0;
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      lengths[i * rows + j] = left[i] === right[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const kept = { left: new Set<number>(), right: new Set<number>() };
  let [i, j] = [0, 0];
  while (i < left.length && j < right.length) {
    if (left[i] === right[j]) {
      kept.left.add(i);
      kept.right.add(j);
      i += 1;
      j += 1;
    } else if (at(i + 1, j) >= at(i, j + 1)) i += 1;
    else j += 1;
  }
  return kept;
}

function spansOf(words: readonly string[], start: number, end: number, kept: ReadonlySet<number>): Span[] {
  const spans: { text: string; marked: boolean }[] = [];
  for (const [index, text] of words.entries()) {
    const marked = index >= start && index < words.length - end && !kept.has(index - start);
    const last = spans.at(-1);
    if (last?.marked === marked) last.text += text;
    else spans.push({ text, marked });
  }
  return spans;
}
