/** What the time line of a chain has to show, in milliseconds after the invocation began. */
export interface ChainSpan {
  /** Where the linear part ends. */
  readonly end: number;
  readonly decided: number | undefined;
  /** From when to when something ran after the answer. */
  readonly background: { readonly from: number; readonly to: number } | undefined;
  /** When what still runs will be given up. */
  readonly deadline: number | undefined;
}

export interface Stretch {
  readonly x: number;
  readonly width: number;
}

/** Where a moment stands, in pixels from the left edge. */
export interface ChainAxis {
  readonly main: Stretch;
  readonly ticks: readonly { readonly x: number; readonly text: string }[];
  readonly decided: { readonly x: number; readonly text: string } | undefined;
  readonly deadline: number | undefined;
  /** The scale changes here. */
  readonly cut: Stretch | undefined;
  readonly background: Stretch | undefined;
  /** Of something that ran before the answer, or after it. */
  place(from: number, to: number, inBackground: boolean): Stretch;
}

const cutWidth = 10;
const cutMargin = 14;
const shareOfBackground = 0.2;
/** The words stand behind the bars there. */
const shareOfBars = 0.4;
const leastTickDistance = 56;
/** Thinner ones could not be seen. */
const leastBar = 3;

/**
 * The linear axis up to the decision, and behind a cut a scale of its own for the background: that takes many times as
 * long, and nobody waited for it.
 */
export function chainAxis(span: ChainSpan, width: number, measure: (text: string) => number): ChainAxis {
  const backgroundWidth = span.background === undefined ? 0 : Math.max(104, Math.round(width * shareOfBackground));
  const given = span.background === undefined ? 0 : backgroundWidth + cutWidth + 2 * cutMargin;
  const main = { x: 0, width: Math.max(1, width - given) };
  const after = span.background === undefined ? undefined : { x: width - backgroundWidth, width: backgroundWidth };
  const toX = (ms: number): number => main.x + share(ms, 0, span.end) * main.width;
  const decided =
    span.decided === undefined ? undefined : { x: toX(span.decided), text: `decided ${span.decided.toFixed(2)}` };
  const deadline = span.deadline === undefined || span.deadline > span.end ? undefined : toX(span.deadline);
  // Both words end at their lines.
  const taken = [
    ...(decided === undefined ? [] : [before(decided.x, measure(decided.text))]),
    ...(deadline === undefined ? [] : [before(deadline, measure('deadline'))]),
  ];
  return {
    main,
    ticks: ticksOf(span.end, main.width, toX, taken, measure),
    decided,
    deadline,
    cut: after === undefined ? undefined : { x: main.width + cutMargin, width: cutWidth },
    background: after,
    place(from, to, inBackground) {
      if (!inBackground || after === undefined || span.background === undefined) return bar(toX(from), toX(to), main);
      const { from: begin, to: end } = span.background;
      const at = (ms: number): number => after.x + share(ms, begin, end) * after.width * shareOfBars;
      return bar(at(from), at(to), after);
    },
  };
}

function before(x: number, width: number): Stretch {
  return { x: x - width, width };
}

function bar(from: number, to: number, within: Stretch): Stretch {
  const width = Math.min(within.width, Math.max(leastBar, to - from));
  return { x: Math.min(from, within.x + within.width - width), width };
}

function share(value: number, from: number, to: number): number {
  return to <= from ? 0 : Math.min(1, Math.max(0, (value - from) / (to - from)));
}

/** Every tick whose number covers neither the words of the decision nor those of the deadline. */
function ticksOf(
  end: number,
  width: number,
  toX: (ms: number) => number,
  taken: readonly Stretch[],
  measure: (text: string) => number,
): { x: number; text: string }[] {
  const step = niceStep((end * leastTickDistance) / width);
  const count = step > 0 ? Math.floor(end / step + 1e-9) : 0;
  return Array.from({ length: count + 1 }, (_, index) => {
    const text = numberText(index * step);
    return { x: toX(index * step), text: index === 0 ? `${text} ms` : text };
  }).filter(({ x, text }) => {
    const right = x + measure(text);
    return right <= width && taken.every((one) => right <= one.x - 8 || x >= one.x + one.width + 8);
  });
}

/** The next of 1, 2, 5, 10, 20 and so on. */
export function niceStep(least: number): number {
  if (!(least > 0) || !Number.isFinite(least)) return 0;
  const power = 10 ** Math.floor(Math.log10(least));
  const factor = [1, 2, 5, 10].find((one) => one * power >= least - 1e-12) ?? 10;
  return factor * power;
}

function numberText(value: number): string {
  return Number(value.toPrecision(6)).toLocaleString('en', { maximumFractionDigits: 4 });
}
