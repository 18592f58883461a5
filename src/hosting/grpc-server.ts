import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { HttpServerConfig } from '../config/plugin-config.js';
import type { Logger } from '../observability/logger.js';
import { maxMessageBytes as maxAnswerBytes } from '../transports/plugin-messages.js';
import type { Endpoint } from './endpoint.js';
import { GrpcHealth } from './grpc-health.js';
import { addPluginServices } from './grpc-services.js';
import { listenOnPort, listenOnSocket } from './listening.js';
import type { MessageCalls } from './message-calls.js';
import { refuseInvalidCertificate, serverTlsOptions } from './tls-options.js';

/** How plugins are served over gRPC. */
export interface GrpcServerOptions {
  /** Where to listen. `certReqs` is `client_auth`: 0 none, 1 optional, 2 require. */
  readonly server: HttpServerConfig;
}

export interface GrpcServerParts {
  readonly calls: MessageCalls;
  /** Bytes a client's message may have. */
  readonly maxMessageBytes: number;
  readonly logger: Logger;
}

/**
 * Serves any number of clients over gRPC, under both package names, with both health services. We listen ourselves and
 * hand connections to the gRPC library: it has no optional client certificates and no private sockets.
 *
 * @throws GatechartError SERVER_START_FAILED, TLS_INVALID
 */
export async function openGrpcServer(
  { server: config }: GrpcServerOptions,
  { calls, maxMessageBytes, logger }: GrpcServerParts,
): Promise<Endpoint> {
  const health = new GrpcHealth();
  const rpc = new Server({
    'grpc.max_receive_message_length': maxMessageBytes,
    'grpc.max_send_message_length': maxAnswerBytes,
  });
  addPluginServices(rpc, { calls, health, logger });
  const injector = rpc.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = await createListener(config, (socket) => injector.injectConnection(socket));
  const sockets = new Set<Socket>();
  listener.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', (error) => logger.debug({ error: error.message }, 'a gRPC client broke off'));
    socket.once('close', () => sockets.delete(socket));
  });
  const closed = new Promise<void>((resolve) => {
    listener.once('close', resolve);
  });
  if (config.uds === undefined) await listenOnPort(listener, config.host, config.port);
  else await listenOnSocket(listener, config.uds);
  let drained: Promise<void> = Promise.resolve();
  const drain = (): void => {
    if (!listener.listening) return;
    listener.close();
    health.drain();
    drained = new Promise((resolve) => rpc.tryShutdown(() => resolve()));
  };
  return {
    address: addressOf(listener, config),
    // Clients come and go; only `close` ends this server.
    ended: new Promise(() => {}),
    drain,
    idle: () => drained,
    close: async () => {
      drain();
      rpc.forceShutdown();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

async function createListener({ tls }: HttpServerConfig, take: (socket: Socket) => void): Promise<NetServer> {
  if (tls === undefined) return createServer({ noDelay: true }, take);
  const options = await serverTlsOptions(tls);
  return createTlsServer({ ...options, ALPNProtocols: ['h2'], noDelay: true }, (socket) => {
    if (tls.certReqs === 1) refuseInvalidCertificate(socket);
    if (!socket.destroyed) take(socket);
  });
}

function addressOf(listener: NetServer, { uds, host, tls }: HttpServerConfig): string {
  if (uds !== undefined) return `grpc+unix://${uds}`;
  const bound = listener.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : undefined;
  return `grpc${tls === undefined ? '' : 's'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
