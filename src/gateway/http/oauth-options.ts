import { checkOptionNames } from '../../config/code-options.js';
import { GatechartError } from '../../errors.js';
import { isSecureUrl } from './secure-url.js';

/** An OAuth authorization server whose access tokens (JWTs) are taken. */
export interface GatewayOAuthOptions {
  /** Its issuer identifier, exactly as its tokens say it. https, or http on this machine. */
  readonly issuer: string;
  /** Where its keys are. Default: as its metadata say (RFC 8414, else OpenID Connect Discovery). */
  readonly jwksUrl?: string;
  /** What tokens must be meant for, in `aud`: this gateway. */
  readonly audience: string;
  /** Scopes that every token needs. Default: none. */
  readonly requiredScopes?: readonly string[];
  /** The URL at which clients reach `/mcp`, as the metadata of the resource say it. Default: the audience, if it is a URL. */
  readonly resource?: string;
  /** The claim that names the user; tokens without it are refused. Default `sub`. */
  readonly userClaim?: string;
}

/** The same with everything said. */
export interface OAuthSettings extends Required<Omit<GatewayOAuthOptions, 'jwksUrl'>> {
  readonly jwksUrl: string | undefined;
}

const names = ['issuer', 'jwksUrl', 'audience', 'requiredScopes', 'resource', 'userClaim'];
const where = 'options.http.oauth';
const scopeToken = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

/** @throws GatechartError CONFIG_INVALID naming the option, what was found and what was expected */
export function readOAuthOptions(options: GatewayOAuthOptions): OAuthSettings {
  checkOptionNames(options, names, where);
  const { issuer, jwksUrl, audience, requiredScopes = [], userClaim = 'sub' } = options;
  checkUrl('issuer', issuer);
  if (jwksUrl !== undefined) checkUrl('jwksUrl', jwksUrl);
  checkText('audience', audience);
  // It stands in a header of refusals.
  if (typeof userClaim !== 'string' || !/^[\w.:/-]+$/.test(userClaim)) {
    throw wrong('userClaim', 'expected the name of a claim: letters, digits and _.:/- alone');
  }
  if (!Array.isArray(requiredScopes) || !requiredScopes.every((scope) => isScope(scope))) {
    throw wrong('requiredScopes', 'expected a list of scopes, each without blanks and quotes');
  }
  const resource = options.resource ?? audience;
  if (options.resource === undefined && !isResource(resource)) {
    throw wrong('resource', 'expected the URL at which clients reach /mcp, because the audience is no URL');
  }
  if (!isResource(resource)) {
    throw wrong('resource', 'expected a URL with https or http, without a fragment, a query, or a password');
  }
  return { issuer, jwksUrl, audience, requiredScopes, resource, userClaim };
}

function checkText(name: string, value: unknown): void {
  if (typeof value !== 'string' || value.trim() === '') throw wrong(name, 'expected a text, not empty');
}

function checkUrl(name: string, value: unknown): void {
  checkText(name, value);
  const text = String(value);
  if (isSecureUrl(text) && !/[#?]/.test(name === 'issuer' ? text : '')) return;
  const found = URL.canParse(text) ? `found one that begins with ${new URL(text).protocol}` : 'found something else';
  throw wrong(name, `expected a URL with https, or with http and an address of this machine; ${found}`);
}

function isScope(value: unknown): boolean {
  return typeof value === 'string' && scopeToken.test(value);
}

function isResource(value: unknown): boolean {
  if (typeof value !== 'string' || !URL.canParse(value) || /["\\\s#?]/.test(value)) return false;
  const { protocol, username, password } = new URL(value);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

/** For files, `details` have the place of the option and what is wrong with it. */
function wrong(name: string, problem: string): GatechartError {
  const details = { path: ['oauth', name], problem };
  return new GatechartError('CONFIG_INVALID', `${where}.${name}: ${problem}.`, { details });
}
