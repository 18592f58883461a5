import type { LoginSettings } from '../server-entry.js';
import type { DiscoveredServer } from './discovery.js';

/** What a refresh token is asked for with. */
const offline = 'offline_access';

/**
 * The scopes to ask for: those that a refused request named, else those of the servers file, else those that the server says
 * it knows. `offline_access` is between us and the authorization server, whatever the server says.
 *
 * @param lasts whether a refresh token is wanted
 */
export function chosenScopes(
  wanted: readonly string[],
  settings: LoginSettings,
  { metadata, scopesSupported = [] }: DiscoveredServer,
  lasts: boolean,
): readonly string[] {
  const named = [wanted, settings.scopes ?? [], scopesSupported].find((scopes) => scopes.length > 0) ?? [];
  const asked = named.filter((scope) => scope !== offline);
  const isKnown = metadata.scopes_supported?.includes(offline) === true;
  return lasts && isKnown && asked.length > 0 ? [...asked, offline] : asked;
}
