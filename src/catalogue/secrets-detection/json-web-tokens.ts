import type { Span } from './span.js';

/** What tokens, and texts that look like them, are written in. */
const run = /[\w.-]+/g;
/** The first part of a token may stand at the end of a longer text. */
const head = /\beyJ[\w-]{10,}$/;
const payload = /^eyJ[\w-]{10,}$/;
const signature = /^[\w-]{9,}\w/;

/**
 * Three parts with points between them, of which two are objects of JSON in Base64. Part by part, because one expression
 * for all of it would look through a long text again from every place where a token could begin.
 */
export function* jsonWebTokens(text: string): Iterable<Span> {
  for (const { 0: parts, index } of text.matchAll(run)) {
    if (!parts.includes('.eyJ')) continue;
    let [first, second] = ['', ''];
    let at = index;
    for (const third of parts.split('.')) {
      const begin = payload.test(second) ? head.exec(first)?.index : undefined;
      const end = signature.exec(third)?.[0].length;
      const isToken = begin !== undefined && end !== undefined;
      if (isToken) yield { start: at - second.length - first.length - 2 + begin, end: at + end };
      [first, second] = isToken ? ['', ''] : [second, third];
      at += third.length + 1;
    }
  }
}
