import type { HttpServerConfig } from '../config/plugin-config.js';
import type { Logger } from '../observability/logger.js';
import type { Clock } from '../time/clock.js';
import type { Endpoint } from './endpoint.js';
import { refusals, refuse } from './http-answers.js';
import { answerHealth, HttpEndpoint } from './http-endpoint.js';
import { listen } from './http-listener.js';
import { createMcpSession } from './mcp-session.js';
import { type SessionLimits, SessionTable } from './session-table.js';
import type { ToolCalls } from './tool-calls.js';

/** Where a plugin server listens for HTTP. */
export interface HttpServerOptions {
  readonly server: HttpServerConfig;
  /** Answers `/health` without TLS as well, for probes that have no client certificate. */
  readonly healthPort?: number;
}

export interface HttpServerParts {
  readonly tools: ToolCalls;
  readonly limits: SessionLimits & { readonly maxMessageBytes: number };
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Serves any number of clients over Streamable HTTP. @throws GatechartError SERVER_START_FAILED, TLS_INVALID */
export async function openHttpServer(
  { server, healthPort }: HttpServerOptions,
  { tools, limits, logger, clock }: HttpServerParts,
): Promise<Endpoint> {
  const sessions = new SessionTable(limits, clock, (session) => createMcpSession(tools, logger).connect(session));
  const http = new HttpEndpoint({
    sessions,
    boundHost: server.uds === undefined ? server.host : undefined,
    maxBodyBytes: limits.maxMessageBytes,
    logger,
  });
  const opened: { close(): Promise<void> }[] = [sessions];
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((part) => part.close()));
  };
  try {
    const listener = await listen(server, (request, response) => http.handle(request, response));
    opened.push(listener);
    if (healthPort !== undefined) {
      opened.push(
        await listen({ host: server.host, port: healthPort }, (request, response) => {
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
