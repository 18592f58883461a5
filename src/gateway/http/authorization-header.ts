import type { IncomingMessage } from 'node:http';

/** What a request says of itself in `Authorization`. */
export type Authorization =
  | { readonly kind: 'none' }
  /** More than one header, of which others in between may have looked at another one. */
  | { readonly kind: 'several' }
  | { readonly kind: 'given'; readonly scheme: string; readonly credentials: string };

export function authorizationOf({ rawHeaders, headers }: IncomingMessage): Authorization {
  const { authorization } = headers;
  if (authorization === undefined) return { kind: 'none' };
  const names = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'authorization');
  if (names.length > 1) return { kind: 'several' };
  const text = authorization.trim();
  const end = text.search(/[ \t]/);
  if (end === -1) return { kind: 'given', scheme: text, credentials: '' };
  return { kind: 'given', scheme: text.slice(0, end), credentials: text.slice(end).trim() };
}

/** The token of `Authorization: Bearer …`; undefined where there is none. */
export function bearerTokenOf(authorization: Authorization): string | undefined {
  return authorization.kind === 'given' && authorization.scheme.toLowerCase() === 'bearer'
    ? authorization.credentials
    : undefined;
}
