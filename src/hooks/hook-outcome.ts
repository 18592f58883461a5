import type { PluginContexts } from '../context/plugin-contexts.js';
import type { Extensions } from '../extensions/extensions.js';
import type { Violation } from './hook-result.js';

/** What has come of a hook, all its plugins together. */
export interface HookOutcome<Result = unknown> {
  /** False if a plugin blocked the request. */
  readonly continueProcessing: boolean;
  /** What the plugins made of the payload, deeply frozen; undefined if they left it as it was. */
  readonly modifiedPayload: Result | undefined;
  /**
   * What the plugins made of the extensions, those of a block included; undefined if they left them as they were. For the
   * next hook of the same request.
   */
  readonly modifiedExtensions: Extensions | undefined;
  readonly violation: Violation | undefined;
  readonly metadata: Record<string, unknown>;
  /** Headers the plugins want on the answer, later plugins winning. */
  readonly httpHeaders: Record<string, string> | undefined;
  /** Milliseconds the caller should wait before it tries again: the longest any plugin asked for. */
  readonly retryDelayMs: number;
  /** To be passed to the next hook of the same request; undefined if no plugin is on the hook. */
  readonly contexts: PluginContexts | undefined;
}
