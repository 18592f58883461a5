import { type ClientTlsConfig, clientTlsVariables, readClientTls } from '../sections/client-tls.js';
import { grpcServer } from '../sections/grpc-server.js';
import { type HttpClientSettings, httpTlsVariables, readHttpClient } from '../sections/http-client.js';
import { mcpServer } from '../sections/mcp-server.js';
import type { ListenConfig } from '../sections/network-server.js';
import { unixSocketServer } from '../sections/unix-socket-server.js';
import { EnvironmentReader } from './environment-reader.js';
import { variable } from './variable.js';

/** What the host's environment sets (prefix `PLUGINS_`). */
export interface EnvironmentSettings {
  readonly enabled: boolean;
  readonly configFile: string;
  readonly defaultHookPolicy: 'allow' | 'deny';
  readonly logLevel: string;
  readonly http: HttpClientSettings;
  /** `PLUGINS_GRPC_CLIENT_MTLS_*`: used where a plugin's `grpc` section gives no `tls` of its own. */
  readonly grpcClientTls?: ClientTlsConfig;
}

/** What the environment of a plugin server sets (prefix `PLUGINS_`). */
export interface ServerEnvironmentSettings {
  /** Path of the configuration file. */
  readonly configPath: string;
  /** How to serve; absent when the environment does not say. */
  readonly transport?: 'stdio' | 'http' | 'grpc' | 'unix';
  /** Where to listen when the configuration file has no `server_settings`. */
  readonly server: ListenConfig;
  /** The same for `grpc_server_settings`. */
  readonly grpcServer: ListenConfig;
  readonly unixSocketPath: string;
}

/** The names of Python's logging and of pino, as pino's. */
const logLevels = {
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  critical: 'fatal',
  fatal: 'fatal',
} as const;

function pinoLevel(named: keyof typeof logLevels | undefined): string | undefined {
  return named && logLevels[named];
}

export const managerVariables = {
  enabled: variable.flag('ENABLED'),
  configFile: variable.text('CONFIG_FILE'),
  defaultHookPolicy: variable.word('DEFAULT_HOOK_POLICY', ['allow', 'deny']),
  logLevel: variable.word('LOG_LEVEL', ['trace', 'debug', 'info', 'warn', 'warning', 'error', 'critical', 'fatal']),
};

export const grpcTlsVariables = clientTlsVariables('GRPC_CLIENT_MTLS');

/**
 * Reads what a host takes from its environment, except for what a configuration file may set too: `loadConfig` reads
 * that, because the file comes first.
 *
 * @param defaultLogLevel pino's name of the level that holds where `PLUGINS_LOG_LEVEL` is not set
 * @throws ConfigError CONFIG_INVALID naming every wrong variable
 */
export function readEnvironment(env: NodeJS.ProcessEnv, defaultLogLevel = 'info'): EnvironmentSettings {
  const reader = new EnvironmentReader(env);
  const { enabled, configFile, defaultHookPolicy, logLevel } = managerVariables;
  const clientTls = readClientTls(httpTlsVariables, reader);
  const grpcClientTls = readClientTls(grpcTlsVariables, reader);
  const settings: EnvironmentSettings = {
    enabled: enabled.read(reader) ?? true,
    configFile: configFile.read(reader) ?? 'plugins/config.yaml',
    defaultHookPolicy: defaultHookPolicy.read(reader) ?? 'allow',
    logLevel: pinoLevel(logLevel.read(reader)) ?? defaultLogLevel,
    http: readHttpClient(reader, clientTls),
    ...(grpcClientTls === undefined ? {} : { grpcClientTls }),
  };
  reader.finish();
  return settings;
}

export const pluginServerVariables = {
  configPath: variable.text('CONFIG_PATH'),
  transport: variable.word('TRANSPORT', ['stdio', 'http', 'streamablehttp', 'grpc', 'unix']),
};

/**
 * Reads what a plugin server takes from its environment.
 *
 * @throws ConfigError CONFIG_INVALID naming every wrong variable
 */
export function readServerEnvironment(env: NodeJS.ProcessEnv): ServerEnvironmentSettings {
  const reader = new EnvironmentReader(env);
  const named = pluginServerVariables.transport.read(reader);
  const transport = named === 'streamablehttp' ? 'http' : named;
  const settings: ServerEnvironmentSettings = {
    configPath: pluginServerVariables.configPath.read(reader) ?? './resources/plugins/config.yaml',
    ...(transport === undefined ? {} : { transport }),
    server: mcpServer.readVariables(reader),
    grpcServer: grpcServer.readVariables(reader),
    unixSocketPath: unixSocketServer.readVariables(reader, env),
  };
  reader.finish();
  return settings;
}
