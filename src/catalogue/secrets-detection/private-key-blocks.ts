import type { Span } from './span.js';

const label = String.raw`(?:[A-Z0-9]{2,20} ){0,3}PRIVATE KEY(?: BLOCK)?`;
const firstLine = new RegExp(`-{4,5} ?BEGIN ${label} ?-{4,5}`, 'g');
const lastLine = new RegExp(`-{4,5} ?END ${label} ?-{4,5}`, 'g');

/**
 * Private keys between the lines that say so, the lines included. A key that does not end is one up to the end of the
 * text: better too much than the rest of a key.
 */
export function* privateKeyBlocks(text: string): Iterable<Span> {
  let from = 0;
  for (;;) {
    firstLine.lastIndex = from;
    const begun = firstLine.exec(text);
    if (begun === null) return;
    lastLine.lastIndex = firstLine.lastIndex;
    from = lastLine.exec(text) === null ? text.length : lastLine.lastIndex;
    yield { start: begun.index, end: from };
  }
}
