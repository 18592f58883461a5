import { messageOf } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import type { Journal } from './journal.js';

/** What is logged where a machine or a listener has broken off, which nothing that a server or a plugin does may bring about. */
const breakages: ReadonlySet<string> = new Set([
  'actor failed',
  'actor system failed',
  'an inspector threw',
  'an observer of actors threw',
]);

/** A logger that keeps nothing, and holds it against a world when something in it breaks off. */
export function watchingLogger(journal: Journal): Logger {
  const hear = (fields: object, message: string): void => {
    if (!breakages.has(message)) return;
    const error = 'err' in fields ? messageOf(fields.err) : '';
    const actor = 'actor' in fields ? ` ${String(fields.actor)}` : '';
    journal.violate('unbroken', `${message}${actor}: ${error}`);
  };
  return { debug() {}, info() {}, warn: hear, error: hear };
}
