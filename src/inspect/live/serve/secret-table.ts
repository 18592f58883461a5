import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** One secret that was given out, and what it stands for. */
interface Entry<Value> {
  readonly digest: Buffer;
  readonly value: Value;
}

/**
 * Secrets that were given out, each for a value. Only digests are kept, and all of them are compared whatever is found:
 * how long a look takes says nothing of what is in the table.
 */
export class SecretTable<Value> {
  readonly #most: number;
  readonly #bytes: number;
  #entries: Entry<Value>[] = [];

  /** @param most secrets that are known at a time; the oldest makes room */
  constructor({ most, bytes }: { readonly most: number; readonly bytes: number }) {
    this.#most = most;
    this.#bytes = bytes;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** Makes a secret, as text that a URL can hold. */
  give(value: Value): string {
    const secret = randomBytes(this.#bytes).toString('base64url');
    this.#entries.push({ digest: digestOf(secret), value });
    this.#entries = this.#entries.slice(-this.#most);
    return secret;
  }

  /** What a secret stands for; undefined for one that is not known. */
  find(secret: string): Value | undefined {
    return this.#entryOf(secret)?.value;
  }

  /** The same, and forgets it. */
  take(secret: string): Value | undefined {
    const entry = this.#entryOf(secret);
    if (entry !== undefined) this.#entries = this.#entries.filter((one) => one !== entry);
    return entry?.value;
  }

  /** Forgets the ones for which `isOver` holds. */
  drop(isOver: (value: Value) => boolean): void {
    this.#entries = this.#entries.filter(({ value }) => !isOver(value));
  }

  #entryOf(secret: string): Entry<Value> | undefined {
    const digest = digestOf(secret);
    let found: Entry<Value> | undefined;
    for (const entry of this.#entries) if (timingSafeEqual(entry.digest, digest)) found = entry;
    return found;
  }
}

function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}
