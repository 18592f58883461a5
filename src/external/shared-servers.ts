import type { ShareConnection } from '../connection/connection-set.js';
import type { ConnectionSystem } from '../connection/connection-system.js';
import { SharedConnections } from '../connection/shared-connections.js';
import type { Logger } from '../observability/logger.js';
import type { McpRequest, McpResponse } from '../transports/mcp/mcp-messages.js';
import type { PluginAnswer, PluginCall } from '../wire/protobuf/plugin-messages.js';

/** The connections to plugin servers that several managers have in common. */
export class SharedServers {
  /** The actor system they live in; who made it stops it. */
  readonly system: ConnectionSystem;
  /** Takes what is said of them: they belong to no single manager. */
  readonly logger: Logger;
  readonly #mcp = new SharedConnections<McpRequest, McpResponse>();
  readonly #protobuf = new SharedConnections<PluginCall, PluginAnswer>();

  constructor(system: ConnectionSystem, logger: Logger) {
    this.system = system;
    this.logger = logger;
  }

  /** @param reachedBy all that decides where a connection leads and how it behaves, as plain data */
  mcp(reachedBy: unknown): ShareConnection<McpRequest, McpResponse> {
    return (open) => this.#mcp.obtain(reachedBy, open);
  }

  /** The same for servers behind gRPC and Unix sockets. */
  protobuf(reachedBy: unknown): ShareConnection<PluginCall, PluginAnswer> {
    return (open) => this.#protobuf.obtain(reachedBy, open);
  }
}
