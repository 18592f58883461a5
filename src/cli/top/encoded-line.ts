import { fittedText, shownText, textColumns } from './cell-text.js';
import type { Line, Look, Span, Tone } from './look.js';

/** Select Graphic Rendition, from the 16 colours of the terminal's own palette. */
const colours: Readonly<Record<Tone, number>> = {
  ready: 32,
  connecting: 34,
  reconnecting: 33,
  failed: 31,
  blocked: 35,
  modified: 36,
  quiet: 90,
  head: 36,
};

/** A line as it is written: never wider than `columns`, and with no escape sequence but those that are made here. */
export function encodedLine(line: Line, columns: number, look: Look): string {
  return fittedSpans(line, columns, look)
    .map(({ text, tone, isReversed }) => {
      if (isReversed === true) return `\u001b[7m${text}\u001b[27m`;
      return look.hasColour && tone !== undefined ? `\u001b[${colours[tone]}m${text}\u001b[39m` : text;
    })
    .join('');
}

function fittedSpans({ spans, isChosen }: Line, columns: number, look: Look): Span[] {
  let room = columns;
  const fitted: Span[] = [];
  for (const span of spans) {
    const text = fittedText(textIn(look, span.text), room, look.glyphs.cut);
    // Colours on a reversed ground are often not legible.
    if (text !== '') fitted.push({ ...span, text, ...(isChosen === true && { isReversed: true }) });
    room -= textColumns(text);
    if (room <= 0) break;
  }
  if (isChosen === true && room > 0) fitted.push({ text: ' '.repeat(room), isReversed: true });
  return fitted;
}

/** A text from anywhere, in characters that this terminal has. */
export function textIn(look: Look, text: string): string {
  const shown = shownText(text);
  return look.isAscii ? shown.replace(/[^\u0020-\u007e]/gu, '?') : shown;
}
