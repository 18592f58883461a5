import { isBoundary } from './expression.js';
import type { Span } from './finding.js';

// Letters of any script, as RFC 6531 has them. Those of two UTF-16 units are met one unit at a time.
const localPart = /[\p{L}\p{M}\p{N}\ud800-\udfff._%+-]/u;
const domainPart = /[\p{L}\p{M}\p{N}.-]/u;
const letters = /[\p{L}\p{M}]/u;

/**
 * Where addresses of mail are. Each is looked for from its @ to both sides, as far as characters of addresses go, and what
 * lies between two @ is looked at twice at most: an expression would begin anew at each of its characters.
 */
export function emailAddresses(text: string): Span[] {
  const found: Span[] = [];
  let from = 0;
  for (let at = text.indexOf('@'); at >= 0; at = text.indexOf('@', at + 1)) {
    const start = startOf(text, at, from);
    const end = start === undefined ? undefined : endOf(text, at);
    if (start === undefined || end === undefined) continue;
    found.push({ start, end });
    from = end;
  }
  return found;
}

/** The first boundary of a word in what could be the part before the @. */
function startOf(text: string, at: number, from: number): number | undefined {
  let start = at;
  while (start > from && localPart.test(text.charAt(start - 1))) start--;
  while (start < at && !isBoundary(text, start)) start++;
  return start < at ? start : undefined;
}

/** The end of the last point with two or more letters after it that end with a boundary. */
function endOf(text: string, at: number): number | undefined {
  let runEnd = at + 1;
  while (runEnd < text.length && domainPart.test(text.charAt(runEnd))) runEnd++;
  let lettersEnd = runEnd;
  for (let point = runEnd - 1; point > at + 1; point--) {
    if (text[point] === '.' && lettersEnd - point > 2 && isBoundary(text, lettersEnd)) return lettersEnd;
    if (!letters.test(text.charAt(point))) lettersEnd = point;
  }
  return undefined;
}
