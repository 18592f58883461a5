import type { FeedEvent } from '../../inspect/live/feed/feed-states.js';
import { paddedText } from './cell-text.js';
import { pageOf } from './connection-lines.js';
import { exactTimeOfDay } from './durations.js';
import { textIn } from './encoded-line.js';
import type { Frame } from './frame.js';
import type { Line } from './look.js';
import { chosenRow } from './view.js';

/** The list of events, the newest first. */
export function eventLines(frame: Frame, height: number): Line[] {
  const { rows, view, picture } = frame;
  if (height <= 0) return [];
  const sample = picture.samples.events;
  const note = sample !== undefined && sample.drawn > 1 ? ` 1 in ${sample.drawn}` : '';
  const chosen = chosenRow(view, rows.ids);
  const { shown, first, more } = pageOf(rows.events, chosen, height - 1);
  const lines = shown.map((event, index) => eventLine(frame, event, first + index === chosen));
  const nothing = view.filter === '' ? 'None yet.' : 'Nothing matches the filter.';
  const rest = rows.events.length === 0 ? nothing : more;
  if (rest !== undefined) lines.push({ spans: [{ text: `  ${rest}`, tone: 'quiet' }] });
  const heading: Line = {
    spans: [
      { text: 'EVENTS', tone: 'head' },
      { text: note, tone: 'quiet' },
    ],
  };
  return [heading, ...lines].slice(0, height);
}

function eventLine(frame: Frame, event: FeedEvent, isChosen: boolean): Line {
  const { look } = frame;
  const cell = (text: string, width: number): string => paddedText(textIn(look, text), width, look.glyphs.cut);
  return {
    isChosen,
    spans: [
      { text: `${timeOf(frame, event)} ${isChosen ? look.glyphs.chosen : ' '}${cell(event.a, 22)} ` },
      { text: cell(event.e, 18), tone: event.odd === true ? 'reconnecting' : undefined },
      { text: `  ${event.from === event.to ? `stays ${event.to}` : `${event.from} ${look.glyphs.to} ${event.to}`}` },
    ],
  };
}

/** One event by itself, with what it came of and what came of it. */
export function eventDetails(frame: Frame, height: number): Line[] {
  const { rows, view, picture } = frame;
  const event = rows.events[chosenRow(view, rows.ids)];
  if (event === undefined) return [{ spans: [{ text: 'No event is chosen.', tone: 'quiet' as const }] }];
  const { s, a, e, from, to, guard, did, data, cause } = event;
  const lines: Line[] = [
    { spans: [{ text: `${e}  `, tone: 'head' }, { text: `${a}  number ${s}  ${timeOf(frame, event)}` }] },
  ];
  const say = (text: string): number => lines.push({ spans: [{ text: `  ${text}` }] });
  say(from === to ? `stays ${to}` : `${from} ${frame.look.glyphs.to} ${to}`);
  for (const [name, holds] of Object.entries(guard ?? {})) say(`guard ${name}: ${holds ? 'yes' : 'no'}`);
  if (did !== undefined) say(`did ${did.join(', ')}`);
  for (const [name, value] of Object.entries(data ?? {})) say(`${name}: ${String(value)}`);
  const before = cause === undefined ? undefined : picture.events.find((one) => one.s === cause);
  if (cause !== undefined)
    say(`caused by ${before === undefined ? `${cause}, no longer held` : `${cause} ${before.e} of ${before.a}`}`);
  for (const later of picture.events.filter((one) => one.cause === s))
    say(`led to ${later.s} ${later.e} of ${later.a}`);
  return lines.slice(0, Math.max(0, height));
}

function timeOf({ picture, utcOffset }: Frame, { t }: FeedEvent): string {
  return exactTimeOfDay((picture.hello?.epoch ?? 0) + t, utcOffset);
}
