import type { ConnectionSettings } from '../../machines/index.js';
import type { EnvironmentSettings, McpClientConfig, PluginConfig } from '../config/plugin-config.js';
import { mergePluginConfig } from '../config/remote-plugin-config.js';
import { transportOf } from '../config/sections/transports.js';
import type { Connection } from '../connection/connection-api.js';
import type { ConnectionSystem } from '../connection/connection-system.js';
import { ManagedConnection } from '../connection/managed-connection.js';
import { GatechartError, messageOf } from '../errors.js';
import { openGrpcPlugin } from '../external/grpc-plugin.js';
import { type McpPlugin, openMcpPlugin } from '../external/mcp-plugin.js';
import { type Connect, openUnixPlugin, type ProtobufPlugin } from '../external/unix-plugin.js';
import type { HookRegistry } from '../hooks/hook-registry.js';
import type { LoadedPlugin } from '../plugins/plugin.js';
import { loadedPlugin, type PluginLoader } from '../plugins/plugin-loader.js';
import { pluginModes } from '../plugins/plugin-mode.js';
import type { Random } from '../time/clock.js';
import { createHttpTransport } from '../transports/http/http-transport.js';
import type { McpTransport } from '../transports/mcp/mcp-messages.js';
import { createStdioTransport } from '../transports/stdio/stdio-transport.js';
import type { Transport } from '../transports/transport.js';
import { IgnoredFields } from '../wire/ignored-fields.js';
import { within } from '../time/within.js';
import { shutDown, type ShutdownParts } from './plugin-shutdown.js';

/** What starting plugins needs. */
export interface PluginStarterParts extends ShutdownParts {
  readonly loader: PluginLoader;
  readonly hooks: HookRegistry;
  readonly system: ConnectionSystem;
  readonly random: Random;
  readonly env: NodeJS.ProcessEnv;
  readonly environment: EnvironmentSettings;
  readonly baseDir: string;
  /** Whether a plugin that never runs fails the start. */
  readonly strict: boolean;
  /** Milliseconds a plugin may take to start. */
  readonly startTimeoutMs: number;
  readonly connection: Omit<ConnectionSettings, 'reconnectAttempts' | 'reconnectDelayMs'>;
}

/** What configurations say of a connection. */
type ReconnectSettings = Pick<ConnectionSettings, 'reconnectAttempts' | 'reconnectDelayMs' | 'reconnectWindowMs'>;

/** What became of an entry. */
export type StartedPlugin =
  /** It takes calls. */
  | { readonly state: 'running'; readonly plugin: LoadedPlugin }
  /** Its server says that it does not run; nothing but what the server said of it is left. */
  | { readonly state: 'disabled'; readonly config: PluginConfig };

/** Starts plugins, in this process or elsewhere, and knows the connections of those that are elsewhere. */
export class PluginStarter {
  readonly connections = new Map<string, Pick<Connection<never, unknown>, 'status'>>();
  readonly #parts: PluginStarterParts;

  constructor(parts: PluginStarterParts) {
    this.#parts = parts;
  }

  /** @throws GatechartError PLUGIN_LOAD_FAILED, HOOK_UNKNOWN, CONFIG_INVALID; nothing of the plugin is left then */
  async start(entry: PluginConfig): Promise<StartedPlugin> {
    for (const hook of entry.hooks) this.#parts.hooks.require(hook, `Plugin ${entry.name}: `);
    if (entry.kind === 'external') return this.#startExternal(entry);
    return { state: 'running', plugin: await this.#startHere(entry) };
  }

  async #startHere(entry: PluginConfig): Promise<LoadedPlugin> {
    const { clock, loader, startTimeoutMs } = this.#parts;
    const loading = loader.load(entry);
    const loaded = await within(loading, startTimeoutMs, clock);
    if (loaded !== undefined) return loaded.value;
    // One that starts after all would never be shut down.
    void loading.then(
      (plugin) => shutDown([plugin], this.#parts),
      () => undefined,
    );
    const seconds = startTimeoutMs / 1000;
    throw new GatechartError('PLUGIN_LOAD_FAILED', `Plugin ${entry.name} did not start within ${seconds} s.`);
  }

  async #startExternal(entry: PluginConfig): Promise<StartedPlugin> {
    const { logger, startTimeoutMs } = this.#parts;
    const external = this.#open(entry);
    try {
      const merged = await external.start({ timeoutMs: startTimeoutMs });
      if (pluginModes[merged.mode].schedule === 'never') {
        logger.warn(
          { plugin: entry.name },
          `plugin ${entry.name} does not run: its server says that it is disabled; a \`mode\` given here wins`,
        );
        await this.#forget(entry.name, external);
        return { state: 'disabled', config: merged };
      }
      const usable = this.#withKnownHooks(merged);
      const plugin = loadedPlugin(
        { name: entry.name, config: merged.config ?? {}, entry: usable, logger },
        {
          handler: (hook) => (payload, context) => external.invoke(hook, payload, context),
          shutdown: () => external.close(),
        },
        'strict',
      );
      return { state: 'running', plugin };
    } catch (error) {
      await this.#forget(entry.name, external);
      throw error;
    }
  }

  async #forget(name: string, external: McpPlugin | ProtobufPlugin): Promise<void> {
    this.connections.delete(name);
    await external.close();
  }

  #withKnownHooks(merged: PluginConfig): PluginConfig {
    const { hooks, logger } = this.#parts;
    const unknown = merged.hooks.filter((hook) => hooks.get(hook) === undefined);
    if (unknown.length > 0) {
      logger.warn(
        { plugin: merged.name, hooks: unknown },
        `plugin ${merged.name}: its server names hooks nobody here knows`,
      );
    }
    const known = merged.hooks.filter((hook) => !unknown.includes(hook));
    if (known.length === 0) {
      const message = `plugin ${merged.name} never runs: neither its entry nor its server names a hook that is known here; list its \`hooks\``;
      if (this.#parts.strict) throw new GatechartError('PLUGIN_LOAD_FAILED', message);
      logger.warn({ plugin: merged.name }, message);
    }
    return { ...merged, hooks: known };
  }

  #open(entry: PluginConfig): McpPlugin | ProtobufPlugin {
    const { clock, environment, hooks, logger } = this.#parts;
    const transport = transportOf(entry);
    const shared = {
      config: entry,
      hookOf: (name: string) => hooks.get(name),
      mergeConfig: mergePluginConfig,
      ignored: new IgnoredFields(logger, `the server of plugin ${entry.name}`, { plugin: entry.name }),
    };
    const connect: Connect = (transport, settings) => this.#connect(entry.name, transport, settings);
    switch (transport?.kind) {
      case 'unixSocket':
        return openUnixPlugin({ ...shared, server: transport.server, connect, clock });
      case 'grpc': {
        const tls = transport.server.tls ?? environment.grpcClientTls;
        return openGrpcPlugin({ ...shared, server: { ...transport.server, ...(tls && { tls }) }, connect, logger });
      }
      case 'mcp': {
        const { server } = transport;
        const connection = this.#connect(entry.name, this.#transport(entry.name, server), server);
        return openMcpPlugin({ ...shared, connection, replay: server.replay });
      }
      case undefined:
        throw new GatechartError(
          'PLUGIN_LOAD_FAILED',
          `Plugin ${entry.name} is external but has no mcp, grpc or unix_socket section; give one.`,
        );
    }
  }

  #connect<Request, Response>(
    name: string,
    transport: Transport<Request, Response>,
    { reconnectAttempts, reconnectDelayMs, reconnectWindowMs }: ReconnectSettings,
  ): Connection<Request, Response> {
    const { clock, connection: settings, logger, random, system } = this.#parts;
    const connection = new ManagedConnection({
      name,
      transport,
      settings: {
        ...settings,
        reconnectAttempts,
        reconnectDelayMs,
        ...(reconnectWindowMs !== undefined && { reconnectWindowMs }),
      },
      system,
      clock,
      random,
      logger,
    });
    this.connections.set(name, connection);
    return connection;
  }

  #transport(name: string, mcp: McpClientConfig): McpTransport {
    try {
      return this.#createTransport(name, mcp);
    } catch (error) {
      throw new GatechartError('PLUGIN_LOAD_FAILED', `Plugin ${name} cannot be reached: ${messageOf(error)}`, {
        cause: error,
        details: { plugin: name },
      });
    }
  }

  #createTransport(name: string, mcp: McpClientConfig): McpTransport {
    const { baseDir, clock, env, environment, logger, random } = this.#parts;
    if (mcp.proto === 'STDIO') {
      return createStdioTransport({ name, server: mcp, processEnv: env, logger, clock, baseDir });
    }
    return createHttpTransport({
      name,
      url: mcp.url ?? '',
      http: environment.http,
      logger,
      clock,
      random,
      ...(mcp.uds === undefined ? {} : { uds: mcp.uds }),
      ...(mcp.tls === undefined ? {} : { tls: mcp.tls }),
    });
  }
}
