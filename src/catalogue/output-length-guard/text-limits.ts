import type { LengthSettings } from './settings.js';

/** What was found out about one text. Lengths are code points, so that a character beyond U+FFFF counts as one. */
export interface Measure {
  readonly length: number;
  readonly tokens: number;
  /** Which limit it does not keep, if any. */
  readonly outside: 'below' | 'above' | undefined;
}

/** Numbers are never cut: a shorter number is another number. */
const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const longestNumber = 50;
const blanks = '\\s\\x85';
const blankEnds = new RegExp(`^[${blanks}]+|[${blanks}]+$`, 'g');

export function measure(text: string, settings: LengthSettings): Measure {
  const length = codePoints(text);
  const tokens = Math.floor(length / settings.chars_per_token);
  if (isNumber(text)) return { length, tokens, outside: undefined };
  const [count, least, most] =
    settings.limit_mode === 'character'
      ? [length, settings.min_chars, settings.max_chars]
      : [tokens, settings.min_tokens, settings.max_tokens];
  if (most !== null && count > most) return { length, tokens, outside: 'above' };
  return { length, tokens, outside: count < least ? 'below' : undefined };
}

/** A text that is above its limit, cut to it. */
export function truncated(text: string, settings: LengthSettings): string {
  const { limit_mode, max_chars, max_tokens, chars_per_token, max_text_length, ellipsis, word_boundary } = settings;
  if (limit_mode === 'token') {
    const cut = Math.min((max_tokens ?? 0) * chars_per_token, max_text_length);
    const end = unitsOf(text, cut);
    return text.slice(0, word_boundary ? wordEnd(text, end, cut) : end) + ellipsis;
  }
  const most = max_chars ?? 0;
  const cut = most - codePoints(ellipsis);
  if (cut <= 0) return text.slice(0, unitsOf(text, most));
  const end = unitsOf(text, cut);
  return text.slice(0, word_boundary ? wordEnd(text, end, most) : end) + ellipsis;
}

export function codePoints(text: string): number {
  let count = text.length;
  for (let at = 0; at + 1 < text.length; at++) if (isPair(text, at)) count--;
  return count;
}

/** How many UTF-16 units the first code points of a text are. */
function unitsOf(text: string, count: number): number {
  let at = 0;
  for (let seen = 0; seen < count && at < text.length; seen++) at += isPair(text, at) ? 2 : 1;
  return at;
}

function isPair(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  if (unit < 0xd800 || unit > 0xdbff) return false;
  const next = text.charCodeAt(at + 1);
  return next >= 0xdc00 && next <= 0xdfff;
}

function isNumber(text: string): boolean {
  // Blanks count: a text is no number only because it is short without them.
  if (text.length > longestNumber) return false;
  const bare = text.replace(blankEnds, '');
  return number.test(bare) && Number.isFinite(Number(bare));
}

const boundaries = new Set(' \t\n\r.,;:!?-—–/\\()[]{}');

/** The end of the last word before a cut, if there is one in the last fifth of what may stay. */
function wordEnd(text: string, end: number, most: number): number {
  const farthest = Math.floor(most * 0.2);
  let at = end;
  for (let looked = 0; looked < farthest && at > 0; looked++) {
    if (boundaries.has(text.charAt(at - 1))) return at;
    at -= at > 1 && isPair(text, at - 2) ? 2 : 1;
  }
  return end;
}
