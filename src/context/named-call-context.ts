import type { GlobalContext } from './global-context.js';

/** The context of a plugin that is called by name. The caller owns it; the plugin's changes are written into it. */
export interface NamedCallContext {
  readonly globalContext: GlobalContext;
  /** What this plugin keeps for itself, and what it notes on its answers. */
  state?: Record<string, unknown>;
  metadata?: Record<string, unknown>;
}
