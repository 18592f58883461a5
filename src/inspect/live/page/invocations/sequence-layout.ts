import type { InvocationDetail, SequenceMessage, StepDetail } from '../../feed/feed-invocations.js';
import { type SequenceActor, sequenceActors } from './sequence-actors.js';
import { sequenceColumns } from './sequence-columns.js';
import { type Look, lookOf } from './step-meaning.js';

export interface PlacedActor extends SequenceActor {
  /** Of its line. */
  readonly x: number;
  readonly width: number;
}

export interface PlacedMessage {
  readonly message: SequenceMessage;
  readonly y: number;
  readonly from: number;
  readonly to: number;
  /** What the plugin did that a note is about. */
  readonly look: Look | undefined;
}

export interface SequenceFrame {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly text: string;
}

export interface SequenceLayout {
  readonly width: number;
  readonly height: number;
  readonly actors: readonly PlacedActor[];
  readonly messages: readonly PlacedMessage[];
  /** Around what ran side by side. */
  readonly frames: readonly SequenceFrame[];
}

/** Pixels of the words of a note. */
export const mostNote = 300;

export const sequenceMetrics = { headHeight: 24, top: 44, row: 28, frameHead: 20, frameFoot: 10, margin: 8 };

/**
 * Places a sequence diagram: time goes down, one row a message.
 *
 * @param least pixels that it takes at least: it spreads to them
 * @param measure pixels that a text takes
 */
export function sequenceLayout(
  invocation: InvocationDetail,
  least: number,
  measure: (text: string) => number,
): SequenceLayout {
  const actors = sequenceActors(invocation);
  const shown = invocation.sequence.filter(({ kind }) => kind !== 'notCalled');
  const columns = sequenceColumns(actors, shown, least, measure);
  const xOf = new Map(actors.map(({ name }, index) => [name, columns.lines[index] ?? 0]));
  const { rows, frames, end } = placeRows(shown, xOf, invocation.steps, measure);
  return {
    width: columns.width,
    height: end + sequenceMetrics.margin,
    actors: actors.map((actor) => ({ ...actor, x: xOf.get(actor.name) ?? 0, width: columns.headWidth })),
    messages: rows,
    frames,
  };
}

function placeRows(
  messages: readonly SequenceMessage[],
  xOf: ReadonlyMap<string, number>,
  steps: readonly StepDetail[],
  measure: (text: string) => number,
): { rows: PlacedMessage[]; frames: SequenceFrame[]; end: number } {
  const { top, row, frameHead, frameFoot } = sequenceMetrics;
  const rows: PlacedMessage[] = [];
  const frames: SequenceFrame[] = [];
  let y = top;
  let open: { readonly group: number; readonly y: number; readonly first: number } | undefined;
  const close = (): void => {
    if (open === undefined) return;
    frames.push(frameOf(rows.slice(open.first), open.y, y - open.y, measure));
    y += frameFoot;
    open = undefined;
  };
  for (const message of messages) {
    if (open !== undefined && message.group !== open.group) close();
    if (message.group !== undefined && open === undefined) {
      open = { group: message.group, y: y + 4, first: rows.length };
      y += frameHead;
    }
    y += row;
    rows.push({
      message,
      y: y - 8,
      from: xOf.get(message.from) ?? 0,
      to: xOf.get(message.to) ?? 0,
      look: noteLook(message, steps),
    });
  }
  close();
  return { rows, frames, end: y };
}

/** A note on one plugin begins with its name. */
function noteLook({ from, to, text }: SequenceMessage, steps: readonly StepDetail[]): Look | undefined {
  const step = from === to ? steps.find(({ p }) => text === p || text.startsWith(`${p}:`)) : undefined;
  return step === undefined ? undefined : lookOf(step.status);
}

function frameOf(
  rows: readonly PlacedMessage[],
  y: number,
  height: number,
  measure: (text: string) => number,
): SequenceFrame {
  // A note reaches out to both sides of its line.
  const ends = rows.flatMap(({ from, to, message }) => {
    const half = from === to ? Math.min(mostNote, measure(message.text)) / 2 + 8 : 0;
    return [from - half, to + half];
  });
  const [left, right] = [Math.max(0, Math.min(...ends) - 12), Math.max(...ends) + 12];
  const isRefused = rows.some(({ message, look }) => message.kind === 'refusal' || look === 'blocked');
  return {
    x: left,
    y,
    width: right - left,
    height,
    text: isRefused ? 'concurrent, the first block ends it' : 'concurrent',
  };
}
