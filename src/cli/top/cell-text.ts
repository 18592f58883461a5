import { withoutEscapes } from './escape-sequences.js';

/** What has no place of its own on a screen, or changes the order or the shape of what stands around it. */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** Columns that are two wide beside those that are drawn as pictures: East Asian Width W and F. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2329, 0x232a],
  [0x2630, 0x2637],
  [0x268a, 0x268f],
  [0x2e80, 0x303e],
  [0x3041, 0x3247],
  [0x3250, 0xa4c6],
  [0xa960, 0xa97c],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe10, 0xfe19],
  [0xfe30, 0xfe6b],
  [0xff01, 0xff60],
  [0xffe0, 0xffe6],
  [0x16fe0, 0x18dff],
  [0x1aff0, 0x1b2ff],
  [0x1d300, 0x1d376],
  [0x1f200, 0x1f2ff],
  [0x20000, 0x3fffd],
];

/** Marks that stand on the character before them; more than these are nobody's language. */
const mostMarks = 2;

/** Text from outside as it may stand on a terminal: no control, no escape sequence, nothing that turns the direction. */
export function shownText(text: string): string {
  const lines = text.replace(/[\t\n\r\v\f\u0085\u2028\u2029]+/g, ' ');
  return withoutEscapes(lines).replace(unseen, '').normalize('NFC');
}

/** How many columns a character takes: 0 for one that stands on the one before it. */
function columnsOf(char: string): number {
  if (char < '\u0300') return 1;
  const code = char.codePointAt(0) ?? 0;
  // Before marks: where terminals do not agree, the wider one counts, so that nothing runs over.
  if (wide.some(([first, last]) => code >= first && code <= last)) return 2;
  if (/^[\p{Mn}\p{Me}]$/u.test(char)) return 0;
  return /^\p{Emoji_Presentation}$/u.test(char) ? 2 : 1;
}

/** How many columns a shown text takes. */
export function textColumns(text: string): number {
  let columns = 0;
  for (const char of text) columns += columnsOf(char);
  return columns;
}

/**
 * The beginning of a shown text that fits into so many columns.
 *
 * @param cut stands at the end where something is missing
 */
export function fittedText(text: string, columns: number, cut: string): string {
  if (isPlain(text) && text.length <= columns) return text;
  let [shown, used, marks] = ['', 0, 0];
  /** As far as it may go if it has to be cut. */
  let short = '';
  const room = columns - textColumns(cut);
  for (const char of text) {
    const own = columnsOf(char);
    marks = own === 0 ? marks + 1 : 0;
    // A mark needs something to stand on.
    if (own === 0 && (marks > mostMarks || used === 0)) continue;
    if (used + own > columns) return room < 0 ? '' : short + cut;
    shown += char;
    used += own;
    if (used <= room) short = shown;
  }
  return shown;
}

/** A shown text in exactly so many columns. */
export function paddedText(text: string, columns: number, cut: string, side: 'left' | 'right' = 'left'): string {
  const fitted = fittedText(text, columns, cut);
  const space = ' '.repeat(Math.max(0, columns - textColumns(fitted)));
  return side === 'left' ? fitted + space : space + fitted;
}

function isPlain(text: string): boolean {
  return /^[\u0020-\u007e]*$/.test(text);
}
