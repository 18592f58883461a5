/** How a connection behaves. */
export interface ConnectionSettings {
  /** Milliseconds one attempt to open may take. */
  readonly connectTimeoutMs: number;
  /** Attempts in a row before the connection counts as failed; the first is always made. */
  readonly reconnectAttempts: number;
  /**
   * Milliseconds in which attempts to reach a server that was there before go on, also when they are used up; absent: 0.
   * It does not hold where `reconnectAttempts` is 0 or 1: that asks for no more than one.
   */
  readonly reconnectWindowMs?: number;
  /** Milliseconds; after attempt n the next one waits n times this. */
  readonly reconnectDelayMs: number;
  /** Share of a backoff that chance may add or take away, from 0 to 1. */
  readonly jitter: number;
  /** Milliseconds a link must hold before the attempts are forgotten. */
  readonly stablePeriodMs: number;
  /** Milliseconds a failed connection rests before a call may try it again; twice as long after each trial that fails. */
  readonly cooldownMs: number;
  /** Milliseconds it rests at most; absent, or less than `cooldownMs`: always `cooldownMs`. */
  readonly maxCooldownMs?: number;
  /**
   * Calls in a row that time out, with nothing else heard of the server, before it is asked whether it is there. 0 or
   * absent: it never is.
   */
  readonly suspectAfter?: number;
  /** Milliseconds it has to say so. Default 5,000. */
  readonly pingTimeoutMs?: number;
  /** Milliseconds without traffic before the link is given up; undefined keeps it for ever. */
  readonly idleTimeoutMs: number | undefined;
  /** Calls that may wait for a link at one time. */
  readonly maxWaiting: number;
}

/** What a connection starts with. */
export interface ConnectionInput {
  readonly settings: ConnectionSettings;
  /** Each link has a server of its own, started with it: what was wrong with the last one says nothing of the next. */
  readonly startsServer: boolean;
  /** Only so many of its kind may be opening at a time: it waits for its turn first. */
  readonly takesTurns: boolean;
  /** Somebody may log in where the server asks for it; absent: nobody can, so that it is a failure like others. */
  readonly hasLogin?: boolean;
  /** Milliseconds on the injected clock. */
  readonly now: () => number;
  /** The injected randomness, in [0, 1). */
  readonly random: () => number;
}

/** What a connection remembers. */
export interface ConnectionContext extends ConnectionInput {
  /** Attempts to open since the link was last stable. */
  readonly attempt: number;
  /** When the last link was opened; undefined while none ever was. */
  readonly openedAt: number | undefined;
  /** When a link was lost or could not be opened first since one was stable. */
  readonly troubleAt: number | undefined;
  /** Rests since the link was last stable. */
  readonly rests: number;
  /** The last link ended because nothing came from the server: the next one has to show that something does. */
  readonly distrusted: boolean;
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
  | { type: 'call.unanswered' }
  | { type: 'link.closed'; error: Error }
  | { type: 'link.retiring' }
  /** Somebody does not want to wait for the next attempt. */
  | { type: 'retry' }
  | { type: 'close' };

/** Why a connection refuses a call. */
export type RefusalReason = 'full' | 'failed' | 'closed';

export type TimerName = 'connectTimeout' | 'stablePeriod' | 'idleTimeout' | 'pingTimeout' | 'backoff' | 'cooldown';

/** Milliseconds a link has to hold for its graceful end to be none of a server that ends whatever is opened. */
export const briefLifeMs = 250;

/** Milliseconds by which the attempts beyond the configured ones are spaced further each time. */
const extraAttemptDelayMs = 100;

/** Milliseconds a server has to answer a ping. */
const defaultPingTimeoutMs = 5_000;

/** Milliseconds a timer runs that is armed now. */
export function timerDelay(context: ConnectionContext, timer: TimerName): number {
  const { settings } = context;
  switch (timer) {
    case 'connectTimeout':
      return context.distrusted ? distrustedTimeout(context) : settings.connectTimeoutMs;
    case 'stablePeriod':
      return settings.stablePeriodMs;
    case 'idleTimeout':
      return settings.idleTimeoutMs ?? Number.POSITIVE_INFINITY;
    case 'pingTimeout':
      return pingTimeout(context);
    case 'cooldown':
      return jittered(context, restMs({ ...context, rests: context.rests - 1 }));
    case 'backoff':
      return jittered(context, backoff(context));
  }
}

function pingTimeout({ settings }: ConnectionContext): number {
  return settings.pingTimeoutMs ?? defaultPingTimeoutMs;
}

/**
 * A server that stands still accepts connections, so each attempt takes all the time there is, and calls wait meanwhile. It
 * gets more the longer it is away: one that was started again may be slow.
 */
function distrustedTimeout(context: ConnectionContext): number {
  const { settings, rests } = context;
  return Math.min(settings.connectTimeoutMs, pingTimeout(context) * (1 + Math.floor(rests / 3)));
}

function backoff({ settings, attempt }: ConnectionContext): number {
  const linear = settings.reconnectDelayMs * attempt;
  const extra = attempt - settings.reconnectAttempts + 1;
  // A small delay must not make thousands of attempts of a window of seconds.
  return extra > 0 ? Math.max(linear, extraAttemptDelayMs * extra) : linear;
}

/** Milliseconds that a connection rests next, give or take the jitter. */
export function restMs({ settings, rests }: Pick<ConnectionContext, 'settings' | 'rests'>): number {
  const { cooldownMs, maxCooldownMs = cooldownMs } = settings;
  return Math.min(cooldownMs * 2 ** rests, Math.max(maxCooldownMs, cooldownMs));
}

function jittered({ settings, random }: ConnectionContext, ms: number): number {
  return ms * (1 + settings.jitter * (2 * random() - 1));
}
