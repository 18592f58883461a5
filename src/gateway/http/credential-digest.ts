import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

const keyBytes = 32;

/**
 * Tells credentials from each other without giving them away: the key is known to this process alone, and is another one
 * after each start.
 */
export class CredentialDigest {
  readonly #key = randomBytes(keyBytes);

  /** Of all that makes out who somebody is. */
  of(...parts: readonly (string | undefined)[]): string {
    return this.#bytesOf(JSON.stringify(parts.map((part) => part ?? null))).toString('base64url');
  }

  /** Compares a secret with what a client says, in a time that tells nothing of either, not even how long they are. */
  isSame(secret: string, said: string): boolean {
    return timingSafeEqual(this.#bytesOf(secret), this.#bytesOf(said));
  }

  #bytesOf(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest();
  }
}
