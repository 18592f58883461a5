import type { IncomingHttpHeaders } from 'node:http';
import ipaddr from 'ipaddr.js';
import { type Refusal, refusals } from './http-answers.js';

/** Says why a request is not served, by what it takes this server for. */
export type HostGuard = (headers: IncomingHttpHeaders) => Refusal | undefined;

export interface HostGuardSettings {
  /** The address that was bound, as the system says it. */
  readonly address: string;
  /** The host as it was configured: a name or an address. */
  readonly host: string;
  /** Names that the server may be called by as well, without ports. */
  readonly allowedHosts: readonly string[];
  /** The setting of those names, as refusals name it. */
  readonly setting: string;
}

/**
 * Keeps web pages away: a page can make a browser send requests here, under the page's own name in `Host` (DNS rebinding)
 * or `Origin`. A server on a loopback address, or one that is told its names, is called by those names alone. On other
 * addresses we cannot know our names; there a browser, which is what says `Origin`, must call us by an address or by
 * `localhost`, because only a name can be made to point here.
 */
export function createHostGuard(settings: HostGuardSettings): HostGuard {
  const guard = hostGuard(settings);
  // Reading addresses costs more than most else that is done for a request, and clients call us by one name.
  let passed: string | undefined;
  return (headers) => {
    const { host, origin } = headers;
    const isPlain = origin === undefined && host !== undefined;
    if (isPlain && host === passed) return undefined;
    const refusal = guard(headers);
    if (isPlain && refusal === undefined) passed = host;
    return refusal;
  };
}

function hostGuard({ address, host, allowedHosts, setting }: HostGuardSettings): HostGuard {
  const hint = `this server is not known by that name; names that it is called by, behind a proxy for instance, are set in ${setting}`;
  const hostRefused: Refusal = { status: 421, message: `Invalid Host header: ${hint}` };
  const originRefused: Refusal = { ...refusals.originRefused, message: `${refusals.originRefused.message}: ${hint}` };
  const configured = hostOf(host);
  const allowed = new Set(allowedHosts.map(hostOf));
  const loopback = isLoopback(address);
  if (loopback || allowed.size > 0) {
    const isOurs = (name: string): boolean =>
      allowed.has(name) || name === configured || (loopback && (name === 'localhost' || isLoopback(name)));
    return ({ host: asked, origin }) => {
      if (asked === undefined || !isOurs(hostOf(asked))) return hostRefused;
      return origin === undefined || isOurs(originOf(origin)) ? undefined : originRefused;
    };
  }
  return ({ host: asked = '', origin }) => {
    if (origin === undefined) return undefined;
    const name = hostOf(asked);
    return name === configured || name === 'localhost' || addressIn(name) !== undefined ? undefined : hostRefused;
  };
}

/** Whether a text is an address of this machine that no other can reach. */
export function isLoopback(name: string): boolean {
  return addressIn(name)?.range() === 'loopback';
}

/** The address that a text is, in whatever way it is written; those of IPv4 in IPv6 as IPv4. */
function addressIn(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
  return ipaddr.isValid(bare) ? ipaddr.process(bare) : undefined;
}

function originOf(origin: string): string {
  const authority = /^https?:\/\/([^/]+)$/i.exec(origin)?.[1];
  return authority === undefined ? '' : hostOf(authority);
}

/** The host without its port: an address in one way of writing, a name without regard to case and to the dot at its end. */
function hostOf(authority: string): string {
  const host = addressIn(authority) === undefined ? authority.replace(/:\d*$/, '') : authority;
  const name = host.toLowerCase().replace(/\.$/, '');
  return addressIn(name)?.toString() ?? name;
}
