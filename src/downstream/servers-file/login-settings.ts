import { errorAt, warningAt } from '../../config/problem.js';
import { checkUrl } from '../../config/sections/server-url.js';
import { asList, asRecord, type Written } from '../../config/written.js';
import type { LoginSettings } from '../server-entry.js';
import type { EntryContext } from './entry-context.js';
import type { ParsedEntry } from './entry-schema.js';

/** What has to hold between the keys of `oauth`. */
export function checkLogin(entry: Written, { path, report }: EntryContext): void {
  const oauth = asRecord(entry['oauth']);
  const at = [...path, 'oauth'];
  const missing = (key: string, why: string): void => report(errorAt([...at, key], `is missing; ${why}`, 'parent'));
  for (const key of ['clientMetadataUrl', 'authServerMetadataUrl']) checkUrl(oauth[key], [...at, key], report);
  const { clientId, clientSecret, clientMetadataUrl, privateKey, signingAlgorithm } = oauth;
  if (typeof clientMetadataUrl === 'string' && !/^https:/i.test(clientMetadataUrl)) {
    report(errorAt([...at, 'clientMetadataUrl'], 'expected a URL that starts with https://'));
  }
  if (clientSecret !== undefined && clientId === undefined) missing('clientId', 'a secret belongs to one');
  if (oauth['grant'] === 'client_credentials') {
    if (clientId === undefined && clientSecret === undefined) missing('clientId', 'client credentials need it');
    if (clientSecret === undefined && privateKey === undefined)
      missing('clientSecret', 'client credentials need it, or `privateKey`');
    if (oauth['callbackPort'] !== undefined)
      report(warningAt([...at, 'callbackPort'], 'has no effect; no browser is sent back with `client_credentials`'));
  } else if (privateKey !== undefined) {
    report(errorAt([...at, 'privateKey'], "is for the grant 'client_credentials' alone"));
  }
  if (clientSecret !== undefined && privateKey !== undefined)
    report(errorAt([...at, 'privateKey'], 'stands beside `clientSecret`; a client has one of them'));
  if (signingAlgorithm !== undefined && privateKey === undefined) missing('privateKey', 'the algorithm is for it');
  const { scopes } = oauth;
  for (const [index, scope] of asList(scopes).entries()) {
    if (typeof scope === 'string' && scope !== '' && !isScope(scope))
      report(errorAt([...at, 'scopes', index], scopeForm));
  }
  if (typeof scopes === 'string' && !scopes.trim().split(/ +/).every(isScope))
    report(errorAt([...at, 'scopes'], scopeForm));
}

const scopeForm = 'expected scopes, which are printable ASCII without quotes and backslashes';

function isScope(text: string): boolean {
  return /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(text);
}

/** The settings as they are used: scopes as a list. */
export function readLogin(oauth: ParsedEntry['oauth']): LoginSettings | undefined {
  if (oauth === undefined) return undefined;
  const { scopes, clientId, clientSecret, clientMetadataUrl, authServerMetadataUrl, callbackPort, grant } = oauth;
  const { privateKey, signingAlgorithm } = oauth;
  const listed = typeof scopes === 'string' ? scopes.trim().split(/ +/) : scopes;
  return {
    ...(clientId === undefined ? {} : { clientId }),
    ...(clientSecret === undefined ? {} : { clientSecret }),
    ...(privateKey === undefined ? {} : { privateKey }),
    ...(signingAlgorithm === undefined ? {} : { signingAlgorithm }),
    ...(clientMetadataUrl === undefined ? {} : { clientMetadataUrl }),
    ...(authServerMetadataUrl === undefined ? {} : { authServerMetadataUrl }),
    ...(callbackPort === undefined ? {} : { callbackPort }),
    ...(grant === undefined ? {} : { grant }),
    ...(listed === undefined ? {} : { scopes: listed }),
  };
}
