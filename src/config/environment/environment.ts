import { EnvironmentReader } from './environment-reader.js';
import { clientAuths } from '../sections/transport-schemas.js';
import type { ClientTlsConfig, EnvironmentSettings, ListenConfig, ServerTlsConfig } from '../plugin-config.js';

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

/** A process has no more ports than that to connect from. */
const mostConnections = 65_535;

/**
 * Reads what a host takes from its environment, except for what a configuration file may set too: `loadConfig` reads
 * that, because the file comes first.
 *
 * @param defaultLogLevel pino's name of the level that holds where `PLUGINS_LOG_LEVEL` is not set
 * @throws ConfigError CONFIG_INVALID naming every wrong variable
 */
export function readEnvironment(env: NodeJS.ProcessEnv, defaultLogLevel = 'info'): EnvironmentSettings {
  const reader = new EnvironmentReader(env);
  const clientTls = readClientTls(reader, 'CLIENT_MTLS');
  const grpcClientTls = readClientTls(reader, 'GRPC_CLIENT_MTLS');
  const settings: EnvironmentSettings = {
    enabled: reader.flag('ENABLED') ?? true,
    configFile: reader.text('CONFIG_FILE') ?? 'plugins/config.yaml',
    defaultHookPolicy: reader.word('DEFAULT_HOOK_POLICY', 'allow', 'deny') ?? 'allow',
    logLevel: readLogLevel(reader) ?? defaultLogLevel,
    http: {
      connectTimeoutMs: reader.milliseconds('HTTPX_CONNECT_TIMEOUT', 'positive') ?? 5_000,
      readTimeoutMs: reader.milliseconds('HTTPX_READ_TIMEOUT', 'positive') ?? 120_000,
      writeTimeoutMs: reader.milliseconds('HTTPX_WRITE_TIMEOUT', 'positive') ?? 30_000,
      poolTimeoutMs: reader.milliseconds('HTTPX_POOL_TIMEOUT', 'positive') ?? 10_000,
      maxConnections: reader.count('HTTPX_MAX_CONNECTIONS', 1, mostConnections) ?? 200,
      maxKeepaliveConnections: reader.count('HTTPX_MAX_KEEPALIVE_CONNECTIONS', 0, mostConnections) ?? 100,
      keepaliveExpiryMs: reader.milliseconds('HTTPX_KEEPALIVE_EXPIRY') ?? 30_000,
      skipTlsVerify: reader.flag('SKIP_SSL_VERIFY') ?? false,
      ssrfProtection: reader.flag('SSRF_PROTECTION_ENABLED') ?? true,
      ...(clientTls === undefined ? {} : { clientTls }),
    },
    ...(grpcClientTls === undefined ? {} : { grpcClientTls }),
  };
  reader.finish();
  return settings;
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

function readLogLevel(reader: EnvironmentReader): string | undefined {
  const level = reader.word('LOG_LEVEL', 'trace', 'debug', 'info', 'warn', 'warning', 'error', 'critical', 'fatal');
  return level && logLevels[level];
}

const clientTlsNames = ['CERTFILE', 'KEYFILE', 'CA_BUNDLE', 'KEYFILE_PASSWORD', 'VERIFY', 'CHECK_HOSTNAME'];

function readClientTls(reader: EnvironmentReader, prefix: string): ClientTlsConfig | undefined {
  const name = (suffix: string): string => `${prefix}_${suffix}`;
  if (clientTlsNames.every((suffix) => reader.text(name(suffix)) === undefined)) return undefined;
  const certfile = reader.file(name('CERTFILE'));
  const keyfile = reader.file(name('KEYFILE'));
  const caBundle = reader.file(name('CA_BUNDLE'));
  const keyfilePassword = reader.text(name('KEYFILE_PASSWORD'));
  if (keyfile !== undefined && certfile === undefined) {
    reader.refuse(name('KEYFILE'), `needs PLUGINS_${name('CERTFILE')}, which is not set`);
  }
  return {
    ...(certfile === undefined ? {} : { certfile }),
    ...(keyfile === undefined ? {} : { keyfile }),
    ...(caBundle === undefined ? {} : { caBundle }),
    ...(keyfilePassword === undefined ? {} : { keyfilePassword }),
    verify: reader.flag(name('VERIFY')) ?? true,
    checkHostname: reader.flag(name('CHECK_HOSTNAME')) ?? true,
  };
}

/**
 * Reads what a plugin server takes from its environment.
 *
 * @throws ConfigError CONFIG_INVALID naming every wrong variable
 */
export function readServerEnvironment(env: NodeJS.ProcessEnv): ServerEnvironmentSettings {
  const reader = new EnvironmentReader(env);
  const named = reader.word('TRANSPORT', 'stdio', 'http', 'streamablehttp', 'grpc', 'unix');
  const clientAuth = reader.word('GRPC_SERVER_SSL_CLIENT_AUTH', ...clientAuths);
  const transport = named === 'streamablehttp' ? 'http' : named;
  const settings: ServerEnvironmentSettings = {
    configPath: reader.text('CONFIG_PATH') ?? './resources/plugins/config.yaml',
    ...(transport === undefined ? {} : { transport }),
    server: readServer(reader, 'SERVER', 8000, reader.integer('SERVER_SSL_CERT_REQS', 0, 2)),
    grpcServer: readServer(reader, 'GRPC_SERVER', 50_051, clientAuth && clientAuths.indexOf(clientAuth)),
    unixSocketPath: reader.text('UNIX_SOCKET_PATH') ?? (env['UNIX_SOCKET_PATH'] || '/tmp/mcpgateway-plugins.sock'),
  };
  reader.finish();
  return settings;
}

function readServer(
  reader: EnvironmentReader,
  prefix: string,
  port: number,
  certReqs: number | undefined,
): ListenConfig {
  const uds = reader.text(`${prefix}_UDS`);
  const tls = readServerTls(reader, prefix, certReqs);
  const allowedHosts = prefix === 'SERVER' ? reader.list(`${prefix}_ALLOWED_HOSTS`) : undefined;
  const maxCalls = reader.integer(`${prefix}_MAX_CALLS`, 1);
  const maxSessionCalls = reader.integer(`${prefix}_MAX_SESSION_CALLS`, 1);
  if (uds !== undefined && !uds.startsWith('/')) {
    reader.refuse(`${prefix}_UDS`, (found) => `expected an absolute path, found ${found}`);
  }
  if (uds !== undefined && tls !== undefined) {
    reader.refuse(`${prefix}_SSL_ENABLED`, `a Unix socket takes no TLS; unset this or PLUGINS_${prefix}_UDS`);
  }
  return {
    host: reader.text(`${prefix}_HOST`) ?? '127.0.0.1',
    port: reader.integer(`${prefix}_PORT`, 0, 65_535) ?? port,
    ...(uds === undefined ? {} : { uds }),
    ...(tls === undefined ? {} : { tls }),
    ...(allowedHosts === undefined ? {} : { allowedHosts }),
    ...(maxCalls === undefined && maxSessionCalls === undefined
      ? {}
      : { limits: { ...(maxCalls && { maxCalls }), ...(maxSessionCalls && { maxSessionCalls }) } }),
  };
}

function readServerTls(
  reader: EnvironmentReader,
  prefix: string,
  certReqs: number | undefined,
): ServerTlsConfig | undefined {
  if (reader.flag(`${prefix}_SSL_ENABLED`) !== true) return undefined;
  const certfile = reader.file(`${prefix}_SSL_CERTFILE`);
  const keyfile = reader.file(`${prefix}_SSL_KEYFILE`);
  const caBundle = reader.file(`${prefix}_SSL_CA_CERTS`);
  const keyfilePassword = reader.text(`${prefix}_SSL_KEYFILE_PASSWORD`);
  if (certfile === undefined || keyfile === undefined) {
    const missing = certfile === undefined ? `${prefix}_SSL_CERTFILE` : `${prefix}_SSL_KEYFILE`;
    reader.refuse(missing, `is missing; PLUGINS_${prefix}_SSL_ENABLED needs a certificate and a key`);
    return undefined;
  }
  return {
    certfile,
    keyfile,
    ...(caBundle === undefined ? {} : { caBundle }),
    ...(keyfilePassword === undefined ? {} : { keyfilePassword }),
    certReqs: certReqs === 0 || certReqs === 1 ? certReqs : 2,
  };
}
