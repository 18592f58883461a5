/** What a plugin starts with. */
export interface PluginInput {
  /**
   * Whether its code runs in this process. Elsewhere, the call that asks its server for its configuration has the start
   * time-out, and can say what the connection is at.
   */
  readonly runsHere: boolean;
  /** Milliseconds it may take to start. */
  readonly startTimeoutMs: number;
  /** Milliseconds it may take to shut down, and before that the calls in flight to end. */
  readonly shutdownTimeoutMs: number;
  /** Milliseconds after which it is tried again when an error disabled it; undefined: never. Asked for each time. */
  readonly retryAfterMs: () => number | undefined;
  /** Milliseconds on the injected clock. */
  readonly now: () => number;
}

/** What a plugin remembers. */
export interface PluginContext extends PluginInput {
  /** Why it failed to start, or is disabled; undefined where somebody asked for the latter. */
  readonly error: Error | undefined;
  /** Milliseconds on the clock at which the running timer is due; undefined where the state has none. */
  readonly dueAt: number | undefined;
}

/** What can happen to a plugin. */
export type PluginEvent =
  | { type: 'plugin.loaded' }
  /** Its server says that it does not run; nothing is left open. */
  | { type: 'plugin.disabled' }
  | { type: 'plugin.failed'; error: Error }
  /** It failed in a chain, and its errors disable it; or it failed on trial. */
  | { type: 'call.failed'; error: Error }
  /** An invocation takes it along on trial; it answered; it did not come to that. */
  | { type: 'trial.began' }
  | { type: 'trial.passed' }
  | { type: 'trial.unused' }
  | { type: 'enable' }
  | { type: 'disable' }
  /** No chain has it any more. */
  | { type: 'retire' }
  | { type: 'close' };

export type PluginTimer = 'startTimeout' | 'shutdownTimeout' | 'retryDelay';

/** Milliseconds a timer runs. */
export function pluginTimerMs(context: PluginContext, timer: PluginTimer): number {
  switch (timer) {
    case 'startTimeout':
      return context.startTimeoutMs;
    case 'shutdownTimeout':
      return context.shutdownTimeoutMs;
    case 'retryDelay':
      return context.retryAfterMs() ?? Number.POSITIVE_INFINITY;
  }
}
