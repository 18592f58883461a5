import type { ActorObserver } from '../actors/actor-observer.js';
import type { Watching } from '../actors/watchable.js';
import type { PluginConfig } from '../config/sections/plugin-entry.js';
import type { HookDefinition } from '../hooks/hook.js';
import type { Logger } from '../observability/logger.js';
import type { GrpcServerOptions } from '../serving/grpc/grpc-server.js';
import type { HttpServerOptions } from '../serving/http/http-server.js';
import type { StdioStreams } from '../serving/stdio/stdio-session.js';
import type { UnixServerOptions } from '../serving/unix/unix-server.js';
import type { Clock } from '../time/clock.js';
import type { PluginHost } from './plugin-host.js';

/** How clients reach a plugin server. */
export type PluginServerTransport =
  | ({ readonly kind: 'stdio' } & StdioStreams)
  | ({ readonly kind: 'http' } & HttpServerOptions)
  | ({ readonly kind: 'unix' } & UnixServerOptions)
  | ({ readonly kind: 'grpc' } & GrpcServerOptions);

/** What a plugin server puts up with. */
export interface PluginServerLimits {
  /** HTTP sessions open at once. Default 1,024. */
  readonly maxSessions: number;
  /** Milliseconds after which an HTTP session that nobody waits on is ended. Default 30 minutes. */
  readonly sessionIdleMs: number;
  /** Milliseconds between comments that keep quiet HTTP streams open. Default 15 s. */
  readonly keepAliveMs: number;
  /** Bytes a client's message may have. Default 16 MiB, which is also the most that a Unix socket carries. */
  readonly maxMessageBytes: number;
  /** Milliseconds that running calls get to finish on close. Default 10 s. */
  readonly shutdownGraceMs: number;
  /** Milliseconds in which a request has to come whole over HTTP, from its first byte to its last. Default 60 s. */
  readonly requestTimeoutMs: number;
  /**
   * Calls of all clients that run at once; further ones are told that the server is busy. When there are so many, clients
   * with fewer than an equal part still get some. Default 4,096.
   */
  readonly maxCalls: number;
  /** Calls of one client that run at once: of an HTTP session, or of a gRPC connection. Default 1,024. */
  readonly maxSessionCalls: number;
  /** Bytes of requests that run or arrive, and of unread answers, that are held at once, shared likewise. Default 256 MiB. */
  readonly maxHeldBytes: number;
}

/** What a plugin server is made of. */
export interface PluginServerOptions {
  /** The plugins: a manager, or a host of one's own. Closed with the server. */
  readonly host: PluginHost;
  readonly transport: PluginServerTransport;
  readonly logger: Logger;
  /** Hooks beside the built-in ones, made with `defineHook`. */
  readonly hooks?: readonly HookDefinition[];
  /**
   * A configuration as clients are told it. Default: snake_case with every field written out; key passwords and the
   * environment of child processes are null, but a plugin's own `config` is told as it is, secrets included.
   */
  readonly describeConfig?: (config: PluginConfig) => Record<string, unknown>;
  /** Whether clients are told a plugin's own `config`; false tells null in its place. Default true. */
  readonly exposeConfig?: boolean;
  readonly limits?: Partial<PluginServerLimits>;
  readonly clock?: Clock;
}

/** Plugins that are being served. */
export interface PluginServer {
  /** `stdio`, `http://127.0.0.1:8000/mcp`, or `unix:/path`. */
  readonly address: string;
  /** Settles when the server is gone, whoever ended it. Over stdio that is when the client closes our input. */
  readonly closed: Promise<void>;
  /** Takes no more calls, lets running ones finish, then ends connections and plugins. May be called more than once. */
  close(): Promise<void>;
  /** @internal */
  readonly host?: PluginHost;
  /** @internal Of the server alone; the host has its own. */
  observe?(observer: ActorObserver): Watching;
}

/**
 * Serves plugins to programs that run hooks: over MCP with the three tools of the plugin framework, or with its messages in
 * protobuf.
 *
 * @throws GatechartError CONFIG_INVALID, SERVER_START_FAILED, TLS_INVALID, HOOK_DUPLICATE; the host is closed when the server cannot start
 */
export async function createPluginServer(options: PluginServerOptions): Promise<PluginServer> {
  // Programs that serve nothing need not load a server.
  const { openPluginServer } = await import('./open-plugin-server.js');
  return openPluginServer(options);
}
