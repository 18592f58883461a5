import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Server, Socket } from 'node:net';
import type { ListenConfig } from '../../config/sections/network-server.js';
import type { Logger } from '../../observability/logger.js';
import { closed, listenOnPort, listenOnSocket } from '../listening.js';
import { HttpResponse } from './http-response.js';
import { refuseInvalidCertificate, serverTlsOptions, type TlsNames } from '../tls-options.js';

// Longer than the 30 s our clients, and those of ContextForge, keep idle connections: a server that closes first
// loses requests that are on their way.
const keepAliveTimeout = 35_000;

/** Milliseconds between looks for requests that take too long to come. */
const longestCheckInterval = 5_000;

/** A listening HTTP server. */
export interface HttpListener {
  /** `http://127.0.0.1:8000`, or `unix:/path`. */
  readonly address: string;
  /** The port, where there is one. */
  readonly port: number | undefined;
  /** The address that the system bound, where there is one. */
  readonly boundAddress: string | undefined;
  /** Takes no more connections and ends those that carry nothing. */
  stopAccepting(): void;
  /** Ends all connections; settles when they and the listener are gone. */
  close(): Promise<void>;
}

export interface HttpListenerDependencies {
  readonly names: TlsNames;
  readonly logger: Logger;
  /** Milliseconds in which a request has to come whole. */
  readonly requestTimeoutMs: number;
  /** Milliseconds after which a connection is ended that carries nothing and takes nothing of what it is sent. */
  readonly stillMs: number;
}

/** @throws GatechartError SERVER_START_FAILED, TLS_INVALID */
export async function listen(
  config: ListenConfig,
  { names, logger, requestTimeoutMs, stillMs }: HttpListenerDependencies,
  listener: (request: IncomingMessage, response: HttpResponse) => void,
): Promise<HttpListener> {
  // Node takes whole milliseconds only.
  const requestTimeout = Math.ceil(requestTimeoutMs);
  const options = {
    ServerResponse: HttpResponse,
    requestTimeout,
    headersTimeout: requestTimeout,
    connectionsCheckingInterval: Math.min(longestCheckInterval, requestTimeout),
    keepAliveTimeout,
  };
  const server =
    config.tls === undefined
      ? createServer(options, listener)
      : createTlsServer(
          { ...(await serverTlsOptions(config.tls, names)), ...options, handshakeTimeout: requestTimeoutMs },
          listener,
        );
  server.timeout = stillMs;
  if (config.tls?.certReqs === 1) server.on('secureConnection', refuseInvalidCertificate);
  // The server's own list lacks connections that have not finished their TLS handshake.
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', (error) => logger.debug({ error: error.message }, 'an HTTP client broke off'));
    socket.once('close', () => sockets.delete(socket));
  });
  if (config.uds === undefined) await listenOnPort(server, config.host, config.port);
  else await listenOnSocket(server, config.uds);
  server.on('error', (error) => logger.error({ error: error.message }, 'a connection could not be taken'));
  const gone = closed(server);
  const stopAccepting = (): void => {
    if (server.listening) server.close();
    server.closeIdleConnections();
  };
  return {
    ...addressOf(server, config),
    stopAccepting,
    close: () => {
      stopAccepting();
      for (const socket of sockets) socket.destroy();
      return gone;
    },
  };
}

function addressOf(
  server: Server,
  { uds, host, tls }: ListenConfig,
): Pick<HttpListener, 'address' | 'port' | 'boundAddress'> {
  if (uds !== undefined) return { address: `unix:${uds}`, port: undefined, boundAddress: undefined };
  const bound = server.address();
  const { port, address: boundAddress } = typeof bound === 'object' && bound !== null ? bound : {};
  const name = host.includes(':') ? `[${host}]` : host;
  return { address: `${tls === undefined ? 'http' : 'https'}://${name}:${port}`, port, boundAddress };
}
