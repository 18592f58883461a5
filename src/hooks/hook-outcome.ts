import type { PluginContexts } from '../context/plugin-contexts.js';
import type { GatechartError } from '../errors.js';
import type { ExecutionReport } from './denial-outcome.js';
import type { Extensions } from '../extensions/extensions.js';
import type { DenialMetadata, Violation } from './hook-result.js';

/** What became of one plugin that ran after the answer. */
export interface BackgroundReport {
  readonly plugin: string;
  /** `aborted`: the manager closed before it had ended, or had started. */
  readonly status: 'completed' | 'failed' | 'timed_out' | 'aborted';
  /** Where it failed or missed its deadline: a PluginError. */
  readonly error?: GatechartError;
  /** Milliseconds it ran. */
  readonly durationMs: number;
}

/** What every outcome of a hook has. */
export interface OutcomeFields<Result = unknown> extends ExecutionReport {
  /** What the plugins made of the payload, deeply frozen; undefined if they left it as it was. */
  readonly modifiedPayload: Result | undefined;
  /**
   * What the plugins made of the extensions, those of a block included; undefined if they left them as they were. For the
   * next hook of the same request.
   */
  readonly modifiedExtensions: Extensions | undefined;
  readonly metadata: Record<string, unknown>;
  /** What the plugin that blocked, or the one that was called by name, told about a denial in numbers; as it gave it. */
  readonly denialMetadata: DenialMetadata | undefined;
  /** Headers the plugins want on the answer, later plugins winning. */
  readonly httpHeaders: Record<string, string> | undefined;
  /** Milliseconds the caller should wait before it tries again: the longest any plugin asked for. */
  readonly retryDelayMs: number;
  /** To be passed to the next hook of the same request; undefined if no plugin is on the hook. */
  readonly contexts: PluginContexts | undefined;
  /**
   * What became of the plugins that run after the answer, in the order of the chain; never rejects. Nobody has to wait for it.
   */
  readonly background: Promise<readonly BackgroundReport[]>;
}

/** The request may go on. */
export interface PassedOutcome<Result = unknown> extends OutcomeFields<Result> {
  readonly continueProcessing: true;
  /** The same as a word. */
  readonly decision: 'allow';
  /** Of a plugin that was called by name, what it told without blocking; else undefined. */
  readonly violation: Violation | undefined;
}

/** A plugin blocked the request. */
export interface BlockedOutcome<Result = unknown> extends OutcomeFields<Result> {
  readonly continueProcessing: false;
  /** The same as a word, with room for a third answer: no plugin says `pending` yet. */
  readonly decision: 'deny' | 'pending';
  /** Why. Where the plugin does not say, one with the code `NO_REASON_GIVEN`. */
  readonly violation: Violation;
}

/**
 * What has come of a hook, all its plugins together: `continueProcessing` and `decision` tell both kinds apart. What few
 * ask for (`executions`, `passedOver`, `denialOutcome`, `background`) is put together when somebody does, and no part of a
 * copy (`{ ...outcome }`) or of JSON.
 */
export type HookOutcome<Result = unknown> = PassedOutcome<Result> | BlockedOutcome<Result>;
