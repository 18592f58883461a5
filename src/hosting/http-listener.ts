import { createServer, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Socket } from 'node:net';
import type { HttpServerConfig } from '../config/plugin-config.js';
import { listenOnPort, listenOnSocket } from './listening.js';
import { refuseInvalidCertificate, serverTlsOptions } from './tls-options.js';

// Longer than the 30 s our clients, and those of the reference, keep idle connections: a server that closes first
// loses requests that are on their way.
const keepAliveTimeout = 35_000;

/** A listening HTTP server. */
export interface HttpListener {
  /** `http://127.0.0.1:8000`, or `unix:/path`. */
  readonly address: string;
  /** The port, where there is one. */
  readonly port: number | undefined;
  /** Takes no more connections and ends those that carry nothing. */
  stopAccepting(): void;
  /** Ends all connections; settles when they and the listener are gone. */
  close(): Promise<void>;
}

/** @throws GatechartError SERVER_START_FAILED, TLS_INVALID */
export async function listen(config: HttpServerConfig, listener: RequestListener): Promise<HttpListener> {
  const server =
    config.tls === undefined ? createServer(listener) : createTlsServer(await serverTlsOptions(config.tls), listener);
  server.keepAliveTimeout = keepAliveTimeout;
  if (config.tls?.certReqs === 1) server.on('secureConnection', refuseInvalidCertificate);
  // The server's own list lacks connections that have not finished their TLS handshake.
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  if (config.uds === undefined) await listenOnPort(server, config.host, config.port);
  else await listenOnSocket(server, config.uds);
  const closed = new Promise<void>((resolve) => {
    server.once('close', resolve);
  });
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
      return closed;
    },
  };
}

function addressOf(server: Server, { uds, host, tls }: HttpServerConfig): Pick<HttpListener, 'address' | 'port'> {
  if (uds !== undefined) return { address: `unix:${uds}`, port: undefined };
  const bound = server.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : undefined;
  const name = host.includes(':') ? `[${host}]` : host;
  return { address: `${tls === undefined ? 'http' : 'https'}://${name}:${port}`, port };
}
