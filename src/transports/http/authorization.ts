import type { IncomingHttpHeaders } from 'node:http';
import { GatechartError } from '../../errors.js';
import { excerpt } from '../../json/excerpt.js';
import type { CancelSignal } from '../../time/cancellation.js';

/** What a server answers that wants a login, or one that allows more. */
export interface LoginChallenge {
  readonly status: 401 | 403;
  /** The header of that name, as it came. */
  readonly wwwAuthenticate: string | undefined;
}

/** The same, beside what it is about: by now there may be another token. */
export interface RefusedAuthorization extends LoginChallenge {
  /** The Authorization header that the request had. */
  readonly sent: string | undefined;
}

/**
 * Gives requests to one server their Authorization header. Both reject with a GatechartError LOGIN_NEEDED to tell whoever made
 * the request what to do; the signal aborts when nobody waits any more.
 */
export interface Authorization {
  /** The value of the header, asked for before each request; undefined sends none. */
  header(signal: CancelSignal): Promise<string | undefined>;
  /**
   * The server turned a request down, and has not executed it. `again` sends it once more, with the header as it is then;
   * asked once per request.
   */
  refused(challenge: RefusedAuthorization, signal: CancelSignal): Promise<'again' | 'no'>;
}

const longestShown = 200;

/** Status 401, and 403 where the header says that what we have allows too little. */
export function challengeOf(status: number, headers: IncomingHttpHeaders): LoginChallenge | undefined {
  if (status !== 401 && status !== 403) return undefined;
  const found: unknown = headers['www-authenticate'];
  const wwwAuthenticate = typeof found === 'string' ? found : Array.isArray(found) ? found.join(', ') : undefined;
  if (status === 403 && parameterOf('error', wwwAuthenticate) !== 'insufficient_scope') return undefined;
  return { status, wwwAuthenticate };
}

/** What a request comes to that was turned down for want of a login. Of the challenge it shows what is meant for people. */
export function loginNeeded(where: { name: string; target: string }, challenge: LoginChallenge): GatechartError {
  const { name, target } = where;
  const { status, wwwAuthenticate } = challenge;
  const said = ['error', 'error_description', 'scope'].flatMap((key) => {
    const value = parameterOf(key, wwwAuthenticate);
    return value === undefined ? [] : [`${key}: ${excerpt(value, longestShown)}`];
  });
  const asks = status === 401 ? 'asks for a login' : 'asks for a login that allows more';
  const why = [`status ${status}`, ...said].join(', ');
  return new GatechartError('LOGIN_NEEDED', `${name}: ${target} ${asks} (${why}).`, {
    details: { connection: name, status },
  });
}

/** What a request comes to whose Authorization header could not be had. The cause may hold secrets, and is not quoted. */
export function authorizationFailed(
  { name, target }: { name: string; target: string },
  cause: unknown,
): GatechartError {
  return new GatechartError('LOGIN_NEEDED', `${name}: ${target}: the Authorization header could not be had.`, {
    cause,
    details: { connection: name },
  });
}

function parameterOf(key: string, header: string | undefined): string | undefined {
  const found = new RegExp(`(?:^|[\\s,])${key}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s,"]+))`, 'i').exec(
    header ?? '',
  );
  return found?.[1]?.replaceAll(/\\(.)/g, '$1') ?? found?.[2];
}
