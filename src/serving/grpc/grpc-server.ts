import { createServer, type Server as NetServer, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import type { ListenConfig } from '../../config/sections/network-server.js';
import type { Logger } from '../../observability/logger.js';
import { maxMessageBytes as maxAnswerBytes } from '../../wire/framing/message-size.js';
import type { Clock } from '../../time/clock.js';
import type { Endpoint } from '../endpoint.js';
import { GrpcCalls } from './grpc-calls.js';
import { GrpcHealth } from './grpc-health.js';
import { addServices } from './grpc-services.js';
import { countUploads } from './grpc-uploads.js';
import { closed, listenOnPort, listenOnSocket } from '../listening.js';
import type { RpcService } from '../message-service.js';
import { type LoadLimits, ServerLoad } from '../server-load.js';
import { refuseInvalidCertificate, serverTlsOptions, type TlsNames } from '../tls-options.js';

/** How a service is served over gRPC. */
export interface GrpcServerOptions {
  /** Where to listen. `certReqs` is `client_auth`: 0 none, 1 optional, 2 require. */
  readonly server: ListenConfig;
}

export interface GrpcServerDependencies {
  readonly service: RpcService;
  readonly names: TlsNames;
  /** `maxMessageBytes` are those that a client's message may have. */
  readonly limits: LoadLimits & { readonly maxMessageBytes: number };
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Streams of one connection beside those of running calls. */
const furtherStreams = 100;

/** Milliseconds without a byte written after which answers are taken for not being read. */
const stillMs = 500;

/**
 * Serves any number of clients over gRPC, with the standard health service. We listen ourselves and hand connections to the
 * gRPC library: it has no optional client certificates and no private sockets.
 *
 * @throws GatechartError SERVER_START_FAILED, TLS_INVALID
 */
export async function openGrpcServer(
  { server: config }: GrpcServerOptions,
  { service, names, limits, logger, clock }: GrpcServerDependencies,
): Promise<Endpoint> {
  const health = new GrpcHealth(service.names);
  const load = new ServerLoad(limits);
  const running = new GrpcCalls(load, logger);
  const uploads = countUploads({ shareOf: (peer) => running.bytesOf(peer), refusal: () => load.tooManyBytes() });
  const rpc = new Server({
    interceptors: [uploads],
    'grpc.max_receive_message_length': limits.maxMessageBytes,
    'grpc.max_send_message_length': maxAnswerBytes,
    // More than may run, so that clients are told that they have too many, and bounded also where none runs.
    'grpc.max_concurrent_streams': limits.maxSessionCalls + furtherStreams,
  });
  addServices(rpc, service, running, health);
  const injector = rpc.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = await createListener(config, names, (socket) => injector.injectConnection(socket));
  const sockets = new Set<Socket>();
  let connections = 0;
  listener.on('connection', (socket: Socket) => {
    sockets.add(socket);
    // The library tells the calls of one connection from others' by the address, which clients of a Unix socket lack.
    if (config.uds !== undefined) Object.defineProperty(socket, 'remoteAddress', { value: `unix:${connections++}` });
    const peer =
      socket.remotePort === undefined ? socket.remoteAddress : `${socket.remoteAddress}:${socket.remotePort}`;
    socket.on('error', (error) => logger.debug({ error: error.message }, 'a gRPC client broke off'));
    socket.once('close', () => {
      sockets.delete(socket);
      if (peer !== undefined) running.leave(peer);
    });
  });
  const gone = closed(listener);
  if (config.uds === undefined) await listenOnPort(listener, config.host, config.port);
  else await listenOnSocket(listener, config.uds);
  listener.on('error', (error) => logger.error({ error: error.message }, 'a connection could not be taken'));
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
    // Connections may be open for other reasons than calls: their clients do not decide how long that takes.
    idle: async () => {
      await running.idle();
      await Promise.race([drained, written(sockets, clock)]);
    },
    close: async () => {
      drain();
      rpc.forceShutdown();
      for (const socket of sockets) socket.destroy();
      await gone;
    },
  };
}

/** Settles when nothing is written any more. */
async function written(sockets: ReadonlySet<Socket>, clock: Clock): Promise<void> {
  const total = (): number => [...sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, 0);
  for (let before = -1, now = total(); now > before; before = now, now = total()) {
    await new Promise<void>((resolve) => clock.setTimeout(resolve, stillMs));
  }
}

async function createListener(
  { tls }: ListenConfig,
  names: TlsNames,
  take: (socket: Socket) => void,
): Promise<NetServer> {
  if (tls === undefined) return createServer({ noDelay: true }, take);
  const options = await serverTlsOptions(tls, names);
  return createTlsServer({ ...options, ALPNProtocols: ['h2'], noDelay: true }, (socket) => {
    if (tls.certReqs === 1) refuseInvalidCertificate(socket);
    if (!socket.destroyed) take(socket);
  });
}

function addressOf(listener: NetServer, { uds, host, tls }: ListenConfig): string {
  if (uds !== undefined) return `grpc+unix://${uds}`;
  const bound = listener.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : undefined;
  return `grpc${tls === undefined ? '' : 's'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
