import type { OAuthClientInformation } from '@modelcontextprotocol/client';
import { GatechartError } from '../../errors.js';
import { packageVersion } from '../../package-version.js';
import type { LoginSettings } from '../server-entry.js';
import type { DiscoveredServer } from './discovery.js';
import type { LoginFetch } from './login-requests.js';
import { oauthLibrary } from './oauth-library.js';
import type { LoginClient, StoredLogin } from './stored-login.js';

/** What decides as whom an authorization server knows us. */
export interface ClientInput {
  readonly settings: LoginSettings;
  readonly discovered: DiscoveredServer;
  /** What is kept of this server and this authorization server. */
  readonly stored: StoredLogin | undefined;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly fetch: LoginFetch;
}

/**
 * The client of a login: the one of the servers file, else the one of a client-id metadata document, else one that is
 * registered, now or before with the same authorization server.
 *
 * @throws GatechartError PROTOCOL_ERROR where there is none; what registering throws
 */
export async function clientFor(input: ClientInput): Promise<LoginClient> {
  const { settings, discovered, stored, redirectUri, scopes, now, fetch } = input;
  const { clientId, clientMetadataUrl } = settings;
  const { metadata, issuer } = discovered;
  if (clientId !== undefined) return { ...configuredClient(settings, clientId), redirectUri };
  if (clientMetadataUrl !== undefined && takesMetadataDocuments(metadata))
    return { id: clientMetadataUrl, redirectUri };
  const registered = stored?.registration;
  if (registered !== undefined && isUsable(registered, redirectUri, now)) return registered;
  if (metadata.registration_endpoint === undefined)
    throw new GatechartError(
      'PROTOCOL_ERROR',
      `its authorization server ${issuer} registers no clients; give the id of one in 'oauth.clientId' of its entry`,
    );
  const { registerClient } = await oauthLibrary();
  const answer = await registerClient(issuer, {
    metadata,
    clientMetadata: {
      client_name: 'gatechart',
      software_id: 'gatechart',
      software_version: packageVersion,
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      application_type: 'native',
      token_endpoint_auth_method: preferredMethod(metadata.token_endpoint_auth_methods_supported),
    },
    ...(scopes.length === 0 ? {} : { scope: scopes.join(' ') }),
    fetchFn: fetch,
  });
  return {
    id: answer.client_id,
    redirectUri,
    ...(answer.client_secret === undefined ? {} : { secret: answer.client_secret }),
    ...(answer.token_endpoint_auth_method === undefined ? {} : { authMethod: answer.token_endpoint_auth_method }),
    ...(answer.client_secret_expires_at === undefined ? {} : { secretExpiresAt: answer.client_secret_expires_at }),
  };
}

/** The client that the servers file gives. */
export function configuredClient({ clientSecret }: LoginSettings, id: string): LoginClient {
  return { id, ...(clientSecret === undefined ? {} : { secret: clientSecret }) };
}

/** A client as the MCP SDK wants it told. */
export function clientInformation({ id, secret, authMethod }: LoginClient): OAuthClientInformation {
  const told = { client_id: id, ...(secret === undefined ? {} : { client_secret: secret }) };
  return authMethod === undefined ? told : Object.assign(told, { token_endpoint_auth_method: authMethod });
}

/**
 * Throws where a client of the servers file was used with another authorization server before: its credentials are that
 * one's, and whoever runs the MCP server can name any.
 */
export function checkIssuer(discovered: DiscoveredServer, known: StoredLogin | undefined, entry: string): void {
  if (known?.client === undefined || known.issuer === discovered.issuer) return;
  throw new GatechartError(
    'PROTOCOL_ERROR',
    `its authorization server was ${known.issuer}, and is said to be ${discovered.issuer} now; the client id of its entry ` +
      `belongs to the former. If the change is meant, run: gatechart logout ${entry}`,
  );
}

function takesMetadataDocuments(metadata: DiscoveredServer['metadata']): boolean {
  return 'client_id_metadata_document_supported' in metadata && metadata.client_id_metadata_document_supported === true;
}

function isUsable({ redirectUri, secretExpiresAt = 0 }: LoginClient, wanted: string, now: number): boolean {
  return redirectUri === wanted && (secretExpiresAt === 0 || secretExpiresAt * 1000 > now);
}

/** We run on somebody's machine, where a secret is none; but there are servers that give one to everybody. */
function preferredMethod(supported: readonly string[] | undefined): string {
  if (supported === undefined || supported.includes('none')) return 'none';
  return ['client_secret_basic', 'client_secret_post'].find((method) => supported.includes(method)) ?? 'none';
}
