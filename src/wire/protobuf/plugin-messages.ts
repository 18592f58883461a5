import type { TraceParent } from '../../observability/spans.js';

/** The methods of the plugin service. Over a Unix socket their names are not sent; a server tells requests by trial. */
export const pluginMethods = ['GetPluginConfig', 'GetPluginConfigs', 'InvokeHook'] as const;

export type PluginMethod = (typeof pluginMethods)[number];

/** One request to a plugin server in protobuf, and the way to read its answer. */
export interface PluginCall {
  readonly method: PluginMethod;
  /** The request, encoded. It must not change until the call has settled. */
  readonly bytes: Uint8Array;
  /** Milliseconds that the caller will wait at most; told to servers that take deadlines. */
  readonly timeoutMs: number;
  /** The span that the call is made in, for transports that can carry it beside the message. */
  readonly traceParent?: TraceParent;
  /**
   * Reads the answer. The bytes are only valid while it runs.
   *
   * @throws if the bytes are no such answer
   */
  readonly read: (bytes: Uint8Array) => PluginAnswer;
}

/** What a plugin server said, in the names of the JSON wire. */
export type PluginAnswer =
  | { readonly kind: 'config'; readonly config: Readonly<Record<string, unknown>> | undefined }
  | { readonly kind: 'hook'; readonly document: Readonly<Record<string, unknown>> }
  /** The plugin has no objection, and the answer says nothing else. */
  | { readonly kind: 'noOp' }
  /** The answer has more bytes than the plugin's may have, and was not read. */
  | { readonly kind: 'tooLarge'; readonly bytes: number };
