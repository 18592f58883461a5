import { isCardNumber } from './check-digits.js';
import { boundary, digit, expression, spaces, spansOf } from './expression.js';
import type { Span } from './finding.js';

const cardCandidates = expression(`(?=\\d)${boundary}${digit}(?:[${spaces}-]?${digit}){12,18}${boundary}`);

/** Numbers of payment cards: 13 to 19 digits of a known network, with the right check digit. */
export function cardNumbers(text: string): Span[] {
  return spansOf(cardCandidates, text).filter(({ start, end }) => isCardNumber(digitsOf(text.slice(start, end))));
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
