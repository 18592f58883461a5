import type { PluginConfig } from '../plugin-config.js';

/** How external plugins are reached: the sections of an entry that are for that. */
type TransportSettings = Required<Pick<PluginConfig, 'mcp' | 'grpc' | 'unixSocket'>>;

/** How one plugin is reached, by the name of its section: a `switch` over `kind` that forgets one does not compile. */
export type ExternalTransport = {
  readonly [Kind in keyof TransportSettings]: { readonly kind: Kind; readonly server: TransportSettings[Kind] };
}[keyof TransportSettings];

/** How a plugin is reached; undefined for an entry that does not say. The rules let through one of them at most. */
export function transportOf({ mcp, grpc, unixSocket }: PluginConfig): ExternalTransport | undefined {
  if (unixSocket !== undefined) return { kind: 'unixSocket', server: unixSocket };
  if (grpc !== undefined) return { kind: 'grpc', server: grpc };
  return mcp && { kind: 'mcp', server: mcp };
}
