import type { EventStream } from './event-stream.js';

const mostAttempts = 3;
const usualDelayMs = 1000;

/** Where the rest of an answer is asked for, whose stream ended early. */
export interface Resumption {
  readonly lastEventId: string;
  /** Milliseconds until then. */
  readonly delayMs: number;
  /** How often it was asked for at this place, this time included. */
  readonly attempt: number;
}

/**
 * The next attempt; undefined where the server named no place to resume at, or nothing more came there.
 *
 * @param stream what ended; undefined where it could not be asked for
 * @param before the attempt that brought it, if it was one
 */
export function nextResumption(
  stream: EventStream | undefined,
  before: Resumption | undefined,
): Resumption | undefined {
  const lastEventId = stream?.lastEventId ?? before?.lastEventId ?? '';
  const attempt = lastEventId === before?.lastEventId ? before.attempt + 1 : 1;
  if (lastEventId === '' || attempt > mostAttempts) return undefined;
  return { lastEventId, delayMs: stream?.retryMs ?? before?.delayMs ?? usualDelayMs, attempt };
}

/**
 * What is odd about a stream that came to its proper end without the answer: one that was none from the start, or that can be
 * resumed nowhere, did not break off. Undefined where nothing is.
 *
 * @param stray what came on it that was no message, or the answer to nothing
 */
export function oddEnd(stream: EventStream | undefined, stray: string | undefined): string | undefined {
  if (stream?.hasUnsendableId === true) return 'with an event id that cannot be sent back';
  if (stray !== undefined) return `and sent something else: ${stray}`;
  return stream?.isBlank === true ? 'and without any event' : undefined;
}
