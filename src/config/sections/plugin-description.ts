import type {
  ClientTlsConfig,
  Condition,
  GrpcClientConfig,
  McpClientConfig,
  PluginConfig,
  UnixSocketClientConfig,
} from '../plugin-config.js';

const foreignKeys = ['on_error', 'capabilities', 'max_content_size'];

/**
 * A plugin's configuration as hosts ask for it: snake_case, with every key and its default, null where there is none.
 * The mode is the one that was written, since a host refuses a mode of another generation. Secrets (key passwords, the
 * environment of child processes) are served as null, but what a plugin's own `config` holds is served as it is: nobody
 * but the plugin knows what in it is secret.
 */
export function describePluginConfig(config: PluginConfig): Record<string, unknown> {
  return {
    name: config.name,
    description: config.description ?? null,
    author: config.author ?? null,
    kind: config.kind,
    namespace: config.namespace ?? null,
    version: config.version ?? null,
    hooks: [...config.hooks],
    tags: [...config.tags],
    mode: config.mode,
    priority: config.priority,
    conditions: config.conditions.map(describeCondition),
    applied_to: config.appliedTo ?? null,
    config: config.config ?? null,
    mcp: config.mcp ? describeMcp(config.mcp) : null,
    grpc: config.grpc ? describeGrpc(config.grpc) : null,
    unix_socket: config.unixSocket ? describeUnixSocket(config.unixSocket) : null,
    // Their defaults are not ours to state: a host derives `on_error` from the mode where it is not given.
    ...Object.fromEntries(foreignKeys.filter((key) => key in config.written).map((key) => [key, config.written[key]])),
  };
}

/** An empty set constrains nothing and is served as null, as the reference does. */
function describeCondition(condition: Condition): Record<string, unknown> {
  const set = (values: readonly string[] | undefined): string[] | null => (values?.length ? [...values] : null);
  return {
    server_ids: set(condition.serverIds),
    tenant_ids: set(condition.tenantIds),
    tools: set(condition.tools),
    prompts: set(condition.prompts),
    resources: set(condition.resources),
    agents: set(condition.agents),
    user_patterns: condition.userPatterns ?? null,
    content_types: condition.contentTypes ?? null,
  };
}

function describeMcp(mcp: McpClientConfig): Record<string, unknown> {
  return {
    proto: mcp.proto,
    url: mcp.url ?? null,
    script: mcp.script ?? null,
    cmd: mcp.cmd ?? null,
    env: null,
    cwd: mcp.cwd ?? null,
    uds: mcp.uds ?? null,
    tls: mcp.tls ? { ...describeTls(mcp.tls), check_hostname: mcp.tls.checkHostname } : null,
    reconnect_attempts: mcp.reconnectAttempts,
    reconnect_delay: mcp.reconnectDelayMs / 1000,
  };
}

function describeTls(tls: ClientTlsConfig): Record<string, unknown> {
  return {
    certfile: tls.certfile ?? null,
    keyfile: tls.keyfile ?? null,
    ca_bundle: tls.caBundle ?? null,
    keyfile_password: null,
    verify: tls.verify,
  };
}

function describeGrpc(grpc: GrpcClientConfig): Record<string, unknown> {
  return { target: grpc.target ?? null, uds: grpc.uds ?? null, tls: grpc.tls ? describeTls(grpc.tls) : null };
}

function describeUnixSocket(unixSocket: UnixSocketClientConfig): Record<string, unknown> {
  return {
    path: unixSocket.path,
    reconnect_attempts: unixSocket.reconnectAttempts,
    reconnect_delay: unixSocket.reconnectDelayMs / 1000,
    timeout: unixSocket.timeoutMs / 1000,
  };
}
