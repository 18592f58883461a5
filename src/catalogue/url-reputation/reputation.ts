import { isIP } from 'node:net';
import { domainToASCII, domainToUnicode } from 'node:url';
import type { Violation } from '../../hooks/hook-result.js';
import { PatternBudgetError } from '../patterns/pattern.js';
import { isWithin, splitUri } from '../values/uri-split.js';
import { entropyOf, isReadable } from './domain-labels.js';
import type { ReputationSettings } from './settings.js';

/** Whether a domain ends in one that is given out. */
export type TopLevelCheck = (domain: string) => boolean;

/** A violation with what counters call it. */
export interface Verdict {
  readonly violation: Violation;
  readonly category: string;
}

/**
 * Why a URL may not be fetched; undefined if it may.
 *
 * @param hasTopLevel is asked where heuristics are on
 */
export function verdictOn(
  uri: string,
  settings: ReputationSettings,
  hasTopLevel: TopLevelCheck | undefined,
): Verdict | undefined {
  try {
    return judge(uri, settings, hasTopLevel);
  } catch (error) {
    if (!(error instanceof PatternBudgetError)) throw error;
    return verdict('Pattern took too long', 'URL cannot be checked', { url: uri }, 'unchecked');
  }
}

function judge(uri: string, settings: ReputationSettings, hasTopLevel: TopLevelCheck | undefined): Verdict | undefined {
  const blocked = (reason: string, category: string): Verdict =>
    verdict(reason, `URL ${uri} is blocked`, { url: uri }, category);
  if (!URL.canParse(uri)) return blocked('Could not parse url', 'malformed_url');
  const { hostname, protocol, href } = new URL(uri);
  // `evil.com.` is `evil.com`, and schemes that are not of the web have hosts that are not read yet.
  const domain = (domainToASCII(hostname) || hostname.toLowerCase()).replace(/\.$/, '');
  if (domain === '') return blocked('Could not parse domain', 'malformed_domain');
  // Programs do not agree about the host of `https://a.b\\@c.d/`.
  const hosts = [domain, ...(splitUri(uri)?.hosts ?? []).map((host) => domainToASCII(host) || host)];
  if (hosts.every((host) => isWithin(host, settings.whitelist_domains))) return undefined;
  if (settings.allowed_patterns.some((pattern) => pattern.test(uri))) return undefined;
  if (settings.block_non_secure_http && protocol !== 'https:') {
    return blocked('Blocked non secure http url', 'insecure_scheme');
  }
  const listed = hosts.find((host) => isWithin(host, settings.blocked_domains));
  if (listed !== undefined) {
    return verdict('Domain in blocked set', `Domain '${listed}' in blocked set`, { domain: listed }, 'blocked_domain');
  }
  // As it is written, as it is fetched, and as servers read that.
  const spellings = [...new Set([uri, href, withoutNeedlessEscapes(href)])];
  if (settings.blocked_patterns.some((pattern) => spellings.some((spelling) => pattern.test(spelling)))) {
    return verdict('Blocked pattern', 'URL matches blocked pattern', { url: uri }, 'blocked_pattern');
  }
  if (!settings.use_heuristic_check || isAddress(domain)) return undefined;
  if (entropyOf(domain) > settings.entropy_threshold) {
    const description = `Domain exceeds entropy threshold: ${domain}`;
    return verdict('High entropy domain', description, { domain }, 'high_entropy_domain');
  }
  if (hasTopLevel?.(domain) !== true) {
    return verdict('Illegal TLD', `Domain TLD not legal: ${domain}`, { domain }, 'illegal_tld');
  }
  if (isReadable(domainToUnicode(domain))) return undefined;
  const description = `Domain unicode is not secure for domain: ${domain}`;
  return verdict('Domain unicode is not secure', description, { domain }, 'unicode_spoofing');
}

/** `%61` and `a` are the same to every server: RFC 3986, section 6.2.2.2. */
function withoutNeedlessEscapes(href: string): string {
  return href.replaceAll(/%[2-7][\da-f]/gi, (escape) => {
    const character = decodeURIComponent(escape);
    return /[\w.~-]/.test(character) ? character : escape;
  });
}

function isAddress(host: string): boolean {
  return isIP(host.replace(/^\[|\]$/g, '')) !== 0;
}

function verdict(reason: string, description: string, details: Record<string, unknown>, category: string): Verdict {
  return { violation: { reason, description, code: 'URL_REPUTATION_BLOCK', details }, category };
}
