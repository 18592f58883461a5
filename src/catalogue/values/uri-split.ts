import { domainToASCII } from 'node:url';

/** The parts of a URI that guards look at, as Python's `urlparse` tells them apart. */
export interface SplitUri {
  /** In lower case; empty where there is none. */
  readonly scheme: string;
  /** What stands behind `//`: user, host and port. */
  readonly authority: string;
  readonly path: string;
  /** Hosts that programs could see in it, in lower case, also in Punycode, and without a last dot. They do not agree about odd URIs. */
  readonly hosts: readonly string[];
}

/** Schemes whose paths have parameters behind a semicolon. */
const parametrised = new Set([
  '',
  'ftp',
  'hdl',
  'prospero',
  'http',
  'https',
  'shttp',
  'rtsp',
  'sip',
  'sips',
  'mms',
  'sftp',
  'tel',
]);

/** Splits a URI; undefined for what is none, such as one with half an IPv6 address. */
export function splitUri(given: string): SplitUri | undefined {
  // oxlint-disable-next-line no-control-regex -- what programs leave out when they read a URI
  const uri = given.replaceAll(/^[\u0000-\u0020]+|[\t\r\n]/g, '');
  const schemed = /^([a-z][a-z0-9+.-]*):/i.exec(uri);
  const scheme = schemed?.[1]?.toLowerCase() ?? '';
  const rest = uri.slice(schemed?.[0].length ?? 0);
  const authority = /^\/\/([^/?#]*)/.exec(rest)?.[1] ?? '';
  if (authority.includes('[') !== authority.includes(']')) return undefined;
  const behind = rest.startsWith('//') ? rest.slice(2 + authority.length) : rest;
  const whole = /^[^?#]*/.exec(behind)?.[0] ?? '';
  const path = parametrised.has(scheme) ? pathWithoutParameters(whole) : whole;
  return { scheme, authority, path, hosts: hostsOf(uri, authority) };
}

function hostsOf(uri: string, authority: string): readonly string[] {
  const bare = authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, '');
  const read = URL.canParse(uri) ? new URL(uri).hostname : '';
  const hosts = [bare, domainToASCII(bare), read]
    .map((host) => host.toLowerCase().replace(/\.$/, ''))
    .filter((host) => host !== '');
  return [...new Set(hosts)];
}

/** What stands behind a semicolon in the last segment says how, and not what. */
function pathWithoutParameters(path: string): string {
  const segment = path.lastIndexOf('/') + 1;
  const at = path.indexOf(';', segment);
  return at === -1 ? path : path.slice(0, at);
}

/** Whether a host is one of some domains, in lower case, or below one. */
export function isWithin(host: string, domains: Iterable<string>): boolean {
  for (const domain of domains) if (host === domain || host.endsWith(`.${domain}`)) return true;
  return false;
}
