import type { PluginConfig } from '../config/sections/plugin-entry.js';
import type { NamedCallContext } from '../context/named-call-context.js';
import type { PluginResult } from '../hooks/hook-result.js';
import type { TraceParent } from '../observability/spans.js';
import type { CancelSignal } from '../time/cancellation.js';

/** Where a plugin server's plugins come from. A `PluginManager` is one. */
export interface PluginHost {
  /** All configured plugins, disabled ones included. */
  readonly configs: readonly PluginConfig[];
  /**
   * Runs one hook of one plugin, outside conditions and chain. What the plugin writes to its state and metadata and to
   * the global state is found in `context` afterwards.
   *
   * @param options.signal aborts when nobody waits any more
   * @param options.raiseErrors true: errors are thrown, whatever the plugin's mode and `on_error` say of a chain
   * @param options.traceParent the span of the host that the call is made in, where it names one
   * @throws GatechartError PLUGIN_NOT_FOUND, HOOK_UNKNOWN, PLUGIN_FAILED and others, which become error answers
   */
  invokeHookForPlugin(
    plugin: string,
    hook: string,
    payload: unknown,
    context: Required<NamedCallContext>,
    options: { readonly signal: CancelSignal; readonly raiseErrors: boolean; readonly traceParent?: TraceParent },
  ): Promise<PluginResult>;
  /** Shuts the plugins down. */
  close(): Promise<void>;
}

/** The configuration of a plugin, whatever the case of the name it is asked for by. */
export function configNamed(host: PluginHost, name: string): PluginConfig | undefined {
  const wanted = name.toLowerCase();
  return host.configs.find((config) => config.name.toLowerCase() === wanted);
}
