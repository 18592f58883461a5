import type { Span } from './finding.js';

const letter = String.raw`[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}]`;

/** The boundary of a word of any script. It is costly: what tells a place quickly stands before it. */
export const boundary = `(?:(?<=${letter})(?!${letter})|(?<!${letter})(?=${letter}))`;

/** Spaces and line ends, as they are written between brackets. */
export const spaces = String.raw`\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000`;

/** A digit of any script. */
export const digit = String.raw`\p{Nd}`;

const isLetter = new RegExp(letter, 'u');

/** Whether a word of any script begins or ends at a position. */
export function isBoundary(text: string, at: number): boolean {
  return isWordCharacter(before(text, at)) !== isWordCharacter(character(text, at));
}

function character(text: string, at: number): string | undefined {
  const point = text.codePointAt(at);
  return point === undefined ? undefined : String.fromCodePoint(point);
}

/** The character before a position, which may be two UTF-16 units. */
function before(text: string, at: number): string | undefined {
  const pair = at > 1 ? character(text, at - 2) : undefined;
  return pair?.length === 2 ? pair : at > 0 ? text.charAt(at - 1) : undefined;
}

/** Whether a character belongs to a word: a letter, a digit, a mark or an underscore of any script. */
function isWordCharacter(character: string | undefined): boolean {
  return character !== undefined && isLetter.test(character);
}

/**
 * A fixed expression of ours, whatever the case. What repeats without bound in it does so after a word of its own, and
 * what is after it begins with something else, so that time is linear in the text.
 */
export function expression(source: string): RegExp {
  return new RegExp(source, 'giu');
}

/** Where an expression matches, from the left. */
export function spansOf(matched: RegExp, text: string): Span[] {
  return Array.from(text.matchAll(matched), ({ index, 0: { length } }) => ({ start: index, end: index + length }));
}
