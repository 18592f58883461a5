import type { Clock } from '../../../time/clock.js';
import { SecretTable } from './secret-table.js';

/** Milliseconds within which a one-time token has to be swapped. */
export const tokenLifeMs = 5 * 60_000;

/** Tokens that wait to be swapped. */
const mostTokens = 16;

/** Keys that are good: pages and terminals that were let in. */
const mostKeys = 32;

/** Who was let in: the first is 1. */
export interface Admitted {
  readonly session: number;
}

/**
 * Lets in who has a one-time token. The token is swapped for a key, which is sent with every request from then on and ends
 * with this process.
 */
export class Admission {
  readonly #clock: Pick<Clock, 'now'>;
  /** The value is when it was made. */
  readonly #tokens = new SecretTable<number>({ most: mostTokens, bytes: 16 });
  readonly #keys = new SecretTable<Admitted>({ most: mostKeys, bytes: 32 });
  #sessions = 0;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** A token of 128 bits that lets in once, within {@link tokenLifeMs}. */
  token(): string {
    this.#forgetOld();
    return this.#tokens.give(this.#clock.now());
  }

  /** The key for a token; undefined where that is unknown, was swapped, or is too old. */
  swap(token: string): { readonly key: string; readonly session: number } | undefined {
    this.#forgetOld();
    if (this.#tokens.take(token) === undefined) return undefined;
    const session = ++this.#sessions;
    return { key: this.#keys.give({ session }), session };
  }

  /** Who sends a header `Authorization`; undefined where it is not `Bearer` and a key of ours. */
  admitted(authorization: string | undefined): Admitted | undefined {
    const key = /^Bearer ([\w-]{1,100})$/i.exec(authorization ?? '')?.[1];
    return key === undefined ? undefined : this.#keys.find(key);
  }

  #forgetOld(): void {
    const now = this.#clock.now();
    this.#tokens.drop((madeAt) => now - madeAt >= tokenLifeMs);
  }
}
