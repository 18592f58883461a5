/** How a connection behaves. */
export interface ConnectionSettings {
  /** Milliseconds one attempt to open may take. */
  readonly connectTimeoutMs: number;
  /** Attempts in a row before the connection counts as failed; the first is always made. */
  readonly reconnectAttempts: number;
  /** Milliseconds; after attempt n the next one waits n times this. */
  readonly reconnectDelayMs: number;
  /** Share of a backoff that chance may add or take away, from 0 to 1. */
  readonly jitter: number;
  /** Milliseconds a link must hold before the attempts are forgotten. */
  readonly stablePeriodMs: number;
  /** Milliseconds a failed connection rests before a call may try it again. */
  readonly cooldownMs: number;
  /** Milliseconds without traffic before the link is given up; undefined keeps it for ever. */
  readonly idleTimeoutMs: number | undefined;
  /** Calls that may wait for a link at one time. */
  readonly maxWaiting: number;
}

/** What a connection starts with. */
export interface ConnectionInput {
  readonly settings: ConnectionSettings;
  /** Milliseconds on the injected clock. */
  readonly now: () => number;
  /** The injected randomness, in [0, 1). */
  readonly random: () => number;
}

/** What a connection remembers. */
export interface ConnectionContext extends ConnectionInput {
  /** Attempts to open since the link was last stable. */
  readonly attempt: number;
  readonly lastError: Error | undefined;
  /** Milliseconds the running timer was armed for, and when it is due; undefined where the state has none. */
  readonly delayMs: number;
  readonly dueAt: number | undefined;
  /** Ids of the calls that wait for a link, oldest first. */
  readonly waiting: readonly string[];
}

/** What can happen to a connection. */
export type ConnectionEvent =
  | { type: 'call.arrived'; call: string }
  | { type: 'call.left'; call: string }
  | { type: 'link.closed'; error: Error }
  | { type: 'close' };

/** Why a connection refuses a call. */
export type RefusalReason = 'full' | 'failed' | 'closed';

export type TimerName = 'connectTimeout' | 'stablePeriod' | 'idleTimeout' | 'backoff' | 'cooldown';

/** Milliseconds a timer runs that is armed now. */
export function timerDelay({ settings, attempt, random }: ConnectionContext, timer: TimerName): number {
  switch (timer) {
    case 'connectTimeout':
      return settings.connectTimeoutMs;
    case 'stablePeriod':
      return settings.stablePeriodMs;
    case 'idleTimeout':
      return settings.idleTimeoutMs ?? Number.POSITIVE_INFINITY;
    case 'cooldown':
      return settings.cooldownMs;
    case 'backoff':
      return settings.reconnectDelayMs * attempt * (1 + settings.jitter * (2 * random() - 1));
  }
}
