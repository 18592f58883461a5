import type { IncomingHttpHeaders } from 'node:http';
import { isIP } from 'node:net';
import { type Refusal, refusals } from './http-answers.js';

/**
 * Keeps web pages away from a server on a loopback address: a page can make a browser send requests there, under the
 * page's own name in `Host` (DNS rebinding) or `Origin`. On other addresses we cannot know our names, so nothing is checked.
 */
export function createHostGuard(host: string): (headers: IncomingHttpHeaders) => Refusal | undefined {
  if (!isLoopback(host)) return () => undefined;
  const ours = new Set(['127.0.0.1', 'localhost', '[::1]', isIP(host) === 6 ? `[${host}]` : host.toLowerCase()]);
  return ({ host: asked, origin }) => {
    if (asked === undefined || !ours.has(withoutPort(asked))) return refusals.hostRefused;
    if (origin !== undefined && !ours.has(withoutPort(origin.replace(/^https?:\/\//, ''))))
      return refusals.originRefused;
    return undefined;
  };
}

/** True for addresses and names that only this machine can reach. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

function withoutPort(authority: string): string {
  return authority.toLowerCase().replace(/:\d+$/, '');
}
