import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { Logger } from '../observability/logger.js';
import type { StdioStreams } from '../serving/stdio/stdio-session.js';
import type { Clock } from '../time/clock.js';
import type { Gateway } from './gateway.js';
import type { GatewayHttpOptions } from './http/http-options.js';

/** How agents reach a gateway. */
export type GatewayTransport =
  | ({ readonly kind: 'stdio' } & StdioStreams)
  | ({ readonly kind: 'http' } & GatewayHttpOptions)
  /** One client in this process, over a transport of the SDK. */
  | { readonly kind: 'transport'; readonly transport: Transport };

/** How a gateway is served. */
export interface ServeGatewayOptions {
  readonly transport: GatewayTransport;
  readonly logger: Logger;
  /** Milliseconds that running calls get to finish when the gateway ends. Default 10,000. */
  readonly drainMs?: number;
  readonly clock?: Clock;
}

/** A gateway that agents can reach. */
export interface GatewayServer {
  /** `stdio`, or `http://127.0.0.1:8000/mcp`. */
  readonly address: string;
  /** Settles when it is gone, whoever ended it. Over stdio that is when the client closes our input. */
  readonly closed: Promise<void>;
  /** Takes no more calls, lets running ones finish, then ends connections, servers and plugins. May be called more than once. */
  close(): Promise<void>;
}

/**
 * Lets agents reach a gateway, which is closed with the server, also when that cannot start.
 *
 * @throws GatechartError CONFIG_INVALID, SERVER_START_FAILED, TLS_INVALID
 */
export async function serveGateway(gateway: Gateway, options: ServeGatewayOptions): Promise<GatewayServer> {
  // Programs that serve nothing need not load a server.
  const { startGatewayServer } = await import('./gateway-server.js');
  return startGatewayServer(gateway, options);
}
