/** What a server says in `WWW-Authenticate` about the token it wants (RFC 6750, RFC 9728). */
export interface Challenge {
  /** Where its protected-resource metadata is. */
  readonly resourceMetadata: string | undefined;
  readonly scopes: readonly string[];
  readonly error: string | undefined;
}

/** Characters of the header that are looked at. */
const longestHeader = 8192;

const parameter = /([a-z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))/giy;

/**
 * Reads the part for `Bearer` of the header.
 *
 * @returns undefined if the server wants something else than a bearer token
 */
export function readChallenge(wwwAuthenticate: string | undefined): Challenge | undefined {
  // Servers that say nothing more than 401 are asked for their metadata where it has to be.
  if (wwwAuthenticate === undefined) return { resourceMetadata: undefined, scopes: [], error: undefined };
  const header = wwwAuthenticate.slice(0, longestHeader);
  // Quoted text is put aside first: a realm may hold any word.
  const unquoted = header.replaceAll(/"(?:[^"\\]|\\.)*"/g, (quoted) => '"'.repeat(quoted.length));
  const scheme = /(?:^|,)\s*bearer(?=\s|,|$)/i.exec(unquoted);
  if (scheme === null) return undefined;
  const fields = parameters(header.slice(scheme.index + scheme[0].length));
  return {
    resourceMetadata: fields.get('resource_metadata'),
    scopes: scopesIn(fields.get('scope')),
    error: fields.get('error'),
  };
}

/** The scopes of a list that is separated by spaces. */
export function scopesIn(text: string | undefined): readonly string[] {
  return [...new Set((text ?? '').split(/\s+/).filter((scope) => scope !== ''))];
}

/** Up to where the next scheme begins. */
function parameters(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  let at = /^\s*/.exec(text)?.[0].length ?? 0;
  for (;;) {
    parameter.lastIndex = at;
    const match = parameter.exec(text);
    if (match === null) return found;
    const [, name = '', quoted, plain = ''] = match;
    if (!found.has(name.toLowerCase())) found.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? plain);
    at = parameter.lastIndex;
    at += /^\s*,?\s*/.exec(text.slice(at))?.[0].length ?? 0;
  }
}
