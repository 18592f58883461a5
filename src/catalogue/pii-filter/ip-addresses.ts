import { isIPv6 } from 'node:net';
import { boundary, expression, spansOf } from './expression.js';
import type { Span } from './finding.js';

const octet = String.raw`(?:25[0-5]|2[0-4]\d|[01]?\d\d?)`;
const version4 = expression(`(?=\\d)${boundary}(?:${octet}\\.){3}${octet}${boundary}`);
const version6 = expression(`(?=[0-9a-f])${boundary}(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}${boundary}`);

/** Where zeros may have been left out. Longer than any address is none, which keeps it short. */
const shortVersion6 = expression(String.raw`(?<![\p{L}\p{N}_:.])[0-9a-f:.]{3,46}(?![\p{L}\p{N}_:])`);

/** Where addresses of machines are: RFC 791, and RFC 4291 in full and with zeros left out. */
export function ipAddresses(text: string): Span[] {
  const short = !text.includes('::')
    ? []
    : spansOf(shortVersion6, text).flatMap(({ start, end }) => {
        // The full stop after an address is not its own.
        const last = text[end - 1] === '.' ? end - 1 : end;
        const address = text.slice(start, last);
        // Names in programs are written with two colons too: dead::beef.
        return address.includes('::') && /\d/.test(address) && isIPv6(address) ? [{ start, end: last }] : [];
      });
  return [...spansOf(version4, text), ...spansOf(version6, text), ...short];
}
