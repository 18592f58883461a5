import { GatechartError } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import type { Endpoint } from '../../serving/endpoint.js';
import { isLoopback } from '../../serving/http/host-guard.js';
import type { HttpEdge } from '../../serving/http/http-edge.js';
import { openHttpServer } from '../../serving/http/http-server.js';
import { defaultReplayLimits } from '../../serving/http/session-replay.js';
import { limitRate } from '../../serving/http/rate-limit.js';
import type { McpService } from '../../serving/mcp/mcp-service.js';
import type { Clock } from '../../time/clock.js';
import { AccessTokens } from './access-tokens.js';
import { Challenge } from './challenge.js';
import { CredentialDigest } from './credential-digest.js';
import { type GatewayPages, statePages } from './gateway-pages.js';
import type { HttpHookManager } from './hooked-request.js';
import { HttpHooks } from './http-hooks.js';
import { type GatewayHttpOptions, type GatewayHttpSettings, readHttpOptions } from './http-options.js';
import { type JsonSource, openJsonSource } from './json-source.js';
import { createProof } from './proof.js';
import { metadataPages, metadataUrlOf } from './resource-metadata.js';

export interface GatewayHttpDependencies {
  readonly service: McpService;
  /** Runs the `http_*` hooks. Absent: there are no plugins. */
  readonly manager?: HttpHookManager;
  readonly pages: GatewayPages;
  /** Told of each request that is refused for who sends it. Must not throw. */
  readonly refused?: HttpEdge['refused'];
  readonly logger: Logger;
  readonly clock: Clock;
  /** Milliseconds since 1970, for the times in tokens. Default: the system's. */
  readonly wallClock?: () => number;
}

/**
 * Serves a gateway over HTTP: `/mcp` for those who prove who they are, and what it shows of itself.
 *
 * @throws GatechartError CONFIG_INVALID, also where it could be reached from other machines and asks for no proof;
 * SERVER_START_FAILED, TLS_INVALID
 */
export async function openGatewayHttp(
  options: GatewayHttpOptions,
  { service, manager, pages, refused, logger, clock, wallClock = Date.now }: GatewayHttpDependencies,
): Promise<Endpoint> {
  const settings = readHttpOptions(options);
  const { host, port, tls, oauth, token, allowedHosts, healthPort, rate, limits } = settings;
  const digest = new CredentialDigest();
  const challenge = new Challenge({
    scopes: oauth?.requiredScopes ?? [],
    ...(oauth !== undefined && { metadataUrl: metadataUrlOf(oauth.resource) }),
  });
  let source: JsonSource | undefined;
  let accessTokens: AccessTokens | undefined;
  if (oauth !== undefined) {
    source = await openJsonSource();
    const jose = await import('jose');
    accessTokens = new AccessTokens(oauth, { challenge, source, clock, wallClock, logger, jose });
  }
  const proof = createProof({ token, accessTokens, needsCertificate: tls?.certReqs === 2, challenge, digest });
  const authenticate = rate === undefined ? proof : limitRate(proof, rate, clock);
  const edge: HttpEdge = {
    pages: new Map([...statePages(pages), ...(oauth === undefined ? [] : metadataPages(oauth))]),
    allowedHostsSetting: 'allowedHosts of the gateway',
    checkAddress: (address) => refuseOpenAddress(address, settings, proof !== undefined),
    ...(authenticate !== undefined && { authenticate }),
    ...(refused !== undefined && { refused }),
    ...(manager !== undefined && { filter: new HttpHooks({ manager, digest, logger }) }),
  };
  const server = { host, port, allowedHosts, ...(tls !== undefined && { tls }) };
  try {
    const endpoint = await openHttpServer(
      { server, ...(healthPort !== undefined && { healthPort }) },
      {
        service,
        names: { server: 'gateway' },
        // A person's answer may take longer than a connection lasts.
        limits: { replay: defaultReplayLimits, ...limits },
        logger,
        clock,
        edge,
      },
    );
    return {
      ...endpoint,
      close: async () => {
        await Promise.all([endpoint.close(), source?.close()]);
      },
    };
  } catch (error) {
    await source?.close();
    throw error;
  }
}

/** By the address that was bound: the host may be a name, of which nobody knows what it means today. */
function refuseOpenAddress(address: string, { host }: GatewayHttpSettings, asksForProof: boolean): void {
  if (asksForProof || isLoopback(address)) return;
  throw new GatechartError(
    'CONFIG_INVALID',
    `The gateway does not start: ${host} is the address ${address}, which other machines can reach, and nobody would have to ` +
      'prove who they are. Set a token (GATECHART_TOKEN, at least 16 characters), `oauth`, or `tls` with `certReqs: 2` and a ' +
      '`caBundle`; or set the host to 127.0.0.1.',
  );
}
