import type { HttpPage } from '../../serving/http/http-page.js';
import type { OAuthSettings } from './oauth-options.js';

const wellKnown = '/.well-known/oauth-protected-resource';

/** Where clients read the metadata of a resource (RFC 9728): the path of the resource stands behind the well-known one. */
export function metadataUrlOf(resource: string): string {
  return `${new URL(resource).origin}${metadataPathOf(resource)}`;
}

/** The metadata of the gateway as a protected resource, at each path at which clients look for it. */
export function metadataPages(settings: OAuthSettings): [string, HttpPage][] {
  const { resource, issuer, requiredScopes } = settings;
  const text = JSON.stringify({
    resource,
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
    ...(requiredScopes.length > 0 && { scopes_supported: requiredScopes }),
  });
  const page: HttpPage = {
    readers: 'anybody',
    content: () => ({ status: 200, type: 'application/json', text }),
  };
  const paths = new Set([wellKnown, `${wellKnown}/mcp`, metadataPathOf(resource)]);
  return [...paths].map((path) => [path, page]);
}

function metadataPathOf(resource: string): string {
  return `${wellKnown}${new URL(resource).pathname.replace(/\/$/, '')}`;
}
