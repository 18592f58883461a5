import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Closes what clients are handed and give back, so that it comes back as it was, and to whom it was handed. */
export interface Seal {
  /** @param principal whoever it is handed to */
  close(text: string, principal: string): string;
  /** Undefined for what was not closed here for this principal, or is too old. */
  open(sealed: string, principal: string): string | undefined;
}

export interface SealOptions {
  /** Milliseconds for which what was closed can be opened. */
  readonly lifetimeMs: number;
  /** Milliseconds on the clock of the gateway. */
  readonly now: () => number;
  /** Default: one of this process. */
  readonly key?: Buffer;
}

/** Characters of what clients give back: the longest URI has room in it, whatever its characters. */
const longestSealed = 64 * 1024;

/** A seal that shows when it was broken, and does not hide what it closes. */
export function createSeal({ lifetimeMs, now, key = randomBytes(32) }: SealOptions): Seal {
  const macOf = (body: string, principal: string): Buffer =>
    createHmac('sha256', key)
      .update(JSON.stringify([body, principal]))
      .digest();
  return {
    close: (text, principal) => {
      const body = Buffer.from(JSON.stringify([text, now() + lifetimeMs])).toString('base64url');
      return `${body}.${macOf(body, principal).toString('base64url')}`;
    },
    open: (sealed, principal) => {
      const [body = '', mac = ''] = sealed.length > longestSealed ? [] : sealed.split('.');
      const expected = macOf(body, principal);
      const given = Buffer.from(mac, 'base64url');
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined;
      const [text, until]: [string, number] = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
      return now() <= until ? text : undefined;
    },
  };
}
