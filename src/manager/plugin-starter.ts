import type { ConnectionSettings } from '../../machines/index.js';
import type { EnvironmentSettings, McpClientConfig, PluginConfig } from '../config/plugin-config.js';
import { mergePluginConfig } from '../config/remote-plugin-config.js';
import type { Connection } from '../connection/connection-api.js';
import type { ConnectionSystem } from '../connection/connection-system.js';
import { ManagedConnection } from '../connection/managed-connection.js';
import { GatechartError, messageOf } from '../errors.js';
import { openGrpcPlugin } from '../external/grpc-plugin.js';
import { ExternalPlugin } from '../external/mcp-plugin.js';
import type { ProtobufPlugin } from '../external/protobuf-plugin.js';
import { type Connect, openUnixPlugin } from '../external/unix-plugin.js';
import type { HookRegistry } from '../hooks/hook-registry.js';
import type { Logger } from '../observability/logger.js';
import type { LoadedPlugin } from '../plugins/plugin.js';
import { loadedPlugin, type PluginLoader } from '../plugins/plugin-loader.js';
import type { Clock, Random } from '../time/clock.js';
import { createHttpTransport } from '../transports/http-transport.js';
import type { McpTransport } from '../transports/mcp-messages.js';
import { createStdioTransport } from '../transports/stdio-transport.js';
import type { Transport } from '../transports/transport.js';

/** What starting plugins needs. */
export interface PluginStarterParts {
  readonly loader: PluginLoader;
  readonly hooks: HookRegistry;
  readonly system: ConnectionSystem;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly env: NodeJS.ProcessEnv;
  readonly environment: EnvironmentSettings;
  readonly baseDir: string;
  /** Milliseconds a plugin may take to start. */
  readonly startTimeoutMs: number;
  readonly connection: Omit<ConnectionSettings, 'reconnectAttempts' | 'reconnectDelayMs'>;
}

/** Starts plugins, in this process or elsewhere, and knows the connections of those that are elsewhere. */
export class PluginStarter {
  readonly connections = new Map<string, Pick<Connection<never, unknown>, 'status'>>();
  readonly #parts: PluginStarterParts;

  constructor(parts: PluginStarterParts) {
    this.#parts = parts;
  }

  /** @throws GatechartError PLUGIN_LOAD_FAILED, HOOK_UNKNOWN, CONFIG_INVALID; nothing of the plugin is left then */
  async start(entry: PluginConfig): Promise<LoadedPlugin> {
    for (const hook of entry.hooks) this.#parts.hooks.require(hook, `Plugin ${entry.name}: `);
    return entry.kind === 'external' ? this.#startExternal(entry) : this.#startHere(entry);
  }

  async #startHere(entry: PluginConfig): Promise<LoadedPlugin> {
    const { clock, loader, logger, startTimeoutMs } = this.#parts;
    let timer: ReturnType<Clock['setTimeout']> | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      const seconds = startTimeoutMs / 1000;
      const error = new GatechartError('PLUGIN_LOAD_FAILED', `Plugin ${entry.name} did not start within ${seconds} s.`);
      timer = clock.setTimeout(() => reject(error), startTimeoutMs);
      timer.ref?.();
    });
    const loading = loader.load(entry);
    try {
      return await Promise.race([loading, late]);
    } catch (error) {
      // One that starts after all would never be shut down.
      void loading.then(
        (plugin) => shutDown([plugin], logger),
        () => undefined,
      );
      throw error;
    } finally {
      clock.clearTimeout(timer);
    }
  }

  async #startExternal(entry: PluginConfig): Promise<LoadedPlugin> {
    const { hooks, logger, startTimeoutMs } = this.#parts;
    const plugin = this.#open(entry);
    try {
      const merged = await plugin.start({ timeoutMs: startTimeoutMs });
      const unknown = merged.hooks.filter((hook) => hooks.get(hook) === undefined);
      if (unknown.length > 0) {
        logger.warn(
          { plugin: entry.name, hooks: unknown },
          `plugin ${entry.name}: its server names hooks nobody here knows`,
        );
      }
      const usable = { ...merged, hooks: merged.hooks.filter((hook) => !unknown.includes(hook)) };
      return loadedPlugin(
        { name: entry.name, config: merged.config ?? {}, entry: usable, logger },
        {
          handler: (hook) => (payload, context) => plugin.invoke(hook, payload, context),
          shutdown: () => plugin.close(),
        },
      );
    } catch (error) {
      this.connections.delete(entry.name);
      await plugin.close();
      throw error;
    }
  }

  #open(entry: PluginConfig): ExternalPlugin | ProtobufPlugin {
    const { clock, environment, hooks } = this.#parts;
    const { mcp, grpc, unixSocket } = entry;
    const shared = { config: entry, hookOf: (name: string) => hooks.get(name), mergeConfig: mergePluginConfig };
    const connect: Connect = (transport, settings) => this.#connect(entry.name, transport, settings);
    if (unixSocket !== undefined) return openUnixPlugin({ ...shared, server: unixSocket, connect });
    if (grpc !== undefined) {
      const tls = grpc.tls ?? environment.grpcClientTls;
      return openGrpcPlugin({ ...shared, server: { ...grpc, ...(tls && { tls }) }, connect, clock });
    }
    if (mcp !== undefined) {
      const connection = this.#connect(entry.name, this.#transport(entry.name, mcp), mcp);
      return new ExternalPlugin({ ...shared, connection });
    }
    throw new GatechartError(
      'PLUGIN_LOAD_FAILED',
      `Plugin ${entry.name} is external but has no mcp, grpc or unix_socket section; give one.`,
    );
  }

  #connect<Request, Response>(
    name: string,
    transport: Transport<Request, Response>,
    { reconnectAttempts, reconnectDelayMs }: Pick<ConnectionSettings, 'reconnectAttempts' | 'reconnectDelayMs'>,
  ): Connection<Request, Response> {
    const { clock, connection: settings, logger, random, system } = this.#parts;
    const connection = new ManagedConnection({
      name,
      transport,
      settings: { ...settings, reconnectAttempts, reconnectDelayMs },
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
    const { baseDir, clock, env, environment, logger } = this.#parts;
    if (mcp.proto === 'STDIO') {
      return createStdioTransport({ name, server: mcp, processEnv: env, logger, clock, baseDir });
    }
    return createHttpTransport({
      name,
      url: mcp.url ?? '',
      http: environment.http,
      logger,
      clock,
      ...(mcp.uds === undefined ? {} : { uds: mcp.uds }),
      ...(mcp.tls === undefined ? {} : { tls: mcp.tls }),
    });
  }
}

/** Shuts plugins down, all side by side; what one throws is logged. */
export async function shutDown(plugins: readonly LoadedPlugin[], logger: Logger): Promise<void> {
  await Promise.all(
    plugins.map(async ({ name, instance }) => {
      try {
        await instance.shutdown?.();
      } catch (error) {
        logger.error({ plugin: name, err: error }, `plugin ${name} did not shut down cleanly: ${messageOf(error)}`);
      }
    }),
  );
}
