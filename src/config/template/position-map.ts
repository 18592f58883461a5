/** Where a stretch of rendered text comes from. */
interface Stretch {
  /** Where it starts in the rendered text. */
  readonly rendered: number;
  /** Where that is in the template. */
  readonly template: number;
  /** It was put in by a template expression, so it may hold a value from the environment. */
  readonly inserted: boolean;
}

// Private-use characters: nothing a configuration would hold, and no filter changes their case.
const text = '\uE000';
const enter = '\uE001';
const leave = '\uE002';
const digits = 4;
const base = 0x400;
const firstDigit = 0xe400;
const marker = /([\uE000-\uE002])([\uE400-\uE7FF]{4})/g;
const leadingMarker = /^[\uE000-\uE002]([\uE400-\uE7FF]{4})/;

const markers = { text, enter, leave } as const;

/** Text that stands for "from here on the output comes from this position in the template". */
export function markerFor(kind: keyof typeof markers, offset: number): string {
  let encoded = '';
  for (let rest = offset, i = 0; i < digits; i++, rest = Math.floor(rest / base)) {
    encoded = String.fromCharCode(firstDigit + (rest % base)) + encoded;
  }
  return markers[kind] + encoded;
}

function decode(encoded: string): number {
  let offset = 0;
  for (let i = 0; i < encoded.length; i++) offset = offset * base + encoded.charCodeAt(i) - firstDigit;
  return offset;
}

/** The position that a marker stands for; undefined for any other text. */
export function markedOffset(value: string): number | undefined {
  const encoded = leadingMarker.exec(value)?.[1];
  return encoded === undefined ? undefined : decode(encoded);
}

/** Leads from positions in rendered text back to the template it was rendered from. */
export class PositionMap {
  readonly #stretches: readonly Stretch[];
  /** For each stretch, how much was inserted before it, so that no question takes longer in a longer file. */
  readonly #insertedBefore: number[] = [];

  constructor(stretches: readonly Stretch[]) {
    this.#stretches = stretches;
    let inserted = 0;
    for (const [index, stretch] of stretches.entries()) {
      this.#insertedBefore.push(inserted);
      if (stretch.inserted) inserted += (stretches[index + 1]?.rendered ?? stretch.rendered) - stretch.rendered;
    }
  }

  /** Where the text at `rendered` was written. */
  templateOffset(rendered: number): number {
    const stretch = this.#stretches[this.#indexAt(rendered)];
    if (stretch === undefined) return 0;
    return stretch.inserted ? stretch.template : stretch.template + rendered - stretch.rendered;
  }

  /** Whether anything from `start` up to `end` was inserted by an expression; of an empty range, whether it is inside. */
  holdsInserted(start: number, end: number): boolean {
    return this.#insertedUpTo(Math.max(end, start + 1)) > this.#insertedUpTo(start);
  }

  #insertedUpTo(rendered: number): number {
    const index = this.#indexAt(rendered);
    const stretch = this.#stretches[index];
    if (stretch === undefined) return 0;
    return (this.#insertedBefore[index] ?? 0) + (stretch.inserted ? rendered - stretch.rendered : 0);
  }

  #indexAt(rendered: number): number {
    let low = 0;
    let high = this.#stretches.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#stretches[middle]?.rendered ?? 0) <= rendered) low = middle;
      else high = middle - 1;
    }
    return Math.max(low, 0);
  }
}

/** Takes the markers out of rendered text and remembers what they said. */
export function takeMarkers(marked: string): { text: string; positions?: PositionMap } {
  const stretches: Stretch[] = [{ rendered: 0, template: 0, inserted: false }];
  const open: number[] = [];
  let plain = '';
  let copied = 0;
  let balanced = true;
  for (const match of marked.matchAll(marker)) {
    plain += marked.slice(copied, match.index);
    copied = match.index + match[0].length;
    const offset = decode(match[2] ?? '');
    if (match[1] === enter) open.push(offset);
    else if (match[1] === leave && open.pop() === undefined) balanced = false;
    // What a macro writes is called from an expression, so all of it counts as inserted there.
    const within = open[0];
    stretches.push({ rendered: plain.length, template: within ?? offset, inserted: within !== undefined });
  }
  const text = plain + marked.slice(copied);
  // A filter that cuts text may have cut a marker away; what is left must not be believed.
  return balanced && open.length === 0 ? { text, positions: new PositionMap(stretches) } : { text };
}
