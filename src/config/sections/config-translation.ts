import { resolve } from 'node:path';
import type { WrittenCondition, WrittenConfig, WrittenPlugin } from './config-schema.js';
import { expandHome, type PathBase, resolveExisting } from '../source/path-base.js';
import type {
  ClientTlsConfig,
  Condition,
  GrpcClientConfig,
  ListenConfig,
  McpClientConfig,
  PluginConfig,
  ServerLimits,
  UnixSocketClientConfig,
} from '../plugin-config.js';
import type { Written } from '../written.js';
import { clientAuths } from './transport-schemas.js';
import { milliseconds } from '../../time/duration.js';

/** Without the keys that are null, undefined or an empty string: an unset variable leaves an empty string. */
type Present<T> = { [K in keyof T as undefined extends T[K] ? never : null extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : null extends T[K] ? K : never]?: NonNullable<T[K]>;
};

function present<T extends object>(value: T): Present<T> {
  const given = Object.entries(value).filter(([, item]) => item !== undefined && item !== null && item !== '');
  // The type says exactly what the filter does, which the compiler cannot follow through entries.
  return Object.fromEntries(given) as Present<T>;
}

type WrittenMcp = NonNullable<WrittenPlugin['mcp']>;
type WrittenTls = NonNullable<WrittenMcp['tls']>;
type WrittenGrpc = NonNullable<WrittenPlugin['grpc']>;
type WrittenUnixSocket = NonNullable<WrittenPlugin['unix_socket']>;
type WrittenLimits = Pick<WrittenServer, 'max_calls'> & Partial<Pick<WrittenServer, 'max_session_calls'>>;
type WrittenServer = NonNullable<WrittenConfig['server_settings']>;
type WrittenGrpcServer = NonNullable<WrittenConfig['grpc_server_settings']>;

export function toPluginConfig(plugin: WrittenPlugin, written: Written, base: PathBase): PluginConfig {
  const { mcp, grpc, unix_socket: unixSocket } = plugin;
  return {
    ...present({
      description: plugin.description,
      author: plugin.author,
      namespace: plugin.namespace,
      version: plugin.version,
      appliedTo: plugin.applied_to,
      config: plugin.config,
      mcp: mcp && toMcp(mcp, base),
      grpc: grpc && toGrpc(grpc, base),
      unixSocket: unixSocket && toUnixSocket(unixSocket),
    }),
    name: plugin.name,
    kind: plugin.kind,
    hooks: plugin.hooks ?? [],
    tags: plugin.tags ?? [],
    mode: plugin.mode,
    priority: plugin.priority,
    conditions: (plugin.conditions ?? []).map(toCondition),
    written,
  };
}

export function toCondition(condition: WrittenCondition): Condition {
  return present({
    serverIds: condition.server_ids,
    tenantIds: condition.tenant_ids,
    tools: condition.tools,
    prompts: condition.prompts,
    resources: condition.resources,
    agents: condition.agents,
    userPatterns: condition.user_patterns,
    contentTypes: condition.content_types?.map((type) => (type.split(';')[0] ?? '').trim().toLowerCase()),
  });
}

function toMcp(mcp: WrittenMcp, base: PathBase): McpClientConfig {
  return {
    ...present({
      url: mcp.url,
      script: mcp.script && expandHome(mcp.script),
      cmd: mcp.cmd,
      env: mcp.env,
      cwd: mcp.cwd && resolveExisting(mcp.cwd, base),
      uds: mcp.uds && resolve(expandHome(mcp.uds)),
      tls: mcp.tls && toClientTls(mcp.tls, base),
    }),
    ...reconnectWindow(mcp.reconnect_window),
    proto: mcp.proto,
    reconnectAttempts: mcp.reconnect_attempts,
    reconnectDelayMs: milliseconds(mcp.reconnect_delay),
    replay: mcp.replay,
  };
}

function reconnectWindow(written: number | undefined): { reconnectWindowMs?: number } {
  return written === undefined ? {} : { reconnectWindowMs: milliseconds(written) };
}

function toClientTls(tls: WrittenTls, base: PathBase): ClientTlsConfig {
  return { ...tlsFiles(tls, base), verify: tls.verify, checkHostname: tls.check_hostname };
}

type WrittenTlsFiles = Pick<WrittenTls, 'certfile' | 'keyfile' | 'ca_bundle' | 'keyfile_password'>;

function tlsFiles(tls: WrittenTlsFiles, base: PathBase) {
  return present({
    certfile: tls.certfile && resolveExisting(tls.certfile, base),
    keyfile: tls.keyfile && resolveExisting(tls.keyfile, base),
    caBundle: tls.ca_bundle && resolveExisting(tls.ca_bundle, base),
    keyfilePassword: tls.keyfile_password,
  });
}

function toGrpc(grpc: WrittenGrpc, base: PathBase): GrpcClientConfig {
  return {
    ...present({
      target: grpc.target,
      uds: grpc.uds && resolve(expandHome(grpc.uds)),
      tls: grpc.tls && toClientTls(grpc.tls, base),
    }),
    ...reconnectWindow(grpc.reconnect_window),
    replay: grpc.replay,
    packageName: grpc.package,
  };
}

function toUnixSocket(unixSocket: WrittenUnixSocket): UnixSocketClientConfig {
  return {
    ...reconnectWindow(unixSocket.reconnect_window),
    path: unixSocket.path,
    connections: unixSocket.connections,
    reconnectAttempts: unixSocket.reconnect_attempts,
    reconnectDelayMs: milliseconds(unixSocket.reconnect_delay),
    timeoutMs: milliseconds(unixSocket.timeout),
    replay: unixSocket.replay,
  };
}

export function toHttpServer(server: WrittenServer, base: PathBase): ListenConfig {
  const { tls } = server;
  const { certfile, keyfile, ...more } = tls ? tlsFiles(tls, base) : {};
  return {
    ...present({ uds: server.uds && resolve(expandHome(server.uds)) }),
    ...present({ allowedHosts: server.allowed_hosts, limits: toServerLimits(server) }),
    host: server.host,
    port: server.port,
    ...(tls && certfile !== undefined && keyfile !== undefined
      ? { tls: { certfile, keyfile, ...more, certReqs: certReqsOf(tls.ssl_cert_reqs) } }
      : {}),
  };
}

/** Undefined if nothing is set, so that the defaults hold. */
export function toServerLimits(written: WrittenLimits): ServerLimits | undefined {
  const limits = present({ maxCalls: written.max_calls, maxSessionCalls: written.max_session_calls });
  return Object.keys(limits).length === 0 ? undefined : limits;
}

export function toGrpcServer({ tls, ...server }: WrittenGrpcServer, base: PathBase): ListenConfig {
  if (!tls) return toHttpServer({ ...server, allowed_hosts: undefined, tls: undefined }, base);
  const { client_auth: clientAuth, ...files } = tls;
  return toHttpServer(
    { ...server, allowed_hosts: undefined, tls: { ...files, ssl_cert_reqs: clientAuths.indexOf(clientAuth) } },
    base,
  );
}

/** The schema lets through 0, 1 and 2. */
function certReqsOf(value: number): 0 | 1 | 2 {
  return value === 0 || value === 1 ? value : 2;
}
