import { GatechartError, isGatechartError, messageOf } from '../errors.js';
import type { Endpoint } from '../serving/endpoint.js';
import { openTransportEndpoint } from '../serving/mcp/transport-endpoint.js';
import { startServer } from '../serving/server.js';
import type { LoadLimits } from '../serving/server-load.js';
import { openStdioEndpoint } from '../serving/stdio/stdio-endpoint.js';
import { type Clock, systemClock } from '../time/clock.js';
import { within } from '../time/within.js';
import { maxMessageBytes } from '../wire/framing/message-size.js';
import type { Gateway } from './gateway.js';
import { openGatewayHttp } from './http/open-gateway-http.js';
import type { GatewayServer, ServeGatewayOptions } from './serve-gateway.js';
import { httpRefusals } from './telemetry/http-refusals.js';

/** There is one client, who may have all there is. */
const singleLimits: LoadLimits & { readonly maxMessageBytes: number } = {
  maxCalls: 4096,
  maxSessionCalls: 4096,
  maxHeldBytes: 256 * 1024 * 1024,
  maxMessageBytes,
};

/** Milliseconds for answers to calls that have been cancelled. */
const lastAnswersMs = 1_000;

/** What `serveGateway` does, once it is loaded. */
export async function startGatewayServer(gateway: Gateway, options: ServeGatewayOptions): Promise<GatewayServer> {
  const { logger, drainMs = 10_000, clock = systemClock } = options;
  const server = startServer({
    name: 'gateway',
    open: () => start(gateway, options, clock),
    release: () => gateway.close(),
    graceMs: drainMs,
    clock,
    logger,
    // One with a time of its own cannot live with the others.
    ...(clock === systemClock && { actors: gateway.listeners }),
  });
  return { address: await server.started, closed: server.closed, close: () => server.close() };
}

async function start(gateway: Gateway, options: ServeGatewayOptions, clock: Clock): Promise<Endpoint> {
  const { logger } = options;
  try {
    const endpoint = await open(gateway, options, clock);
    logger.info({ address: endpoint.address }, `the gateway serves agents on ${endpoint.address}`);
    return { ...endpoint, close: () => closeAnswered(gateway, endpoint, clock) };
  } catch (error) {
    if (isGatechartError(error)) throw error;
    throw new GatechartError('SERVER_START_FAILED', `The gateway cannot start: ${messageOf(error)}`, { cause: error });
  }
}

/** The gateway ends before its connections do: clients are told what became of calls that are still under way. */
async function closeAnswered(gateway: Gateway, endpoint: Endpoint, clock: Clock): Promise<void> {
  try {
    await gateway.close();
  } finally {
    await within(endpoint.idle(), lastAnswersMs, clock);
    await endpoint.close();
  }
}

function open(gateway: Gateway, { transport, logger }: ServeGatewayOptions, clock: Clock): Promise<Endpoint> {
  const { service, plugins: manager, metrics } = gateway;
  if (transport.kind === 'stdio') {
    return openStdioEndpoint(transport, { service, client: 'the client', limits: singleLimits, logger });
  }
  if (transport.kind === 'transport') {
    return openTransportEndpoint(transport.transport, { service, limits: singleLimits, logger });
  }
  const { kind: _kind, ...http } = transport;
  const pages = { isReady: () => true, ...(metrics !== undefined && { metrics }) };
  const refused = httpRefusals(gateway.record, clock);
  return openGatewayHttp(http, { service, pages, refused, logger, clock, ...(manager !== undefined && { manager }) });
}
