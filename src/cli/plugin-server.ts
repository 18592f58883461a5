import { resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { readEnvironment, readServerEnvironment } from '../config/environment/environment.js';
import { loadConfig } from '../config/load-config.js';
import type { Config } from '../config/sections/configuration.js';
import type { ListenConfig, ServerLimits } from '../config/sections/network-server.js';
import { GatechartError, isGatechartError } from '../errors.js';
import { createPluginServer, type PluginServer, type PluginServerTransport } from '../hosting/plugin-server.js';
import { startManager } from '../manager/create-manager.js';
import type { PluginManager } from '../manager/plugin-manager.js';
import { createLogger, type Logger } from '../observability/logger.js';
import { deferred } from '../time/deferred.js';
import type { CommandIo } from './command-io.js';
import { type InspectFlags, readInspectFlags, startInspector } from './inspect-flags.js';
import { type RecordCommand, recorderOf } from './record-options.js';

/** What the command line says; where it says nothing, the file, the environment and the defaults decide, in this order. */
export interface PluginServerCommand extends InspectFlags, RecordCommand {
  /** Path of the configuration file. */
  readonly config?: string | undefined;
  /** `stdio`, `http`, `grpc` or `unix`. Default: stdio, unless standard input is a terminal. */
  readonly transport?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: string | undefined;
  /** Path of a Unix socket to listen on instead of host and port, for `http` and `grpc`. */
  readonly uds?: string | undefined;
  /** Path of the socket for `unix`. */
  readonly path?: string | undefined;
}

/** The process around the command. */
export interface PluginServerIo extends CommandIo {
  readonly stdin: Readable & { readonly isTTY?: boolean | undefined };
  readonly stdout: Writable;
  /**
   * Tells of SIGTERM and SIGINT, which end the server, and of SIGHUP, which lets it read its configuration again; in a
   * terminal, it ends the server too.
   */
  readonly signals: Pick<NodeJS.EventEmitter, 'on' | 'off'>;
}

/** ContextForge's plugin server answers health checks, where it uses TLS, this many ports further without it. */
const healthPortOffset = 1000;

/**
 * `gatechart plugin-server`: serves the plugins of a configuration until it is told to stop.
 *
 * @returns the exit code: 0 stopped as asked, 1 could not start, 2 wrong settings or configuration
 */
export async function runPluginServer(command: PluginServerCommand, io: PluginServerIo): Promise<number> {
  try {
    await serve(command, io);
    return 0;
  } catch (error) {
    if (!isGatechartError(error)) throw error;
    io.stderr.write(`gatechart plugin-server: ${error.message}\n`);
    return error.code.startsWith('CONFIG_') ? 2 : 1;
  }
}

async function serve(command: PluginServerCommand, io: PluginServerIo): Promise<void> {
  const { env, signals, stdin } = io;
  const settings = readServerEnvironment(env);
  // Once: a file may change, and a pipe can be read only once.
  const loaded = loadConfig(command.config ?? settings.configPath, { env });
  const { config } = loaded;
  const transport = transportOf(
    command,
    {
      transport: settings.transport,
      http: config.server ?? settings.server,
      grpc: config.grpcServer ?? settings.grpcServer,
      socketPath: config.unixSocketServerPath ?? settings.unixSocketPath,
    },
    io,
  );
  const inspected = readInspectFlags(command);
  const logger = createLogger(readEnvironment(env).logLevel);
  const started = deferred<PluginManager>();
  // Heard from the beginning: who asks while plugins start is not to end us. Where there is a terminal, it is gone then.
  const reload = (): void => void started.promise.then((manager) => reloadPlugins(manager, logger));
  if (stdin.isTTY !== true) signals.on('SIGHUP', reload);
  let stopInspector = (): Promise<void> => Promise.resolve();
  try {
    await using recorder = recorderOf(command, logger);
    const manager = await startManager(loaded, { env, logger, ...(recorder !== undefined && { recorder }) });
    const server = await createPluginServer({
      host: manager,
      transport,
      logger,
      limits: limitsOf(transport, config, config.server ?? settings.server),
      exposeConfig: exposesConfig(transport, config, config.server ?? settings.server),
    });
    if (recorder !== undefined) server.observe?.(recorder.observer);
    stopInspector = await startInspector(server, inspected, { stderr: io.stderr, signals, logger });
    // Whoever started us waits for this line; over stdio standard output belongs to the protocol.
    if (transport.kind === 'unix') io.stdout.write('READY\n');
    started.resolve(manager);
    await untilStopped(server, io);
  } finally {
    await stopInspector();
    signals.off('SIGHUP', reload);
  }
}

/** Serves until the server ends, or a signal ends it. */
async function untilStopped(server: PluginServer, { signals, stdin }: PluginServerIo): Promise<void> {
  const stop = (): void => void server.close();
  // Not `once`: whoever else listens would take itself for the only one, and end the process at once.
  signals.on('SIGTERM', stop).on('SIGINT', stop);
  if (stdin.isTTY === true) signals.on('SIGHUP', stop);
  await server.closed;
  signals.off('SIGTERM', stop).off('SIGINT', stop).off('SIGHUP', stop);
}

/** Clients stay connected, and are told the new configurations when they ask. Never rejects. */
async function reloadPlugins(manager: PluginManager, logger: Logger): Promise<void> {
  try {
    const { restartNeeded } = await manager.reload();
    if (restartNeeded.length === 0) return;
    const message = `what changed in ${restartNeeded.join(', ')} has no effect until the server is started again`;
    logger.warn({ sections: restartNeeded }, message);
  } catch {
    // The manager has logged why, and goes on with what it has.
  }
}

/** What the file and the environment say. */
interface ConfiguredServer {
  readonly transport: 'stdio' | 'http' | 'grpc' | 'unix' | undefined;
  readonly http: ListenConfig;
  readonly grpc: ListenConfig;
  readonly socketPath: string;
}

function transportOf(
  command: PluginServerCommand,
  configured: ConfiguredServer,
  { stdin, stdout }: PluginServerIo,
): PluginServerTransport {
  switch (command.transport ?? configured.transport ?? (stdin.isTTY === true ? 'http' : 'stdio')) {
    case 'stdio':
      refuseFlags(command, ['host', 'port', 'uds'], 'http or grpc, and this is stdio');
      refuseFlags(command, ['path'], 'unix, and this is stdio');
      return { kind: 'stdio', stdin, stdout };
    case 'http':
    case 'streamablehttp': {
      refuseFlags(command, ['path'], 'unix; with http it is --uds');
      const server = serverOf(command, configured.http);
      const healthPort = server.tls === undefined || server.port === 0 ? undefined : server.port + healthPortOffset;
      return { kind: 'http', server, ...(healthPort !== undefined && healthPort <= 65_535 && { healthPort }) };
    }
    case 'grpc':
      refuseFlags(command, ['path'], 'unix; with grpc it is --uds');
      return { kind: 'grpc', server: serverOf(command, configured.grpc) };
    case 'unix':
      return { kind: 'unix', path: socketPathOf(command, configured.socketPath) };
    default:
      throw new GatechartError(
        'CONFIG_INVALID',
        `--transport ${command.transport}: there is no such transport; use stdio, http, grpc or unix`,
      );
  }
}

/** What would be said to nobody: who gives a port expects that something listens there. */
function refuseFlags(
  command: PluginServerCommand,
  flags: readonly ('host' | 'port' | 'uds' | 'path')[],
  transports: string,
): void {
  const given = flags.find((flag) => command[flag] !== undefined);
  if (given !== undefined) throw new GatechartError('CONFIG_INVALID', `--${given} is for --transport ${transports}`);
}

function serverOf(command: PluginServerCommand, base: ListenConfig): ListenConfig {
  const { tls, uds: baseUds, host: baseHost, port: basePort, ...others } = base;
  if (command.uds !== undefined) {
    if (command.host !== undefined || command.port !== undefined) {
      throw new GatechartError(
        'CONFIG_INVALID',
        `--uds ${command.uds}: a Unix socket has no host and no port; leave --host and --port out`,
      );
    }
    if (tls !== undefined) {
      throw new GatechartError(
        'CONFIG_INVALID',
        `--uds ${command.uds}: a Unix socket takes no TLS; remove the tls settings or --uds`,
      );
    }
    return { host: baseHost, port: basePort, ...others, uds: command.uds };
  }
  const host = command.host ?? baseHost;
  const port = command.port === undefined ? basePort : portOf(command.port);
  const named = command.host !== undefined || command.port !== undefined;
  return { ...others, host, port, ...(tls && { tls }), ...(baseUds !== undefined && !named && { uds: baseUds }) };
}

/** Over stdio `server_settings` says it: there is no section of its own. */
function limitsOf(transport: PluginServerTransport, config: Config, http: ListenConfig): ServerLimits {
  switch (transport.kind) {
    case 'http':
    case 'grpc':
      return transport.server.limits ?? {};
    case 'unix':
      return config.unixSocketServerLimits ?? {};
    case 'stdio':
      return http.limits ?? {};
  }
}

/** Over stdio `server_settings` says this as well. */
function exposesConfig(transport: PluginServerTransport, config: Config, http: ListenConfig): boolean {
  switch (transport.kind) {
    case 'http':
    case 'grpc':
      return transport.server.exposeConfig ?? true;
    case 'unix':
      return config.unixSocketServerExposeConfig ?? true;
    case 'stdio':
      return http.exposeConfig ?? true;
  }
}

function socketPathOf(command: PluginServerCommand, configured: string): string {
  if (command.host !== undefined || command.port !== undefined || command.uds !== undefined) {
    throw new GatechartError(
      'CONFIG_INVALID',
      '--transport unix listens on --path; leave --host, --port and --uds out, or use --transport http or grpc',
    );
  }
  return resolve(command.path ?? configured);
}

function portOf(written: string): number {
  const port = /^\d{1,5}$/.test(written) ? Number(written) : Number.NaN;
  if (port <= 65_535) return port;
  throw new GatechartError('CONFIG_INVALID', `--port ${written}: expected a number from 0 to 65535`);
}
