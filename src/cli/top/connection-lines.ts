import type { PossibleEvent } from '../../inspect/live/feed/feed-next.js';
import type { ActorState, FeedEvent } from '../../inspect/live/feed/feed-states.js';
import { paddedText } from './cell-text.js';
import { conditionOf, ribbonSpans, toneOf } from './condition.js';
import { countdown, exactTimeOfDay, millis, shortDuration, timeOfDay } from './durations.js';
import { textIn } from './encoded-line.js';
import type { Frame } from './frame.js';
import type { Glyph, Line } from './look.js';
import { chosenRow, type Sorting } from './view.js';

/** Columns that a table has at the least, and where what is beside it begins. */
export const tableColumns = 79;

/** The table of connections: a heading, rows, and how many there are more. */
export function connectionLines(frame: Frame, columns: number, height: number): Line[] {
  const { connections, ids } = frame.rows;
  if (height <= 0) return [];
  if (connections.length === 0) {
    const none = frame.view.filter === '' ? 'No connections.' : 'Nothing matches the filter.';
    return [heading(frame, columns), { spans: [{ text: `  ${none}`, tone: 'quiet' as const }] }].slice(0, height);
  }
  const chosen = frame.view.pane === 'connections' ? chosenRow(frame.view, ids) : -1;
  const { shown, first, more } = pageOf(connections, Math.max(0, chosen), height - 1);
  const rows = shown.map((actor, index) => connectionLine(frame, actor, columns, first + index === chosen));
  const rest: Line[] = more === undefined ? [] : [{ spans: [{ text: `  ${more}`, tone: 'quiet' }] }];
  return [heading(frame, columns), ...rows, ...rest].slice(0, height);
}

/**
 * The page of a list that the chosen row is on: rows stay where they are until it leaves the page.
 *
 * @param height lines, of which one tells of the rest where there is one
 */
export function pageOf<Row>(
  rows: readonly Row[],
  chosen: number,
  height: number,
): { readonly shown: readonly Row[]; readonly first: number; readonly more: string | undefined } {
  if (rows.length <= height) return { shown: rows, first: 0, more: undefined };
  const size = Math.max(1, height - 1);
  const first = Math.floor(chosen / size) * size;
  const below = rows.length - first - size;
  const parts = [first > 0 && `${first} more above`, below > 0 && `${below} more below`].filter(
    (part) => part !== false,
  );
  return { shown: rows.slice(first, first + size), first, more: parts.join(', ') };
}

const headings: Readonly<Record<Sorting, string>> = {
  name: 'NAME',
  state: 'STATE',
  inIt: 'IN IT',
  perSecond: 'C/S',
  p50: 'P50',
};

/** Widths of name, state and ribbon; the other columns hold numbers, and are as wide as those. */
function widths(columns: number): { readonly name: number; readonly state: number; readonly ribbon: number } {
  const free = Math.max(0, columns - tableColumns - 1);
  const name = 11 + Math.min(14, Math.floor(free / 2));
  return { name, state: 23 + Math.min(8, Math.ceil(free / 3)), ribbon: columns >= 80 ? 17 : 14 };
}

function heading(frame: Frame, columns: number): Line {
  const { name, state } = widths(columns);
  const title = (of: Sorting): string =>
    frame.view.sorting === of ? `${headings[of]} ${frame.look.glyphs.sorted}` : headings[of];
  const left = `  ${paddedText(title('name'), name, '')} ${paddedText(title('state'), state, '')} `;
  const numbers = [title('inIt').padStart(7), title('perSecond').padStart(5), title('p50').padStart(7)].join(' ');
  return { spans: [{ text: `${left}${numbers}  LAST 5 MIN`, tone: 'head' }] };
}

function connectionLine(frame: Frame, actor: ActorState, columns: number, isChosen: boolean): Line {
  const { look, now, picture } = frame;
  const { name, state, ribbon } = widths(columns);
  const condition = conditionOf(actor);
  const tone = toneOf(condition);
  const glyph: Glyph = condition;
  const cell = (text: string, width: number): string => paddedText(textIn(look, text), width, look.glyphs.cut);
  const numbers = [
    shortDuration(now - actor.since).padStart(7),
    (actor.perSecond === undefined ? '-' : String(Math.round(actor.perSecond))).padStart(5),
    millis(actor.p50).padStart(7),
  ].join(' ');
  return {
    isChosen,
    spans: [
      { text: look.glyphs[glyph], tone },
      { text: `${isChosen ? look.glyphs.chosen : ' '}${cell(actor.name, name)} ` },
      { text: `${cell(actor.at, state)} `, tone },
      { text: `${numbers}  ` },
      ...ribbonSpans(picture.ribbons.get(actor.id) ?? [], now, ribbon, look),
    ],
  };
}

/** The chosen connection: where it is, what can happen next, and what happened. */
export function connectionDetails(frame: Frame, height: number): Line[] {
  const { rows, view, look, now, picture, utcOffset } = frame;
  const actor = rows.connections[view.pane === 'connections' ? chosenRow(view, rows.ids) : 0];
  if (actor === undefined) return [];
  const epoch = picture.hello?.epoch ?? 0;
  const at = (t: number): string => exactTimeOfDay(epoch + t, utcOffset);
  const condition = conditionOf(actor);
  const lines: Line[] = [
    {
      spans: [
        { text: `${look.glyphs.chosen} ${actor.name}  `, tone: 'head' },
        { text: actor.at, tone: toneOf(condition) },
        { text: `  ${shortDuration(now - actor.since)}` },
      ],
    },
  ];
  const say = (label: string, text: string): number =>
    lines.push({ spans: [{ text: `  ${label.padEnd(9)} ${text}` }] });
  if (frame.next?.actor === actor.id) lines.push(...frame.next.events.map((event) => possibleLine(frame, event)));
  else if (actor.timer !== undefined) say(actor.timer.event, `in ${countdown(actor.timer.due - now)}`);
  if (actor.attempt !== undefined) say('attempt', `${actor.attempt[0]} of ${actor.attempt[1]}`);
  if (actor.waiting !== undefined || actor.inFlight !== undefined) {
    const most = actor.maxWaiting === undefined ? '' : ` of ${actor.maxWaiting}`;
    say('calls', `${actor.waiting ?? 'unknown'}${most} wait, ${actor.inFlight ?? 'unknown'} in flight`);
  }
  if (actor.last !== undefined) say('last', `${actor.last.event}  ${at(actor.last.t)}`);
  if (actor.error !== undefined) say('error', `${actor.error.code} ${actor.error.message}  ${at(actor.error.t)}`);
  if (actor.target !== undefined) say('target', actor.target);
  for (const [name, fact] of Object.entries(actor.facts ?? {})) say(name, fact);
  const own = picture.events.filter(({ a }) => a === actor.id);
  if (own.length > 0) lines.push({ spans: [{ text: 'WHAT HAPPENED', tone: 'head' }] });
  lines.push(...own.map((event): Line => ({ spans: [{ text: `  ${happened(frame, event)}` }] })));
  return lines.slice(0, Math.max(0, height));
}

function happened({ picture, utcOffset, look }: Frame, { t, e, from, to }: FeedEvent): string {
  const when = timeOfDay((picture.hello?.epoch ?? 0) + t, utcOffset);
  return `${when}  ${e}  ${from === to ? 'stays' : `${look.glyphs.to} ${to}`}`;
}

function possibleLine({ look, now }: Frame, event: PossibleEvent): Line {
  const { e, guard, holds, because, shadowed, does, to, due } = event;
  const parts = [
    due === undefined ? undefined : `in ${countdown(due - now)}`,
    guard === undefined ? undefined : `${guard} ${holds === undefined ? 'depends on the event' : holds ? 'yes' : 'no'}`,
    because,
    to === undefined ? 'stays' : `${look.glyphs.to} ${to}`,
    shadowed === true ? 'the one above is taken' : undefined,
    ...(does ?? []),
  ].filter((part) => part !== undefined);
  const isOff = shadowed === true || holds === false;
  const name = paddedText(textIn(look, e), 16, look.glyphs.cut);
  return { spans: [{ text: `  ${name} ${parts.join(', ')}`, tone: isOff ? 'quiet' : undefined }] };
}
