import type { Extensions } from '../extensions/extensions.js';
import type { GlobalContext } from '../context/global-context.js';

/** What a plugin is given beside the payload. It is valid until the plugin has answered or missed its deadline. */
export interface PluginContext {
  /**
   * The request. Writing to its `state` and `metadata` touches a copy; whether others see it depends on the plugin's
   * mode. Everything else is read-only.
   */
  readonly globalContext: GlobalContext;
  /**
   * What the host tells of the request beside the payload, as the plugins before have left it and as far as this plugin's
   * capabilities let it see; deeply frozen. Undefined if nobody told anything. To change it, answer `modifiedExtensions`.
   */
  readonly extensions: Extensions | undefined;
  /** This plugin's own notes, kept across the hooks of one request. */
  state: Record<string, unknown>;
  /** This plugin's own notes on its answers, kept like `state`. */
  metadata: Record<string, unknown>;
  /** Aborts when the deadline passes or the caller cancels. */
  readonly signal: AbortSignal;
  /** Milliseconds the plugin may take for this hook. */
  readonly deadlineMs: number;
}
