/** How long it is until the stream is asked for again. */
export interface EventStreamSettings {
  /** Milliseconds before the second opening, where the server asks for nothing else; each next one waits twice as long. */
  readonly firstDelayMs: number;
  /** Milliseconds that no delay is longer than, what the server asks for with `retry` included. */
  readonly longestDelayMs: number;
  /** Milliseconds that a server may ask for with `Retry-After`. */
  readonly longestRetryAfterMs: number;
  /** Share of a delay that chance may add, from 0 to 1. */
  readonly jitter: number;
}

/** What an event stream starts with. */
export interface EventStreamInput {
  readonly settings: EventStreamSettings;
  /** Milliseconds on the injected clock. */
  readonly now: () => number;
  /** The injected randomness, in [0, 1). */
  readonly random: () => number;
}

/** What an event stream remembers. */
export interface EventStreamContext extends EventStreamInput {
  /** Openings since something was last heard on the stream. */
  readonly attempt: number;
  /** Whether the server has ever opened one. */
  readonly offered: boolean;
  readonly lastError: Error | undefined;
  /** The event behind which the stream is asked for; empty where there is none. */
  readonly lastEventId: string;
  /** Milliseconds that the server asks to be waited for, by the `retry` of its stream, and by the `Retry-After` of a refusal. */
  readonly retryMs: number | undefined;
  readonly retryAfterMs: number | undefined;
  /** Milliseconds the running timer was armed for, and when it is due; undefined where the state has none. */
  readonly delayMs: number;
  readonly dueAt: number | undefined;
}

/** What can happen to an event stream. */
export type EventStreamEvent =
  | { type: 'stream.opened' }
  /** A message came on it. */
  | { type: 'stream.heard' }
  | { type: 'stream.ended'; lastEventId: string | undefined; retryMs: number | undefined }
  | { type: 'stream.failed'; error: Error; lastEventId: string | undefined; retryMs: number | undefined }
  /** Answered with something that is no event stream. */
  | { type: 'stream.refused'; error: Error; status: number; retryAfterMs: number | undefined }
  /** The stream that came is one of another session. */
  | { type: 'session.lost'; error: Error }
  | { type: 'close' };

/** Milliseconds until the stream is asked for again. */
export function openingDelay({ settings, attempt, random, retryMs, retryAfterMs = 0 }: EventStreamContext): number {
  const doubled = (retryMs ?? settings.firstDelayMs) * 2 ** (Math.max(attempt, 1) - 1);
  const delayMs = Math.min(doubled, settings.longestDelayMs) * (1 + settings.jitter * random());
  return Math.max(delayMs, Math.min(retryAfterMs, settings.longestRetryAfterMs));
}
