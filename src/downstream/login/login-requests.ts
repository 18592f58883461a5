import { GatechartError } from '../../errors.js';
import { packageVersion } from '../../package-version.js';
import type { Clock } from '../../time/clock.js';
import { checkUrl, guardedLookup, shownUrl } from '../../transports/http/address-guard.js';
import { EndingAgent } from '../../transports/http/ending-agent.js';

/** Bytes of metadata, registrations and tokens: a few thousand are usual. */
const mostBytes = 256 * 1024;
const defaultTimeoutMs = 30_000;
/** Statuses that a response without a body must not be given one for. */
const bodiless: ReadonlySet<number> = new Set([204, 205, 304]);

const greeting = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'gatechart', version: packageVersion },
  },
};

/** How requests to authorization servers are made. */
export interface LoginRequestOptions {
  /** Refuses private and link-local addresses. */
  readonly ssrfProtection: boolean;
  /** Refuses addresses of this machine too: a server elsewhere has no say in what is asked here. Default false. */
  readonly isElsewhere?: boolean;
  readonly clock: Clock;
  /** Milliseconds for one request, its answer included. Default 30,000. */
  readonly timeoutMs?: number;
}

/** What the functions of the MCP SDK need of `fetch`. */
export type LoginFetch = (url: string | URL, init?: RequestInit) => Promise<Response>;

/**
 * `fetch` for metadata and tokens: https except on this machine, checked addresses, small answers, in time, and no redirect
 * followed. The SDK follows those that stay within their origin by calling it again.
 */
export function loginFetch(options: LoginRequestOptions, signal: AbortSignal): LoginFetch {
  const { ssrfProtection, isElsewhere = false, clock, timeoutMs = defaultTimeoutMs } = options;
  return async (target, init) => {
    const url = checkUrl(String(target), { ssrfProtection });
    if (url.protocol !== 'https:' && !isLoopback(url))
      throw new GatechartError('ADDRESS_REFUSED', `${shownUrl(url)} is not https, and logins go over nothing else`);
    if (isElsewhere && isLoopback(url))
      throw new GatechartError('ADDRESS_REFUSED', `${shownUrl(url)} is on this machine, and the server is not`);
    const body = init?.body ?? undefined;
    if (body !== undefined && typeof body !== 'string' && !(body instanceof URLSearchParams))
      throw new TypeError('the body of a login request is neither text nor a form');
    const agent = new EndingAgent({ pipelining: 0, lookup: ssrfProtection ? guardedLookup() : undefined });
    const ended = new AbortController();
    const end = (): void => ended.abort(signal.reason);
    const late = (): void =>
      ended.abort(new GatechartError('CALL_TIMEOUT', `${url.host} did not answer a login request in ${timeoutMs} ms`));
    const timer = clock.setTimeout(late, timeoutMs);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end);
    try {
      const response = await agent.request(url, {
        method: methodOf(init?.method),
        headers: Object.fromEntries(new Headers(init?.headers)),
        ...(body === undefined ? {} : { body: String(body) }),
        signal: ended.signal,
      });
      const bytes = await bounded(response.body, url);
      return new Response(bodiless.has(response.statusCode) ? null : new Uint8Array(bytes), {
        status: response.statusCode,
        headers: plainHeaders(response.headers),
      });
    } catch (error) {
      if (ended.signal.aborted) throw ended.signal.reason;
      throw error;
    } finally {
      clock.clearTimeout(timer);
      signal.removeEventListener('abort', end);
      // Whatever happens to the answer, no socket is left of it.
      await agent.end(new Error('the request has ended'));
    }
  };
}

/**
 * What a server says when it is greeted without a token.
 *
 * @returns the status, and the header WWW-Authenticate
 */
export async function greet(
  target: string,
  own: Readonly<Record<string, string>>,
  { ssrfProtection, clock, timeoutMs = defaultTimeoutMs }: LoginRequestOptions,
): Promise<{ readonly status: number; readonly wwwAuthenticate: string | undefined }> {
  const url = checkUrl(target, { ssrfProtection });
  const agent = new EndingAgent({ lookup: ssrfProtection ? guardedLookup() : undefined });
  const ended = new AbortController();
  const timer = clock.setTimeout(() => ended.abort(new Error(`${url.host} did not answer`)), timeoutMs);
  try {
    const { statusCode, headers } = await agent.request(url, {
      method: 'POST',
      headers: { ...own, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify(greeting),
      signal: ended.signal,
    });
    const found = headers['www-authenticate'];
    return { status: statusCode, wwwAuthenticate: Array.isArray(found) ? found.join(', ') : found };
  } finally {
    clock.clearTimeout(timer);
    // The rest of the answer is of no use: it may be a stream without an end.
    await agent.end(new Error('the request has ended'));
  }
}

/** Whether a URL stays on this machine. */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(hostname);
}

async function bounded(body: AsyncIterable<Buffer>, url: URL): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > mostBytes)
      throw new GatechartError(
        'MESSAGE_TOO_LARGE',
        `${url.host} answered a login request with more than ${mostBytes} bytes`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function methodOf(method: string | undefined): 'GET' | 'POST' {
  const upper = method?.toUpperCase() ?? 'GET';
  if (upper !== 'GET' && upper !== 'POST') throw new TypeError(`a login request has the method ${upper}`);
  return upper;
}

function plainHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [value].flat().map((one): [string, string] => [name, one]),
  );
}
