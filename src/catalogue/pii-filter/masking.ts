import { createHmac, randomBytes } from 'node:crypto';
import type { Random } from '../../time/clock.js';
import type { PersonalFinding } from './finding.js';
import { digitsOf } from './plain-numbers.js';

/** Writes what stands in the place of what was found. */
export type Masking = (finding: PersonalFinding) => string;

/**
 * Hashes are keyed with what this process alone knows: the same value has the same hash until the plugin is started anew,
 * and nobody can find the value by hashing guesses. Tokens are made up each time.
 */
export function createMasking(redaction: string, random: Random): Masking {
  const key = randomBytes(32);
  return (finding) => {
    switch (finding.strategy) {
      case 'redact':
        return redaction;
      case 'remove':
        return '';
      case 'hash':
        return `[HASH:${createHmac('sha256', key).update(finding.value).digest('hex').slice(0, 16)}]`;
      case 'tokenize':
        return `[TOKEN:${Math.floor(random() * 2 ** 32)
          .toString(16)
          .padStart(8, '0')}]`;
      case 'partial':
        return partialMask(finding);
    }
  };
}

function partialMask({ type, value }: PersonalFinding): string {
  switch (type) {
    case 'ssn':
      return `***-**-${value.slice(-4)}`;
    case 'bsn':
      return `*****${value.slice(-4)}`;
    case 'credit_card':
      return `****-****-****-${digitsOf(value).slice(-4)}`;
    case 'phone':
      return `***-***-${value.slice(-4)}`;
    case 'email':
      return partialAddress(value);
    case 'bank_account':
      return starred(value, 2, 4);
    default:
      return starred(value, 1, 1);
  }
}

function partialAddress(address: string): string {
  const at = address.lastIndexOf('@');
  const [name, domain] = [address.slice(0, at), address.slice(at)];
  return name.length > 2 ? `${name[0]}***${name.at(-1)}${domain}` : `***${domain}`;
}

/** A value with stars for all but its first and last characters. */
function starred(value: string, first: number, last: number): string {
  const characters = Array.from(value);
  const hidden = characters.length - first - last;
  if (hidden > 0) return [...characters.slice(0, first), '*'.repeat(hidden), ...characters.slice(-last)].join('');
  return characters.length < 2 ? '*'.repeat(characters.length) : `${characters[0]}${'*'.repeat(characters.length - 1)}`;
}
