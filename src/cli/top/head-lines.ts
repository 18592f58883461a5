import { paddedText, textColumns } from './cell-text.js';
import { attentionOf } from './attention.js';
import { countdown, millis, timeOfDay } from './durations.js';
import { textIn } from './encoded-line.js';
import { type Frame, silenceMs } from './frame.js';
import type { Line, Span } from './look.js';

/** Seconds of which rates a minute are made. */
const rateSeconds = 60;

/** Whom it shows, whether it is live, and what one may do. */
export function titleLine(frame: Frame): Line {
  const { picture, columns, view, look } = frame;
  const { hello } = picture;
  const host = hello === undefined ? 'waiting for the process' : `${hello.host.name} pid ${hello.host.pid}`;
  const left: Span[] = [{ text: 'gatechart top', tone: 'head' }, { text: `  ${textIn(look, host)}` }];
  if (hello === undefined) return { spans: left };
  const facts: Span[] = [liveness(frame)];
  const { eventsPerSecond } = picture;
  facts.push({ text: `${eventsPerSecond === undefined ? 'unknown' : grouped(eventsPerSecond)} ev/s` });
  facts.push({ text: hello.control ? 'control' : 'read only' });
  if (view.isPaused) facts.unshift({ text: 'paused', tone: 'reconnecting' });
  facts.push({ text: timeOfDay(hello.epoch + frame.now, frame.utcOffset) });
  const right = facts.flatMap((fact, index) => (index === 0 ? [fact] : [{ text: '  ' }, fact]));
  const used = columnsOf(left) + columnsOf(right);
  // Beside the table on a wide terminal, and next to the name on a narrow one.
  const gap = columns >= 120 ? columns - used : Math.min(3, columns - used);
  return { spans: [...left, { text: ' '.repeat(Math.max(2, gap)) }, ...right] };
}

function liveness({ picture, silentMs }: Frame): Span {
  if (picture.bye !== undefined) return { text: `ended: ${picture.bye}`, tone: 'failed' };
  if (silentMs >= silenceMs) return { text: `no news for ${Math.floor(silentMs / 1000)} s`, tone: 'failed' };
  if (picture.hello?.source === 'recording') return { text: 'recording', tone: 'quiet' };
  return { text: 'live', tone: 'ready' };
}

/** What the whole process does now. */
export function figuresLine({ picture }: Frame): Line {
  const last = picture.seconds.at(-1);
  const minute = picture.seconds.slice(-rateSeconds);
  const blocked = minute.reduce((sum, { blocked }) => sum + blocked, 0);
  const connections = [...picture.actors.values()].filter(({ kind }) => kind === 'connection');
  const sums = (of: 'inFlight' | 'waiting'): number => connections.reduce((sum, one) => sum + (one[of] ?? 0), 0);
  const unknown = 'unknown';
  const figures = [
    `calls ${last === undefined ? unknown : `${grouped(last.calls)}/s`}`,
    `p50 ${last?.p50 === undefined ? unknown : millis(last.p50)}`,
    `p99 ${last?.p99 === undefined ? unknown : millis(last.p99)}`,
    `in flight ${sums('inFlight')}`,
    `wait ${sums('waiting')}`,
  ];
  const blocks = minute.length === 0 ? `blocked ${unknown}` : `blocked ${grouped(blocked)}/min`;
  return {
    spans: [{ text: `${figures.join('   ')}   ` }, { text: blocks, tone: blocked > 0 ? 'blocked' : undefined }],
  };
}

/** What needs attention, in as many lines as there are for it. */
export function attentionLines(frame: Frame, most: number): Line[] {
  const { picture, columns, look, now } = frame;
  const items = attentionOf(picture);
  if (picture.hello === undefined) return [];
  if (items.length === 0) return [{ spans: [{ text: 'All is quiet.', tone: 'ready' }] }];
  const heading: Line = { spans: [{ text: `NEEDS ATTENTION ${items.length}`, tone: 'head' }] };
  const shown = items.length <= most ? items : items.slice(0, Math.max(0, most - 1));
  // The cause grows with the terminal: it is what does not fit.
  const cause = Math.max(8, Math.min(columns, 120) - 2 - 11 - 32 - 10);
  const lines = shown.map(({ glyph, tone, who, what, cause: why, due }): Line => {
    const cell = (text: string, width: number, side?: 'right'): string =>
      paddedText(textIn(look, text), width, look.glyphs.cut, side);
    const when = due === undefined ? '-' : countdown(due - now);
    const text = `${cell(who, 10)} ${cell(what, 31)} ${cell(why, cause)} ${cell(when, 9, 'right')}`;
    return { spans: [{ text: `${look.glyphs[glyph]} `, tone }, { text }] };
  });
  const more = items.length - shown.length;
  const rest: Line[] = more > 0 ? [{ spans: [{ text: `  ${more} more`, tone: 'quiet' }] }] : [];
  return [heading, ...lines, ...rest];
}

/** Who blocked how often in the last minute, the most first. */
export function blocksLine({ picture }: Frame): Line {
  const counts = new Map<string, number>();
  for (const { blocksBy } of picture.seconds.slice(-rateSeconds)) {
    for (const [plugin, count] of Object.entries(blocksBy ?? {})) counts.set(plugin, (counts.get(plugin) ?? 0) + count);
  }
  const sorted = [...counts].filter(([, count]) => count > 0).sort(([, one], [, other]) => other - one);
  const text =
    sorted.length === 0 ? 'none' : sorted.map(([plugin, count]) => `${plugin} ${grouped(count)}`).join('   ');
  return { spans: [{ text: 'BLOCKS/MIN', tone: 'head' }, { text: `  ${text}` }] };
}

/** What can be pressed, or the filter that is typed. */
export function keysLine({ view }: Frame): Line {
  if (view.isTyping)
    return { spans: [{ text: `/${view.filter}_` }, { text: '   enter keeps  esc drops', tone: 'quiet' }] };
  const filter = view.filter === '' ? '' : `filter: ${view.filter}   `;
  const enter = view.isOpen ? 'esc back' : 'enter open';
  const keys = `j k move  ${enter}  / filter  s sort  e events  i invocations  p pause  q quit`;
  return {
    spans: [
      { text: filter, tone: 'modified' },
      { text: keys, tone: 'quiet' },
    ],
  };
}

function columnsOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { text }) => sum + textColumns(text), 0);
}

/** `3104` is `3,104`. */
function grouped(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
