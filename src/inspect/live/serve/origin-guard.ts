import type { IncomingMessage } from 'node:http';

/** Whether a request may be looked at at all. */
export type OriginGuard = (request: Pick<IncomingMessage, 'rawHeaders'>) => boolean;

/**
 * Keeps web pages away: whoever calls us by a name that somebody can make to point here (DNS rebinding), or from a page
 * that is not ours. A header that comes twice is none that we understand.
 *
 * @param host the address that was bound
 */
export function originGuard(host: string, port: number): OriginGuard {
  const names = [host.includes(':') ? `[${host}]` : host, 'localhost'];
  // Browsers leave the port of the scheme out.
  const hosts = new Set(names.flatMap((name) => (port === 80 ? [name, `${name}:80`] : [`${name}:${port}`])));
  return ({ rawHeaders }) => {
    const [asked, ...otherHosts] = valuesOf(rawHeaders, 'host');
    const [origin, ...otherOrigins] = valuesOf(rawHeaders, 'origin');
    if (asked === undefined || otherHosts.length > 0 || otherOrigins.length > 0) return false;
    const name = asked.toLowerCase();
    return hosts.has(name) && (origin === undefined || origin.toLowerCase() === `http://${name}`);
  };
}

function valuesOf(rawHeaders: readonly string[], wanted: string): string[] {
  return rawHeaders.filter((_value, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === wanted);
}
