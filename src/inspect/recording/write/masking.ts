import { createHmac, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import { cleanText } from '../../../gateway/offer/text-cleaning.js';
import { excerpt } from '../../../json/excerpt.js';
import { mark, type Masking } from '../recorded-value.js';

/** Names, which people gave or machines count: of actors, plugins, servers and tools. */
const names: ReadonlySet<string> = new Set([
  'type',
  'actorId',
  'call',
  'waiting',
  'plugin',
  'server',
  'method',
  'subject',
  'grant',
  'replay',
]);
const name = /^[\w.:@/#~ -]{1,128}$/;
const code = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*$/;

/** Characters of a text that is recorded as it is. */
const longest = 4096;

/** Texts that are kept, so that the same mark is not made anew each time. */
const most = 2000;

/**
 * Without payloads: names and codes as they are, other texts as a fingerprint under a key of this recording, so that
 * machines which compare them decide as they did. Of errors the name, the code and, for those of the system, what was
 * tried where; their messages quote servers and plugins.
 */
export function masked(): Masking {
  const key = randomBytes(32);
  const marks = new Map<string, string>();
  const markOf = (text: string): string => {
    const known = marks.get(text);
    if (known !== undefined) return known;
    const made = `~${createHmac('sha256', key).update(text).digest('hex').slice(0, 8)}`;
    if (marks.size >= most) marks.clear();
    marks.set(text, made);
    return made;
  };
  return {
    text(text, field) {
      if (text === '' || mark.test(text)) return text;
      if (field === 'code' || field === 'errorCode') return isCode(text) ? text : markOf(text);
      // What a call is about may be an address, which says more than a name.
      return names.has(field) && name.test(text) && !text.includes(':/') ? text : markOf(text);
    },
    error: (error) => {
      const { syscall, address, port, code: given } = Object(error) as Readonly<Record<string, unknown>>;
      const shown = typeof given === 'string' ? given : undefined;
      if (shown === undefined) return {};
      if (!isCode(shown)) return { code: markOf(shown) };
      if (typeof syscall !== 'string' || !/^[a-z]{2,16}$/.test(syscall)) return { code: shown };
      const at = typeof address === 'string' && isIP(address) > 0 ? ` ${address}` : '';
      const door = at !== '' && Number.isInteger(port) ? `:${String(port)}` : '';
      return { code: shown, text: `${syscall} ${shown}${at}${door}` };
    },
  };
}

/** With payloads: all as it is, without control characters, and cut. */
export function unmasked(): Masking {
  return {
    text: (text) => shownText(text),
    error: (error) => ({
      ...('code' in error && typeof error.code === 'string' && { code: shownText(error.code) }),
      text: shownText(error.message),
    }),
  };
}

function shownText(text: string): string {
  return excerpt(cleanText(text).text, longest);
}

function isCode(text: string): boolean {
  return text.length <= 48 && code.test(text);
}
