import { GatechartError } from '../../errors.js';

/**
 * Refuses text that UTF-8 cannot carry, where the text that protobuf would send instead names another thing. JSON needs no
 * such check: it escapes halves of surrogate pairs.
 *
 * @param path where it was found
 * @throws GatechartError PAYLOAD_INVALID
 */
export function requireWellFormed(text: string, path: string): string {
  if (text.isWellFormed()) return text;
  throw new GatechartError(
    'PAYLOAD_INVALID',
    `${path}: found half of a surrogate pair, expected text that UTF-8 can carry`,
  );
}
