import { fittedText, textColumns } from './cell-text.js';
import { connectionDetails, connectionLines, tableColumns } from './connection-lines.js';
import { encodedLine, textIn } from './encoded-line.js';
import { eventDetails, eventLines } from './event-lines.js';
import type { Frame } from './frame.js';
import { attentionLines, blocksLine, figuresLine, keysLine, titleLine } from './head-lines.js';
import { invocationDetails, invocationLines } from './invocation-lines.js';
import type { Line, Look, Span } from './look.js';

/** From so many columns on, what is chosen stands beside the table. */
const wideColumns = 120;

/** Lines from which there is room for air between the parts. */
const airyHeight = 22;

/**
 * What a terminal of this size shows: at most `height` lines, none wider than `columns`, and nothing in them that a
 * terminal would obey but colours and reverse video.
 */
export function screenLines(frame: Frame): string[] {
  const { height, columns, look } = frame;
  return linesOf(frame)
    .slice(0, Math.max(0, height))
    .map((line) => encodedLine(line, columns, look));
}

/** Everything that there is to show at once, with all rows, for where there is no terminal. */
export function snapshotLines(frame: Frame): string[] {
  const air: Line = { spans: [] };
  const every = Number.MAX_SAFE_INTEGER;
  const lines = [
    titleLine(frame),
    figuresLine(frame),
    air,
    ...attentionLines(frame, every),
    air,
    ...connectionLines({ ...frame, view: { ...frame.view, pane: 'invocations' } }, frame.columns, every),
    air,
    blocksLine(frame),
  ];
  return lines.map((line) => encodedLine(line, frame.columns, frame.look).trimEnd());
}

function linesOf(frame: Frame): Line[] {
  const { height } = frame;
  const air: Line[] = height >= airyHeight ? [{ spans: [] }] : [];
  const head = [titleLine(frame), ...(height >= 6 ? [figuresLine(frame)] : []), ...air];
  // A filter that is typed has to be seen, however small the terminal is.
  const foot = height >= 4 ? [...air, ...(height >= 10 ? [blocksLine(frame)] : []), keysLine(frame)] : [];
  const room = height - head.length - foot.length;
  const body = bodyLines(frame, room, air);
  const filling = Array.from({ length: Math.max(0, room - body.length) }, (): Line => ({ spans: [] }));
  return [...head, ...body.slice(0, Math.max(0, room)), ...filling, ...foot];
}

function bodyLines(frame: Frame, room: number, air: readonly Line[]): Line[] {
  const { view, columns } = frame;
  if (view.isOpen) {
    if (view.pane === 'events') return eventDetails(frame, room);
    return view.pane === 'invocations' ? invocationDetails(frame, room) : connectionDetails(frame, room);
  }
  if (view.pane === 'events') return eventLines(frame, room);
  if (view.pane === 'invocations') return invocationLines(frame, room);
  const attention = room >= 8 ? [...attentionLines(frame, Math.max(1, Math.floor(room / 3))), ...air] : [];
  const left = room - attention.length;
  if (columns < wideColumns) return [...attention, ...connectionLines(frame, columns, left)];
  const below = left >= 10 ? Math.floor(left / 3) : 0;
  const table = connectionLines(frame, tableColumns, left - below);
  const details = connectionDetails(frame, left - below);
  const beside = Array.from({ length: Math.max(table.length, details.length) }, (_none, row) =>
    besides(frame.look, table[row], details[row]),
  );
  return [...attention, ...beside, ...invocationLines(frame, below)];
}

/** A line of the table, and one of what is chosen behind a bar. */
function besides(look: Look, table: Line | undefined, details: Line | undefined): Line {
  const isReversed = table?.isChosen === true;
  const spans: Span[] = [];
  let room = tableColumns;
  for (const span of table?.spans ?? []) {
    const text = fittedText(textIn(look, span.text), room, look.glyphs.cut);
    room -= textColumns(text);
    spans.push({ ...span, text, isReversed });
  }
  spans.push({ text: ' '.repeat(room), isReversed }, { text: ` ${look.glyphs.bar} `, tone: 'quiet' });
  return { spans: [...spans, ...(details?.spans ?? [])] };
}
