import { createServer } from 'node:net';
import type { Logger } from '../../observability/logger.js';
import type { Clock } from '../../time/clock.js';
import { Deadlines } from '../../time/deadlines.js';
import type { Endpoint } from '../endpoint.js';
import { closed, listenOnSocket } from '../listening.js';
import type { FrameService } from '../message-service.js';
import { type LoadLimits, ServerLoad } from '../server-load.js';
import { UnixConnection, type UnixClientNames } from './unix-connection.js';

/** How messages are served on a Unix socket, in frames: four bytes of length, then as many bytes. */
export interface UnixServerOptions {
  /** Absolute path of the socket. It is opened with mode 0600; a socket that nobody listens on is replaced. */
  readonly path: string;
  /** Milliseconds without a request after which a connection is closed. Default 300,000. */
  readonly idleMs?: number;
  /** Requests of one connection that run side by side. Default 64. */
  readonly maxRunning?: number;
}

export interface UnixServerDependencies {
  readonly service: FrameService;
  readonly names: UnixClientNames;
  /** Of the bytes a client's message may have, more than 16 MiB are never possible. */
  readonly limits: LoadLimits & { readonly maxMessageBytes: number };
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Serves any number of clients on a Unix socket. @throws GatechartError SERVER_START_FAILED */
export async function openUnixServer(
  { path, idleMs = 300_000, maxRunning = 64 }: UnixServerOptions,
  { service, names, limits, logger, clock }: UnixServerDependencies,
): Promise<Endpoint> {
  const deadlines = new Deadlines(clock);
  const load = new ServerLoad(limits);
  const { maxMessageBytes } = limits;
  const connections = new Set<UnixConnection>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const dependencies = { service, names, load, deadlines, maxMessageBytes, logger, idleMs, maxRunning };
    const connection = new UnixConnection(socket, dependencies);
    connections.add(connection);
    void connection.gone.then(() => connections.delete(connection));
  });
  const gone = closed(server);
  await listenOnSocket(server, path);
  server.on('error', (error) => logger.error({ error: error.message }, 'a connection could not be taken'));
  let drained: Promise<unknown> = Promise.resolve();
  const drain = (): void => {
    if (!server.listening) return;
    server.close();
    drained = Promise.all([...connections].map((connection) => connection.drain()));
  };
  return {
    address: `unix:${path}`,
    // Clients come and go; only `close` ends this server.
    ended: new Promise(() => {}),
    drain,
    idle: () => drained.then(() => undefined),
    close: async () => {
      drain();
      await Promise.all([...connections].map((connection) => connection.close()));
      await gone;
      deadlines.close();
    },
  };
}
