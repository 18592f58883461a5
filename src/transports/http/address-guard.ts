import { lookup as dnsLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';
import { GatechartError } from '../../errors.js';

/** Ranges of `ipaddr.js` that requests may go to while the protection is on: the public internet and this machine. */
const allowedRanges: ReadonlySet<string> = new Set(['unicast', 'loopback']);

/** Those of one's own network, which whoever writes a URL by hand may mean. */
const privateRanges: ReadonlySet<string> = new Set(['private', 'uniqueLocal', 'carrierGradeNat']);

/** Which addresses are refused. */
export interface AddressProtection {
  /** All but those of the public internet and of this machine. */
  readonly ssrfProtection: boolean;
  /** Those of one's own network are not among them. Default false. */
  readonly privateAddresses?: boolean;
}

const rangeNames: Readonly<Record<string, string>> = {
  private: 'a private address',
  uniqueLocal: 'a private address',
  carrierGradeNat: 'a carrier-grade NAT address',
  linkLocal: 'a link-local address',
  multicast: 'a multicast address',
  broadcast: 'the broadcast address',
  unspecified: 'the unspecified address',
  cloudService: 'an address of a cloud for machines of its own',
  unknown: 'no IP address',
};

/** Where clouds answer machines of theirs, on addresses that look public. */
const cloudServices: ReadonlySet<string> = new Set(['168.63.129.16']);

/** All that is handed out for the public internet in IPv6; whatever else there is may lead anywhere. */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');
const wellKnownTranslation = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/** IPv4 inside IPv6 counts as the IPv4 address it stands for: mapped, NAT64 and 6to4. */
function rangeOf(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown';
  // Zones are of links, and mean nothing beyond them.
  if (address.includes('%')) return 'linkLocal';
  const parsed = ipaddr.process(address);
  if (parsed instanceof ipaddr.IPv4) return rangeOfIPv4(parsed);
  const range = parsed.range();
  const bytes = parsed.toByteArray();
  if (parsed.match(wellKnownTranslation)) return translatedRange(bytes.slice(12, 16));
  if (range === '6to4') return translatedRange(bytes.slice(2, 6));
  if (range === 'unicast' && !parsed.match(globalUnicast)) return 'not public';
  return range;
}

function rangeOfIPv4(address: ipaddr.IPv4): string {
  return cloudServices.has(address.toString()) ? 'cloudService' : address.range();
}

/** The loopback behind a translator is the translator's, not ours. */
function translatedRange(ipv4: number[]): string {
  const range = rangeOfIPv4(new ipaddr.IPv4(ipv4));
  return range === 'loopback' ? 'reserved' : range;
}

/** Why requests must not go to an IP address, or undefined if they may. */
export function refusalOf(address: string, privateAddresses = false): string | undefined {
  const range = rangeOf(address);
  return allowedRanges.has(range) || (privateAddresses && privateRanges.has(range)) ? undefined : (rangeNames[range] ?? `a reserved address (${range})`);
}

function refused(where: string, what: string, details: Record<string, unknown>): GatechartError {
  return new GatechartError(
    'ADDRESS_REFUSED',
    `${where} ${what}; requests go to public addresses and to this machine only. ` +
      'If that server is meant, set PLUGINS_SSRF_PROTECTION_ENABLED=false.',
    { details },
  );
}

/** The host of a URL as an IP address, without the brackets of IPv6; undefined for a name. */
function literalAddress(url: URL): string | undefined {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return ipaddr.isValid(host) ? host : undefined;
}

/** A URL as it may be shown: user, password, query and fragment can hold secrets. */
export function shownUrl(url: URL): string {
  return `${url.protocol}//${url.host}${url.pathname}`;
}

/** The same for what is no URL; where it cannot be told what is the password and what the query, both are left out. */
function shownText(text: string): string {
  const lastAt = text.lastIndexOf('@');
  const firstMark = text.search(/[?#]/);
  const end = firstMark === -1 ? text.length : firstMark;
  const scheme = /^https?:\/\//i.exec(text)?.[0] ?? '';
  if (lastAt > end) return `${scheme}…`;
  return `${lastAt === -1 ? '' : `${scheme}…`}${text.slice(Math.max(lastAt, 0), end)}${firstMark === -1 ? '' : '…'}`;
}

/**
 * Parses a URL that requests are to go to.
 *
 * @throws GatechartError ADDRESS_REFUSED when it is no http(s) URL, carries credentials or names a refused address.
 */
export function checkUrl(text: string, options: AddressProtection & { readonly base?: URL }): URL {
  let url: URL;
  try {
    url = new URL(text, options.base);
  } catch {
    throw new GatechartError(
      'ADDRESS_REFUSED',
      `'${shownText(text)}' is not a URL; expected something like http://127.0.0.1:8000/mcp`,
    );
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new GatechartError(
      'ADDRESS_REFUSED',
      `${url.protocol}//${url.host} has the scheme '${url.protocol.slice(0, -1)}'; expected http or https`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new GatechartError(
      'ADDRESS_REFUSED',
      `the URL of ${url.host} carries a user name or password; take them out, URLs end up in logs`,
    );
  }
  const address = literalAddress(url);
  const refusal = options.ssrfProtection && address !== undefined ? refusalOf(address, options.privateAddresses) : undefined;
  if (refusal !== undefined) throw refused(shownUrl(url), `is ${refusal}`, { address });
  return url;
}

/**
 * Name resolution for sockets that refuses the same addresses. It runs when a socket connects, on the very addresses
 * that are connected to, so that a name which resolves differently the second time gains nothing.
 */
export function guardedLookup(resolve: LookupFunction = dnsLookup, privateAddresses = false): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, answer, family) => {
      if (error !== null) return callback(error, '', 0);
      const found = typeof answer === 'string' ? [{ address: answer, family: family ?? 0 }] : answer;
      for (const { address } of found) {
        const refusal = refusalOf(address, privateAddresses);
        if (refusal !== undefined) {
          return callback(
            refused(hostname, `resolves to ${address}, which is ${refusal}`, { hostname, address }),
            '',
            0,
          );
        }
      }
      const first = found[0];
      if (options.all === true || first === undefined) return callback(null, found, 0);
      callback(null, first.address, first.family);
    });
  };
}
