import type { OAuthClientProvider, OAuthTokens } from '@modelcontextprotocol/client';
import { GatechartError } from '../../errors.js';
import type { LoginSettings } from '../server-entry.js';
import { scopesIn } from './challenge.js';
import type { DiscoveredServer } from './discovery.js';
import { clientInformation } from './login-client.js';
import type { LoginFetch } from './login-requests.js';
import { oauthLibrary } from './oauth-library.js';
import type { LoginClient, LoginTokens } from './stored-login.js';

/** What every request for tokens needs. */
export interface TokenRequest {
  readonly discovered: Pick<DiscoveredServer, 'issuer' | 'metadata' | 'resource'>;
  readonly fetch: LoginFetch;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What the browser brought, and what has to fit to it. */
export interface CodeExchange {
  readonly code: string;
  readonly issuer: string | undefined;
  readonly verifier: string;
  readonly client: LoginClient;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
}

/** Exchanges a code for tokens, once `iss` of the answer has been compared with the issuer (RFC 9207). */
export async function exchangeCode(request: TokenRequest, exchange: CodeExchange): Promise<LoginTokens> {
  const { issuer, metadata, resource } = request.discovered;
  const { exchangeAuthorization } = await oauthLibrary();
  const answer = await exchangeAuthorization(issuer, {
    metadata,
    resource,
    clientInformation: clientInformation(exchange.client),
    authorizationCode: exchange.code,
    codeVerifier: exchange.verifier,
    redirectUri: exchange.redirectUri,
    fetchFn: request.fetch,
    ...(exchange.issuer === undefined ? {} : { iss: exchange.issuer }),
  });
  return tokensOf(answer, exchange.scopes, request.now());
}

/** Renews tokens; the scopes stay as they are, and so does the refresh token, unless there is a new one. */
export async function refreshTokens(
  request: TokenRequest,
  client: LoginClient,
  { refreshToken, scopes }: LoginTokens & { readonly refreshToken: string },
): Promise<LoginTokens> {
  const { issuer, metadata, resource } = request.discovered;
  const { refreshAuthorization } = await oauthLibrary();
  const answer = await refreshAuthorization(issuer, {
    metadata,
    resource,
    clientInformation: clientInformation(client),
    refreshToken,
    fetchFn: request.fetch,
  });
  return tokensOf(answer, scopes, request.now());
}

/** Gets tokens with the credentials of the client alone. */
export async function clientCredentials(
  request: TokenRequest,
  settings: LoginSettings,
  scopes: readonly string[],
): Promise<LoginTokens> {
  const { issuer, metadata, resource } = request.discovered;
  const { fetchToken } = await oauthLibrary();
  const provider = await credentialsProvider(settings, issuer);
  const answer = await fetchToken(provider, issuer, {
    metadata,
    resource,
    fetchFn: request.fetch,
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
  });
  return tokensOf(answer, scopes, request.now());
}

async function credentialsProvider(
  { clientId, clientSecret, privateKey, signingAlgorithm = 'ES256' }: LoginSettings,
  expectedIssuer: string,
): Promise<OAuthClientProvider> {
  const { ClientCredentialsProvider, PrivateKeyJwtProvider } = await oauthLibrary();
  if (clientId !== undefined && privateKey !== undefined)
    return new PrivateKeyJwtProvider({ clientId, privateKey, algorithm: signingAlgorithm, expectedIssuer });
  if (clientId !== undefined && clientSecret !== undefined)
    return new ClientCredentialsProvider({ clientId, clientSecret, expectedIssuer });
  throw new GatechartError(
    'CONFIG_INVALID',
    "the grant client_credentials needs 'oauth.clientId' and 'oauth.clientSecret' (or 'oauth.privateKey') in its entry",
  );
}

/** What we keep of an answer. A token that has to be shown to be ours (DPoP) is of no use as a bearer token. */
function tokensOf(answer: OAuthTokens, scopes: readonly string[], now: number): LoginTokens {
  if (answer.token_type.toLowerCase() !== 'bearer')
    throw new GatechartError('PROTOCOL_ERROR', 'its authorization server gave a token that is no bearer token');
  if (answer.access_token === '' || /[^\x21-\x7e]/.test(answer.access_token))
    throw new GatechartError('PROTOCOL_ERROR', 'its authorization server gave a token that cannot stand in a header');
  const lifetime = answer.expires_in;
  return {
    accessToken: answer.access_token,
    obtainedAt: now,
    scopes: answer.scope === undefined ? scopes : scopesIn(answer.scope),
    ...(answer.refresh_token === undefined ? {} : { refreshToken: answer.refresh_token }),
    ...(lifetime === undefined || !(lifetime >= 0) ? {} : { expiresAt: now + lifetime * 1000 }),
  };
}
