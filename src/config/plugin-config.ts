/** The validated configuration, in TypeScript's names. `load-config.ts` makes it from YAML or a plain object. */

/** The modes of both generations of the framework. */
export const pluginModeNames = [
  'enforce',
  'enforce_ignore_error',
  'permissive',
  'disabled',
  'sequential',
  'transform',
  'audit',
  'concurrent',
  'fire_and_forget',
] as const;

/** What a plugin may do to the chain; the table of modes is in the guide on writing plugins. */
export type PluginModeName = (typeof pluginModeNames)[number];

/** All fields that are given must match; an absent or empty field constrains nothing. */
export interface Condition {
  readonly serverIds?: readonly string[];
  readonly tenantIds?: readonly string[];
  readonly tools?: readonly string[];
  readonly prompts?: readonly string[];
  readonly resources?: readonly string[];
  readonly agents?: readonly string[];
  /** Case-sensitive substrings, one of which the user must contain. */
  readonly userPatterns?: readonly string[];
  readonly contentTypes?: readonly string[];
}

/** How a call that was cut off in flight is treated: sent once more on the next link, or reported as unknown. */
export type ReplayPolicy = 'once' | 'never';

/** The `tls` section of a connection to a server. */
export interface ClientTlsConfig {
  readonly certfile?: string;
  readonly keyfile?: string;
  readonly caBundle?: string;
  readonly keyfilePassword?: string;
  /** Verify the server's certificate. Default true. */
  readonly verify: boolean;
  /** Check that the certificate is for the host that was asked for. Default true. */
  readonly checkHostname: boolean;
}

/** How an external plugin is reached over MCP: the `mcp` section. */
export interface McpClientConfig {
  readonly proto: 'STDIO' | 'STREAMABLEHTTP' | 'SSE';
  readonly url?: string;
  readonly script?: string;
  readonly cmd?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly uds?: string;
  readonly tls?: ClientTlsConfig;
  /** Attempts in a row before the connection counts as failed. */
  readonly reconnectAttempts: number;
  /** Milliseconds; attempt n waits n times this. */
  readonly reconnectDelayMs: number;
  /** Milliseconds in which attempts go on when a server is lost, also when they are used up. */
  readonly reconnectWindowMs?: number;
  readonly replay: ReplayPolicy;
}

/** The `grpc` section. */
export interface GrpcClientConfig {
  readonly target?: string;
  readonly uds?: string;
  readonly tls?: ClientTlsConfig;
  readonly reconnectWindowMs?: number;
  readonly replay: ReplayPolicy;
  /** The package to ask first; a server that does not know it is asked under the other one. */
  readonly packageName: 'mcpgateway.plugins' | 'cpex';
}

/** The `unix_socket` section. */
export interface UnixSocketClientConfig {
  readonly path: string;
  /** Connections that may be open, each of which answers in order; more than one only while answers are slow. */
  readonly connections: number;
  readonly reconnectAttempts: number;
  readonly reconnectDelayMs: number;
  readonly reconnectWindowMs?: number;
  readonly timeoutMs: number;
  readonly replay: ReplayPolicy;
}

/** One plugin of a configuration. */
export interface PluginConfig {
  readonly name: string;
  /** `external`, a registered name, or a module specifier with export: `./plugins/deny.js#DenyList`. */
  readonly kind: string;
  readonly description?: string;
  readonly author?: string;
  readonly namespace?: string;
  readonly version?: string;
  readonly hooks: readonly string[];
  readonly tags: readonly string[];
  readonly mode: PluginModeName;
  /** Lower runs first. */
  readonly priority: number;
  readonly conditions: readonly Condition[];
  readonly appliedTo?: Readonly<Record<string, unknown>>;
  /** What the plugin's own schema validates. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly mcp?: McpClientConfig;
  readonly grpc?: GrpcClientConfig;
  readonly unixSocket?: UnixSocketClientConfig;
  /**
   * The entry as it was written (snake_case, defaults not filled in): what is merged with remote configurations and
   * served to hosts.
   */
  readonly written: Readonly<Record<string, unknown>>;
}

/** The `plugin_settings` section. */
export interface ManagerSettings {
  /** Milliseconds one plugin may take for one hook. */
  readonly pluginTimeoutMs: number;
  /** Raise plugin errors in every mode. */
  readonly failOnPluginError: boolean;
  /** Skip plugins that cannot be loaded instead of failing the start. Default false (fail closed). */
  readonly skipUnloadablePlugins: boolean;
  /** What would only be warned of fails the load or the start: plugins that never run, variables that are not set. */
  readonly strict?: boolean;
  /** Characters and bytes a payload may have, all of it counted; see `docs/reference/configuration.md`. */
  readonly maxPayloadSize: number;
}

/** The `tls` section of `server_settings`. */
export interface ServerTlsConfig {
  readonly certfile: string;
  readonly keyfile: string;
  readonly caBundle?: string;
  readonly keyfilePassword?: string;
  /** 0 asks for no client certificate, 1 accepts none or a valid one, 2 requires one. */
  readonly certReqs: 0 | 1 | 2;
}

/** How many calls `gatechart plugin-server` runs at once. */
export interface ServerLimits {
  /** Of all clients. */
  readonly maxCalls?: number;
  /** Of one session or connection. */
  readonly maxSessionCalls?: number;
}

/** Where a server listens over HTTP or gRPC. */
export interface ListenConfig {
  readonly host: string;
  readonly port: number;
  readonly uds?: string;
  readonly tls?: ServerTlsConfig;
  /** Names that requests may call the server by, in `Host` and `Origin`; without ports. For HTTP. */
  readonly allowedHosts?: readonly string[];
  readonly limits?: ServerLimits;
}

/** A whole configuration, validated. */
export interface Config {
  readonly plugins: readonly PluginConfig[];
  /** Absolute; where relative module specifiers are looked up after the configuration's own folder. */
  readonly pluginDirs: readonly string[];
  readonly settings: ManagerSettings;
  readonly server?: ListenConfig;
  /** `certReqs` is `client_auth`: 0 none, 1 optional, 2 require. */
  readonly grpcServer?: ListenConfig;
  /** Absolute. */
  readonly unixSocketServerPath?: string;
  readonly unixSocketServerLimits?: ServerLimits;
  /** Absolute folder of the configuration file, or the working directory for a plain object. */
  readonly baseDir: string;
  /** The file, for messages; absent for a plain object. */
  readonly file?: string;
}

/** Limits of the pool under HTTP transports (environment `PLUGINS_HTTPX_*`); milliseconds and counts. */
export interface HttpClientSettings {
  readonly connectTimeoutMs: number;
  readonly readTimeoutMs: number;
  readonly writeTimeoutMs: number;
  readonly poolTimeoutMs: number;
  readonly maxConnections: number;
  readonly maxKeepaliveConnections: number;
  readonly keepaliveExpiryMs: number;
  /** `PLUGINS_SKIP_SSL_VERIFY`: do not verify servers for which no TLS section is given. */
  readonly skipTlsVerify: boolean;
  /** `PLUGINS_SSRF_PROTECTION_ENABLED`: refuse private and link-local addresses. Default true. */
  readonly ssrfProtection: boolean;
  /** `PLUGINS_CLIENT_MTLS_*`: used where a plugin gives no `tls` section of its own. */
  readonly clientTls?: ClientTlsConfig;
}

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
