import { isRecord } from '../../json/records.js';
import { type JsonSource, SourceError } from './json-source.js';
import { isSecureUrl } from './secure-url.js';

/**
 * Where the keys of an authorization server are, from its metadata: RFC 8414, else OpenID Connect Discovery.
 *
 * @throws SourceError if it has no metadata, or they are of another issuer or name no keys
 */
export async function findKeysUrl(issuer: string, source: JsonSource): Promise<string> {
  for (const url of metadataUrls(issuer)) {
    const metadata = await source.read(url);
    if (metadata === undefined) continue;
    if (!isRecord(metadata)) throw new SourceError(`${url} is no JSON object`);
    const { issuer: said, jwks_uri: keysUrl } = metadata;
    // Otherwise whoever can write one document could speak for every issuer.
    if (said !== issuer) throw new SourceError(`${url} is of another issuer than ${issuer}`);
    if (typeof keysUrl !== 'string' || !isSecureUrl(keysUrl)) {
      throw new SourceError(`${url} has no \`jwks_uri\` that is https`);
    }
    return keysUrl;
  }
  throw new SourceError(`${issuer} has no metadata; set oauth.jwksUrl to where its keys are`);
}

function metadataUrls(issuer: string): string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const urls = [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}/.well-known/openid-configuration${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
  ];
  return [...new Set(urls)];
}
