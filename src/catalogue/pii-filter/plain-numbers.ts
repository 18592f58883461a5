import { isCardNumber } from './check-digits.js';
import { boundary, digit, expression, isBoundary, spaces, spansOf } from './expression.js';
import type { Span } from './finding.js';

const digitGroups = expression(`${digit}+`);
const digitRuns = expression(`${digit}+(?:[${spaces}-]${digit}+)*`);

/** Digits of the shortest and of the longest number of a card. */
const [leastCardDigits, mostCardDigits] = [13, 19];

/** Numbers of payment cards: 13 to 19 digits of a known network, with the right check digit. */
export function cardNumbers(text: string): Span[] {
  return spansOf(digitRuns, text).flatMap((run) => cardsIn(text, run));
}

/**
 * Cards among groups of digits with one separator between them. A month, a code or an amount beside a card looks like a
 * group of its number.
 */
function cardsIn(text: string, run: Span): Span[] {
  if (run.end - run.start < leastCardDigits) return [];
  const groups = Array.from(text.slice(run.start, run.end).matchAll(digitGroups), ({ 0: group, index }) => {
    const start = run.start + index;
    return { digits: digitsOf(group), start, end: start + group.length };
  });
  // Between groups there are boundaries of words anyhow.
  const first = isBoundary(text, run.start) ? 0 : 1;
  const last = isBoundary(text, run.end) ? groups.length : groups.length - 1;
  const found: Span[] = [];
  let end = run.start;
  for (let from = first; from < last; from++) {
    const start = groups[from]?.start ?? end;
    if (start < end) continue;
    let digits = '';
    for (let at = from; at < Math.min(last, from + mostCardDigits) && digits.length <= mostCardDigits; at++) {
      const group = groups[at];
      digits += group?.digits ?? '';
      if (group !== undefined && digits.length >= leastCardDigits && isCardNumber(digits)) end = group.end;
    }
    if (end > start) found.push({ start, end });
  }
  return found;
}

const gap = `[${spaces}.-]?`;
const american = expression(
  `(?=[(${digit}])${boundary}(?:1${gap})?\\(?${digit}{3}\\)?${gap}${digit}{3}${gap}${digit}{4}${boundary}`,
);
const international = expression(`\\+[1-9]${digit}{9,14}${boundary}`);

/** A country and a number with anything between that people put there: 10 to 15 digits, as E.164 has them. */
const spaced = expression(`\\+[1-9](?:[ ()-]{0,3}\\d){9,14}${boundary}`);

/** Numbers of telephones: ten digits as North America writes them, and any with a + before their country. */
export function phoneNumbers(text: string): Span[] {
  return [american, international, spaced].flatMap((one) => spansOf(one, text));
}

/** The digits of ASCII in a text. */
export function digitsOf(text: string): string {
  return text.replaceAll(/[^0-9]/g, '');
}
