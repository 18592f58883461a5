import { discover, metadataOf } from './discovery.js';
import { checkIssuer, configuredClient } from './login-client.js';
import type { LoginEndpoint } from './login-endpoint.js';
import { GrantLostError, oauthCodeOf } from './login-problem.js';
import { chosenScopes } from './scopes.js';
import type { StoredLogin } from './stored-login.js';
import { clientCredentials, refreshTokens } from './token-requests.js';

/** What authorization servers say when a refresh token will never be good again. */
const lostGrants: ReadonlySet<string> = new Set(['invalid_grant', 'invalid_client', 'unauthorized_client']);

/**
 * Renews a login, unless somebody else has done so: to be called by one at a time.
 *
 * @param known the login as it was before it was one's turn
 * @throws GrantLostError if there is nothing any more that it could be renewed with
 */
export async function refreshLogin(
  endpoint: LoginEndpoint,
  known: StoredLogin | undefined,
  signal: AbortSignal,
): Promise<StoredLogin> {
  const { store, settings, now } = endpoint;
  const stored = known && (await store.read(known));
  const tokens = stored?.tokens;
  if (stored === undefined || tokens === undefined) throw new GrantLostError('the login has been removed');
  if (tokens.accessToken !== known?.tokens?.accessToken) return stored;
  const { refreshToken } = tokens;
  if (refreshToken === undefined) throw new GrantLostError('the login cannot be renewed');
  try {
    const metadata = await metadataOf(stored.issuer, settings.authServerMetadataUrl, endpoint.fetch(signal));
    const client =
      settings.clientId === undefined ? stored.registration : configuredClient(settings, settings.clientId);
    const discovered = { ...stored, metadata };
    const renewed = await endpoint.lasting(signal, (fetch) =>
      refreshTokens({ discovered, fetch, now }, client, { ...tokens, refreshToken }),
    );
    return await endpoint.keep(stored, renewed);
  } catch (error) {
    const code = oauthCodeOf(error);
    if (code === undefined || !lostGrants.has(code)) throw error;
    // A client that is not known any more is registered anew.
    if (code === 'invalid_grant') await endpoint.keep(stored, undefined);
    else await store.remove(stored);
    throw new GrantLostError(`the login has ended: its authorization server answers "${code}"`);
  }
}

/**
 * Gets a login with the credentials of the client, unless somebody else has got one: to be called by one at a time.
 *
 * @param known the login as it was before it was one's turn
 */
export async function obtainLogin(
  endpoint: LoginEndpoint,
  known: StoredLogin | undefined,
  wanted: readonly string[],
  signal: AbortSignal,
): Promise<StoredLogin> {
  const { settings, now } = endpoint;
  const newest = await endpoint.newest();
  if (newest?.tokens !== undefined && newest.tokens.accessToken !== known?.tokens?.accessToken) {
    const { scopes } = newest.tokens;
    if (wanted.every((scope) => scopes.includes(scope))) return newest;
  }
  const fetch = endpoint.fetch(signal);
  const discovered = await discover(endpoint.discovery(fetch));
  checkIssuer(discovered, newest, endpoint.name);
  const scopes = chosenScopes(wanted, settings, discovered, false);
  const tokens = await clientCredentials({ discovered, fetch, now }, settings, scopes);
  return endpoint.keep({ ...endpoint.key(discovered), registration: { id: settings.clientId ?? '' } }, tokens);
}
