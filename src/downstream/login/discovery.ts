import type { AuthorizationServerMetadata, OAuthProtectedResourceMetadata } from '@modelcontextprotocol/client';
import { GatechartError } from '../../errors.js';
import { checkUrl, shownUrl } from '../../transports/http/address-guard.js';
import { excerpt } from '../../json/excerpt.js';
import { isLoopback, type LoginFetch } from './login-requests.js';
import { oauthLibrary } from './oauth-library.js';

/** The authorization server of an MCP server, and what it is asked for. */
export interface DiscoveredServer {
  readonly issuer: string;
  readonly metadata: AuthorizationServerMetadata;
  /** The resource indicator that every request for tokens names. */
  readonly resource: string;
  /** Scopes that the MCP server says it knows; undefined if it does not say. */
  readonly scopesSupported: readonly string[] | undefined;
}

/** Where to look. */
export interface DiscoveryInput {
  /** The URL of the MCP server. */
  readonly server: string;
  /** Where the refusal says that the metadata of the MCP server is. */
  readonly resourceMetadata: string | undefined;
  /** Where the servers file says that the metadata of the authorization server is. */
  readonly authServerMetadataUrl: string | undefined;
  readonly fetch: LoginFetch;
}

/**
 * Finds the authorization server: protected-resource metadata (RFC 9728), else the origin of the MCP server as the revision
 * of 2025-03-26 has it; then the metadata of the authorization server (RFC 8414, OpenID Connect).
 *
 * @throws GatechartError PROTOCOL_ERROR where the two do not belong together, or something is missing that a login needs
 */
export async function discover(input: DiscoveryInput): Promise<DiscoveredServer> {
  const { server, authServerMetadataUrl, fetch } = input;
  const library = await oauthLibrary();
  const resourceMetadata = await discoverResource(input);
  const own = library.resourceUrlFromServerUrl(server);
  if (own.protocol !== 'https:' && !isLoopback(own))
    throw mismatch(`${shownUrl(own)} is not https, and whoever is on the way could read its tokens`);
  if (
    resourceMetadata !== undefined &&
    !library.checkResourceAllowed({ requestedResource: own, configuredResource: resourceMetadata.resource })
  )
    throw mismatch(`its metadata is about ${excerpt(resourceMetadata.resource, 200)}, not about ${shownUrl(own)}`);
  const [named] = resourceMetadata?.authorization_servers ?? [];
  // What is compared with the issuer is what was named, character for character.
  const issuer = named ?? own.origin;
  const metadata =
    authServerMetadataUrl === undefined
      ? await discoverMetadata(issuer, fetch)
      : await configuredMetadata(authServerMetadataUrl, fetch);
  return {
    issuer: metadata.issuer,
    metadata,
    resource: resourceMetadata?.resource ?? own.href,
    scopesSupported: resourceMetadata?.scopes_supported,
  };
}

/**
 * The metadata of an authorization server that is known already.
 *
 * @throws GatechartError PROTOCOL_ERROR where there is none, or it is another's
 */
export async function metadataOf(
  issuer: string,
  authServerMetadataUrl: string | undefined,
  fetch: LoginFetch,
): Promise<AuthorizationServerMetadata> {
  if (authServerMetadataUrl === undefined) return discoverMetadata(issuer, fetch);
  const metadata = await configuredMetadata(authServerMetadataUrl, fetch);
  if (metadata.issuer !== issuer)
    throw mismatch(`the login is of ${excerpt(issuer, 200)}, which is not its issuer now`);
  return metadata;
}

/** The metadata from where it has to be, with the `issuer` that was asked for. */
async function discoverMetadata(issuer: string, fetch: LoginFetch): Promise<AuthorizationServerMetadata> {
  const { discoverAuthorizationServerMetadata, IssuerMismatchError } = await oauthLibrary();
  try {
    const metadata = await discoverAuthorizationServerMetadata(issuer, { fetchFn: fetch });
    if (metadata !== undefined) return metadata;
  } catch (error) {
    if (error instanceof IssuerMismatchError)
      throw mismatch(`the metadata of ${excerpt(issuer, 200)} names another issuer`);
    throw error;
  }
  throw mismatch(`its authorization server ${excerpt(issuer, 200)} has no metadata (RFC 8414, OpenID Connect)`);
}

/** Throws unless the authorization server says that it checks PKCE with S256: one that does not may ignore it. */
export function checkPkce({ metadata }: DiscoveredServer): void {
  if (metadata.code_challenge_methods_supported?.includes('S256') !== true)
    throw mismatch('the metadata of its authorization server does not name S256 in code_challenge_methods_supported');
}

/** Undefined if there is none. What there is and cannot be read, is an error. */
async function discoverResource({
  server,
  resourceMetadata,
  fetch,
}: DiscoveryInput): Promise<OAuthProtectedResourceMetadata | undefined> {
  const { discoverOAuthProtectedResourceMetadata } = await oauthLibrary();
  let status = 0;
  const watched: LoginFetch = async (url, init) => {
    const response = await fetch(url, init);
    status = response.status;
    return response;
  };
  const options = resourceMetadata === undefined ? {} : { resourceMetadataUrl: resourceMetadata };
  try {
    return await discoverOAuthProtectedResourceMetadata(server, options, watched);
  } catch (error) {
    // Only "there is no such thing" leads to the older way; and not where the server has said where it is.
    if (resourceMetadata === undefined && status >= 400 && status < 500) return undefined;
    throw error;
  }
}

/** Metadata from where the servers file says: its issuer has to be of the same origin. */
async function configuredMetadata(url: string, fetch: LoginFetch): Promise<AuthorizationServerMetadata> {
  const { OAuthMetadataSchema } = await import('@modelcontextprotocol/sdk/shared/auth.js');
  const response = await fetch(url, { headers: { accept: 'application/json' } });
  if (!response.ok) throw mismatch(`${shownUrl(new URL(url))} (authServerMetadataUrl) answers ${response.status}`);
  const metadata = OAuthMetadataSchema.parse(await response.json());
  if (checkUrl(metadata.issuer, { ssrfProtection: false }).origin !== new URL(url).origin)
    throw mismatch(`${shownUrl(new URL(url))} (authServerMetadataUrl) names an issuer of another origin`);
  return metadata;
}

function mismatch(problem: string): GatechartError {
  return new GatechartError('PROTOCOL_ERROR', problem);
}
