import type { ListenConfig } from '../../config/sections/network-server.js';
import type { Logger } from '../../observability/logger.js';
import type { Clock } from '../../time/clock.js';
import { boundedMs } from '../../time/duration.js';
import type { McpEndpoint } from '../endpoint.js';
import { createHostGuard, type HostGuard } from './host-guard.js';
import { refusals, refuse } from './http-answers.js';
import type { HttpEdge } from './http-edge.js';
import { answerHealth } from './http-page.js';
import { HttpRouter } from './http-router.js';
import { type HttpListenerDependencies, listen } from './http-listener.js';
import { McpHttpSession } from './mcp-http-session.js';
import { skipBody } from './request-body.js';
import { RequestGate } from './request-gate.js';
import { createMcpServer } from '../mcp/mcp-server.js';
import type { McpService } from '../mcp/mcp-service.js';
import { type LoadLimits, ServerLoad } from '../server-load.js';
import type { TlsNames } from '../tls-options.js';
import { Replay, type ReplayLimits } from './session-replay.js';
import { type SessionLimits, SessionTable } from './session-table.js';

/** Where a server listens for HTTP. */
export interface HttpServerOptions {
  readonly server: ListenConfig;
  /** Answers `/health` without TLS as well, for probes that have no client certificate. */
  readonly healthPort?: number;
}

/** What a server over HTTP puts up with. Times in milliseconds. */
export interface HttpServerLimits extends SessionLimits, LoadLimits {
  readonly maxMessageBytes: number;
  readonly requestTimeoutMs: number;
  /** How streams that break off are gone on with. Absent: what is lost is lost, and nothing is kept. */
  readonly replay?: ReplayLimits;
}

export interface HttpServerDependencies {
  readonly service: McpService;
  readonly names: TlsNames;
  readonly limits: HttpServerLimits;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Default: whoever reaches the server is served. */
  readonly edge?: HttpEdge;
}

const allowedHostsSetting = 'allowed_hosts of server_settings';

/** Milliseconds at least that a connection may stand still. */
const shortestStillMs = 120_000;

/**
 * Serves any number of clients over Streamable HTTP.
 *
 * @throws GatechartError SERVER_START_FAILED, TLS_INVALID, and what the edge throws of the address
 */
export async function openHttpServer(
  { server, healthPort }: HttpServerOptions,
  { service, names, limits, logger, clock, edge = {} }: HttpServerDependencies,
): Promise<McpEndpoint> {
  const load = new ServerLoad(limits);
  const replay = limits.replay && new Replay(limits.replay, clock);
  const sessions = new SessionTable(limits, clock, {
    create: (id, identity) => new McpHttpSession(id, { service, load, replay, now: () => clock.now() }, identity),
    accept: (session) => createMcpServer(service, logger).connect(session),
  });
  const opened: { close(): Promise<void> }[] = [sessions];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((part) => part.close()));
  };
  // Comments on quiet streams are traffic, so that only connections stand still whose clients do not read.
  const stillMs = boundedMs(Math.max(shortestStillMs, 4 * limits.keepAliveMs));
  const listening: HttpListenerDependencies = { names, logger, requestTimeoutMs: limits.requestTimeoutMs, stillMs };
  try {
    // What a request may name depends on the address that is bound, which is known before the first one comes.
    let guard: HostGuard = () => refusals.notListening;
    const router = new HttpRouter({
      sessions,
      guard: (headers) => guard(headers),
      gate: new RequestGate({ ...edge, mostAtOnce: limits.maxCalls, logger }),
      pages: edge.pages ?? new Map(),
      maxBodyBytes: limits.maxMessageBytes,
      load,
      logger,
    });
    const listener = await listen(server, listening, (request, response) => router.handle(request, response));
    opened.push(listener);
    const { boundAddress } = listener;
    if (boundAddress !== undefined) edge.checkAddress?.(boundAddress);
    guard = guardOf(server, boundAddress, edge.allowedHostsSetting ?? allowedHostsSetting);
    if (healthPort !== undefined) {
      opened.push(
        await listen({ host: server.host, port: healthPort }, listening, (request, response) => {
          for (const side of [request, response]) side.on('error', () => response.destroy());
          skipBody(request);
          if (request.url?.split('?', 1)[0] === '/health') answerHealth(request, response);
          else refuse(response, refusals.notFound);
        }),
      );
    }
    return {
      address: listener.port === undefined ? listener.address : `${listener.address}/mcp`,
      // Clients come and go; only `close` ends an HTTP server.
      ended: new Promise(() => {}),
      drain: () => {
        router.drain();
        listener.stopAccepting();
      },
      idle: () => router.idle(),
      sessions: () => sessions.size,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** No web page can reach a Unix socket. */
function guardOf({ host, allowedHosts = [] }: ListenConfig, address: string | undefined, setting: string): HostGuard {
  return address === undefined ? () => undefined : createHostGuard({ address, host, allowedHosts, setting });
}
