import type * as oauth from '@modelcontextprotocol/client';

/** Loaded when a server asks for a login, and not before: it is as large as all else that a gateway loads. */
export function oauthLibrary(): Promise<typeof oauth> {
  return import('@modelcontextprotocol/client');
}
