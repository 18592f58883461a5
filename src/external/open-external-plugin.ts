import type { EnvironmentSettings } from '../config/environment/environment.js';
import type { McpClientConfig } from '../config/sections/mcp-client.js';
import type { PluginConfig } from '../config/sections/plugin-entry.js';
import { mergePluginConfig } from '../config/remote-plugin-config.js';
import { transportChoice, transportOf } from '../config/sections/transports.js';
import type { ConnectionSet } from '../connection/connection-set.js';
import { GatechartError, messageOf } from '../errors.js';
import type { HookDefinition } from '../hooks/hook.js';
import type { McpTransport } from '../transports/mcp/mcp-messages.js';
import type { Pace } from '../time/pace.js';
import type { TransportDependencies } from '../transports/mcp/open-transport.js';
import { IgnoredFields } from '../wire/ignored-fields.js';
import { credentialRefusal } from './credential-hooks.js';
import { createMcpPlugin, type McpPlugin } from './mcp-plugin.js';
import type { SharedServers } from './shared-servers.js';
import type { ProtobufPlugin } from './unix-plugin.js';

/** What external plugins have in common, wherever they live. */
export interface ExternalPluginsDependencies extends Omit<TransportDependencies, 'http'> {
  readonly connections: Pick<ConnectionSet, 'open'>;
  /** Of connections that begin to open; what a transport needs may have been loaded for many of them at a time. */
  readonly pace: Pick<Pace, 'next'>;
  /** Where other managers are to have the same connections; undefined for a manager with connections of its own. */
  readonly shared?: SharedServers | undefined;
  readonly environment: Pick<EnvironmentSettings, 'http' | 'grpcClientTls'>;
  /** A hook by name, undefined if nobody registered it. */
  readonly hookOf: (name: string) => HookDefinition | undefined;
}

/** A plugin that lives elsewhere, whatever is spoken with it. */
export type OpenedPlugin = McpPlugin | ProtobufPlugin;

/**
 * The external plugin of an entry, on a connection that has the plugin's name. Loads what its transport needs, and no other.
 *
 * @throws GatechartError PLUGIN_LOAD_FAILED
 */
export async function openExternalPlugin(
  config: PluginConfig,
  dependencies: ExternalPluginsDependencies,
): Promise<OpenedPlugin> {
  const { baseDir, clock, connections, environment, hookOf, logger, pace, shared } = dependencies;
  const { name } = config;
  const ignored = new IgnoredFields(logger, `the server of plugin ${name}`, { plugin: name });
  requirePrivate(config, config.hooks, dependencies);
  const mergeConfig = (local: PluginConfig, remote: object): PluginConfig => {
    const merged = mergePluginConfig(local, remote);
    if (merged.mode !== 'disabled') requirePrivate(config, merged.hooks, dependencies);
    return merged;
  };
  const entry = { config, hookOf, mergeConfig, ignored };
  const transport = transportOf(config);
  switch (transport?.kind) {
    case 'unixSocket': {
      const { openUnixPlugin } = await import('./unix-plugin.js');
      await pace.next();
      return openUnixPlugin({
        ...entry,
        server: transport.server,
        connections,
        share: shared?.protobuf({ name, transport }),
        clock,
      });
    }
    case 'grpc': {
      const { openGrpcPlugin } = await import('./grpc-plugin.js');
      await pace.next();
      const tls = transport.server.tls ?? environment.grpcClientTls;
      const server = { ...transport.server, ...(tls && { tls }) };
      const share = shared?.protobuf({ name, kind: transport.kind, server });
      return openGrpcPlugin({ ...entry, server, connections, share, logger });
    }
    case 'mcp': {
      const { server } = transport;
      const share = shared?.mcp({ name, server, baseDir, http: environment.http });
      const opened = await mcpTransport(name, server, dependencies);
      await pace.next();
      const connection = connections.open(name, opened, server, share);
      return createMcpPlugin({ ...entry, connection, replay: server.replay });
    }
    case undefined:
      throw new GatechartError(
        'PLUGIN_LOAD_FAILED',
        `Plugin ${name} is external but has no ${transportChoice} section; give one.`,
      );
  }
}

function requirePrivate(
  config: PluginConfig,
  hooks: readonly string[],
  { hookOf, environment }: ExternalPluginsDependencies,
): void {
  const refusal = credentialRefusal(config, hooks, hookOf, environment);
  if (refusal === undefined) return;
  const details = { plugin: config.name };
  throw new GatechartError('PLUGIN_LOAD_FAILED', `Plugin ${config.name} must not start: ${refusal}`, { details });
}

async function mcpTransport(
  name: string,
  server: McpClientConfig,
  { environment, ...dependencies }: ExternalPluginsDependencies,
): Promise<McpTransport> {
  const { openTransport } = await import('../transports/mcp/open-transport.js');
  try {
    return await openTransport(name, server, { ...dependencies, http: environment.http });
  } catch (error) {
    throw new GatechartError('PLUGIN_LOAD_FAILED', `Plugin ${name} cannot be reached: ${messageOf(error)}`, {
      cause: error,
      details: { plugin: name },
    });
  }
}
