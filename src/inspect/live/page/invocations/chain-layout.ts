import type { InvocationDetail, StepDetail } from '../../feed/feed-invocations.js';
import { type BarLabel, placeLabel } from './bar-label.js';
import { type ChainAxis, type ChainSpan, chainAxis, type Stretch } from './chain-axis.js';
import { exactMs } from './duration-text.js';
import { type Look, lookOf, stepTexts } from './step-meaning.js';

export interface ChainRow {
  readonly step: StepDetail;
  readonly look: Look;
  /** Undefined for a step that did not begin. */
  readonly bar: Stretch | undefined;
  /** It still runs: no right edge. */
  readonly open: boolean;
  /** Pixels that its words may take where there is no bar. */
  readonly room: number;
  /** Beside the bar; undefined where there is no bar, or no room. */
  readonly label: BarLabel | undefined;
  /** The same in full. */
  readonly text: string;
  /** Time in which nothing ran before it. */
  readonly gap: (Stretch & { readonly text: string }) | undefined;
  readonly decides: boolean;
}

export interface ChainPhase {
  readonly name: string;
  /** `3 at once`; empty where they run one after the other. */
  readonly remark: string;
  readonly rows: readonly ChainRow[];
}

export interface ChainLayout {
  readonly axis: ChainAxis;
  readonly phases: readonly ChainPhase[];
}

/**
 * Places the rows of a chain in the order in which the plugins stand in it.
 *
 * @param nowMs milliseconds after the invocation began; counts while it runs
 * @param width pixels of the time line
 * @param measure pixels that a text takes
 */
export function chainLayout(
  invocation: InvocationDetail,
  nowMs: number,
  width: number,
  measure: (text: string) => number,
): ChainLayout {
  const axis = chainAxis(chainSpan(invocation, nowMs), width, measure);
  const phases: { name: string; rows: ChainRow[] }[] = [];
  for (const [index, step] of invocation.steps.entries()) {
    const row = rowOf(step, invocation.steps.slice(0, index), { invocation, nowMs, width, measure, axis });
    const last = phases.at(-1);
    if (last?.name === step.phase) last.rows.push(row);
    else phases.push({ name: step.phase, rows: [row] });
  }
  return { axis, phases: phases.map(({ name, rows }) => ({ name, remark: remarkOf(rows), rows })) };
}

interface Drawing {
  readonly invocation: InvocationDetail;
  readonly nowMs: number;
  readonly width: number;
  readonly measure: (text: string) => number;
  readonly axis: ChainAxis;
}

function rowOf(step: StepDetail, before: readonly StepDetail[], drawing: Drawing): ChainRow {
  const { invocation, nowMs, axis, measure } = drawing;
  const texts = stepTexts(step, invocation, nowMs);
  const room = (axis.decided?.x ?? axis.main.width) - 4;
  const shown = { step, look: lookOf(step.status), text: texts[0] ?? '', room, decides: invocation.by === step.p };
  if (step.t === undefined) return { ...shown, bar: undefined, open: false, label: undefined, gap: undefined };
  const inBackground = step.phase === 'background';
  const bar = axis.place(step.t, endOf(step, nowMs), inBackground);
  return {
    ...shown,
    bar,
    open: step.ms === undefined,
    label: placeLabel(texts, bar, roomOf(bar, drawing), measure),
    gap: inBackground ? undefined : gapBefore(step, before, drawing),
  };
}

/** Where a label may stand: on its side of the line of the decision. */
function roomOf(bar: Stretch, { axis, width }: Drawing): Stretch {
  const { decided, background } = axis;
  if (background !== undefined && bar.x >= background.x) return background;
  const end = background === undefined ? width : axis.main.width;
  if (decided === undefined) return { x: 0, width: end };
  if (bar.x + bar.width <= decided.x + 1) return { x: 0, width: decided.x - 4 };
  return { x: bar.x, width: end - bar.x };
}

function gapBefore(step: StepDetail, before: readonly StepDetail[], { axis, nowMs }: Drawing): ChainRow['gap'] {
  const start = step.t ?? 0;
  const earlier = before.filter(({ t, phase }) => t !== undefined && phase !== 'background');
  const beside = earlier.filter(({ phase }) => phase === step.phase && phase === 'concurrent');
  const first = Math.min(...beside.map(({ t }) => t ?? 0));
  const from = beside.length > 0 ? Math.min(first, start) : Math.max(0, ...earlier.map((one) => endOf(one, nowMs)));
  const { x, width } = axis.place(from, start, false);
  if (start - from < 0.01 || width < 4) return undefined;
  const waited = exactMs(start - from);
  const text =
    beside.length > 0
      ? `${waited} after the first of them: it waited for its turn`
      : `${waited} in which no plugin ran: waiting, or the work between plugins`;
  return { x, width, text };
}

function remarkOf(rows: readonly ChainRow[]): string {
  const begun = rows.filter(({ bar }) => bar !== undefined);
  return rows[0]?.step.phase === 'concurrent' && begun.length > 1 ? `${begun.length} at once` : '';
}

function endOf({ t = 0, ms }: StepDetail, nowMs: number): number {
  return t + (ms ?? Math.max(0, nowMs - t));
}

/** A chain that runs gets room to grow, and shows its deadline once that is in sight. */
function chainSpan({ steps, decided }: InvocationDetail, nowMs: number): ChainSpan {
  const begun = steps.filter(({ t }) => t !== undefined);
  const foreground = begun.filter(({ phase }) => phase !== 'background');
  const after = begun.filter(({ phase }) => phase === 'background');
  const ends = foreground.map((step) => endOf(step, nowMs));
  const last = Math.max(decided ?? 0, ...ends, 0.01);
  const background =
    after.length === 0
      ? undefined
      : {
          from: Math.min(...after.map(({ t = 0 }) => t)),
          to: Math.max(...after.map((step) => endOf(step, nowMs))),
        };
  if (decided !== undefined) return { end: last, decided, background, deadline: undefined };
  const deadlines = foreground.flatMap(({ status, t = 0, deadlineMs }) =>
    status === 'running' && deadlineMs !== undefined ? [t + deadlineMs] : [],
  );
  const deadline = deadlines.length === 0 ? undefined : Math.min(...deadlines);
  const grown = Math.max(nowMs, last) * 1.25;
  const isNear = deadline !== undefined && deadline <= 4 * Math.max(nowMs, last);
  return { end: isNear ? Math.max(grown, deadline * 1.04) : grown, decided, background, deadline };
}
