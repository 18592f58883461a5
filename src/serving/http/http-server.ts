import type { HttpServerConfig } from '../../config/plugin-config.js';
import type { Logger } from '../../observability/logger.js';
import type { Clock } from '../../time/clock.js';
import { boundedMs } from '../../time/duration.js';
import type { Endpoint } from '../endpoint.js';
import { createHostGuard, type HostGuard } from './host-guard.js';
import { refusals, refuse } from './http-answers.js';
import { answerHealth, HttpEndpoint } from './http-endpoint.js';
import { type HttpListener, type HttpListenerParts, listen } from './http-listener.js';
import { HttpSession } from './http-session.js';
import { createMcpSession } from '../mcp/mcp-session.js';
import { type LoadLimits, ServerLoad } from '../server-load.js';
import { type SessionLimits, SessionTable } from './session-table.js';
import type { ToolCalls } from '../../hosting/tool-calls.js';

/** Where a plugin server listens for HTTP. */
export interface HttpServerOptions {
  readonly server: HttpServerConfig;
  /** Answers `/health` without TLS as well, for probes that have no client certificate. */
  readonly healthPort?: number;
}

export interface HttpServerLimits extends SessionLimits, LoadLimits {
  readonly maxMessageBytes: number;
  readonly requestTimeoutMs: number;
}

export interface HttpServerParts {
  readonly tools: ToolCalls;
  readonly limits: HttpServerLimits;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Milliseconds at least that a connection may stand still. */
const shortestStillMs = 120_000;

/** Serves any number of clients over Streamable HTTP. @throws GatechartError SERVER_START_FAILED, TLS_INVALID */
export async function openHttpServer(
  { server, healthPort }: HttpServerOptions,
  { tools, limits, logger, clock }: HttpServerParts,
): Promise<Endpoint> {
  const load = new ServerLoad(limits);
  const sessions = new SessionTable(limits, clock, {
    create: (id) => new HttpSession(id, { tools, load, now: () => clock.now() }),
    accept: (session) => createMcpSession(logger).connect(session),
  });
  const opened: { close(): Promise<void> }[] = [sessions];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((part) => part.close()));
  };
  // Comments on quiet streams are traffic, so that only connections stand still whose clients do not read.
  const stillMs = boundedMs(Math.max(shortestStillMs, 4 * limits.keepAliveMs));
  const parts: HttpListenerParts = { logger, requestTimeoutMs: limits.requestTimeoutMs, stillMs };
  try {
    // What a request may name depends on the address that is bound, which is known before the first one comes.
    let guard: HostGuard = () => refusals.notListening;
    const http = new HttpEndpoint({
      sessions,
      guard: (headers) => guard(headers),
      maxBodyBytes: limits.maxMessageBytes,
      load,
      logger,
    });
    const listener = await listen(server, parts, (request, response) => http.handle(request, response));
    guard = guardOf(server, listener);
    opened.push(listener);
    if (healthPort !== undefined) {
      opened.push(
        await listen({ host: server.host, port: healthPort }, parts, (request, response) => {
          for (const side of [request, response]) side.on('error', () => response.destroy());
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
        http.drain();
        listener.stopAccepting();
      },
      idle: () => http.idle(),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** No web page can reach a Unix socket. */
function guardOf({ host, allowedHosts = [] }: HttpServerConfig, { boundAddress }: HttpListener): HostGuard {
  return boundAddress === undefined ? () => undefined : createHostGuard({ address: boundAddress, host, allowedHosts });
}
