import { createServer, type Server } from 'node:http';
import { GatechartError, isGatechartError, messageOf } from '../../../errors.js';
import type { Logger } from '../../../observability/logger.js';
import type { Endpoint } from '../../../serving/endpoint.js';
import { closed, listenOnPort } from '../../../serving/listening.js';
import type { Clock } from '../../../time/clock.js';
import { WaitGroup } from '../../../time/wait-group.js';
import { readChartLayout } from '../../charts/chart-files.js';
import type { LiveSource } from '../feed/live-source.js';
import type { Admission } from './admission.js';
import { FeedBroadcast } from './feed-broadcast.js';
import { InspectorRequests } from './inspector-requests.js';
import { originGuard } from './origin-guard.js';
import { readInspectorPage } from './page-file.js';

/** Port that an inspector takes where nothing else is said. */
const inspectorPort = 4983;

/** Loopback addresses: the only ones that an inspector listens on. */
export const inspectorHosts = ['127.0.0.1', '::1'] as const;

/** How a source is served. */
export interface InspectorServerOptions {
  readonly source: LiveSource;
  readonly host: (typeof inspectorHosts)[number];
  /** Undefined: {@link inspectorPort}, or a free one where that is taken. */
  readonly port: number | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Where browsers and terminals reach an inspector. */
export interface InspectorEndpoint extends Endpoint {
  /** `http://127.0.0.1:4983` */
  readonly address: string;
  readonly port: number;
}

/** What one socket may take: others on this machine who are not let in have little to gain. */
const limits = {
  maxHeaderSize: 8 * 1024,
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 5_000,
} as const;

/** Sockets at one time. */
const mostSockets = 64;

/** @throws GatechartError SERVER_START_FAILED */
export async function openInspectorEndpoint(
  { source, host, port: wanted, clock, logger }: InspectorServerOptions,
  admission: Admission,
): Promise<InspectorEndpoint> {
  const page = await readInspectorPage();
  const http = createServer(limits);
  http.maxConnections = mostSockets;
  const port = await listen(http, host, wanted, logger);
  http.on('error', (error) => logger.error({ error: messageOf(error) }, 'the inspector could not take a connection'));
  const feed = new FeedBroadcast(source, clock, (error) =>
    logger.error({ error: messageOf(error) }, 'the inspector cannot tell what happens'),
  );
  const guard = originGuard(host, port);
  const asked = { guard, admission, feed, page, source, readChart: readChartLayout, clock, logger };
  const requests = new InspectorRequests(asked);
  const answering = new WaitGroup();
  http.on('request', (request, response) => {
    answering.add();
    response.once('close', () => answering.done());
    void requests.take(request, response);
  });
  const gone = closed(http);
  let why = 'the inspector was closed';
  return {
    address: `http://${host.includes(':') ? `[${host}]` : host}:${port}`,
    port,
    ended: source.ended.then((reason) => {
      why = reason;
    }),
    drain: () => {
      http.close();
      feed.end(why);
      http.closeIdleConnections();
    },
    idle: () => answering.idle(),
    close: () => {
      http.closeAllConnections();
      return gone;
    },
  };
}

/** The port that was bound. @throws GatechartError SERVER_START_FAILED */
async function listen(server: Server, host: string, port: number | undefined, logger: Logger): Promise<number> {
  try {
    await listenOnPort(server, host, port ?? inspectorPort);
  } catch (error) {
    if (port !== undefined || !isTaken(error)) throw error;
    await listenOnPort(server, host, 0);
    logger.warn({ port: inspectorPort }, `port ${inspectorPort} is taken; the inspector listens on another one`);
  }
  const address = server.address();
  if (typeof address === 'object' && address !== null) return address.port;
  throw new GatechartError('SERVER_START_FAILED', 'The inspector has no port.');
}

function isTaken(error: unknown): boolean {
  const cause = isGatechartError(error) ? error.cause : undefined;
  return cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
}
