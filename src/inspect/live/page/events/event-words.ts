import type { FeedEvent } from '../../feed/feed-states.js';

/** What is to say of an event besides its states: what it carries, else its guards, else what was done. */
export function noteOf({ data = {}, guard = {}, did = [] }: FeedEvent): string {
  const carried = Object.entries(data).map(([name, value]) => `${name} ${value}`);
  if (carried.length > 0) return carried.join(', ');
  const asked = Object.entries(guard).map(([name, holds]) => `[${name}] ${holds}`);
  return asked.length > 0 ? asked.join(', ') : did.join(', ');
}

/** An actor as rows have it: `github`, but `invocation 8f2c19`. */
export function actorInWords(id: string): string {
  const colon = id.indexOf(':');
  if (colon === -1) return id;
  const kind = id.slice(0, colon);
  const name = id.slice(colon + 1);
  return kind === 'connection' ? name : `${kind} ${name}`;
}

/** Events as lines of JSON, for a file. */
export function eventsAsLines(events: Iterable<FeedEvent>): string {
  return [...events].map((event) => `${JSON.stringify(event)}\n`).join('');
}
