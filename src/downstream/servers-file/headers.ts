import { errorAt } from '../../config/problem.js';
import { asList, asRecord, type Written } from '../../config/written.js';
import type { EntryContext } from './entry-context.js';

/** What a header's name may be made of (RFC 9110). */
const headerName = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;

/** What a header's value may be made of: it goes over the wire as it is. */
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Headers of one connection, and those that say what is on it. They are never the user's to set or to send on. */
const ofTheTransport: ReadonlySet<string> = new Set([
  'accept',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'last-event-id',
  'proxy-authenticate',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What a client proves itself with to us is for us alone. */
const credentialsForUs: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization', 'set-cookie']);

/** The headers that a server is sent, and those of a client that are sent on. */
export function checkHeaders(entry: Written, { path, report }: EntryContext): void {
  const set = new Set<string>();
  for (const [name, value] of Object.entries(asRecord(entry['headers']))) {
    const lower = name.toLowerCase();
    const problem = set.has(lower) ? 'this header is there already, in other case' : whyNotSet(name);
    if (problem !== undefined) report(errorAt([...path, 'headers', name], problem, 'key'));
    const wrong = typeof value === 'string' ? headerValueProblem(value) : undefined;
    if (wrong !== undefined) report(errorAt([...path, 'headers', name], wrong));
    set.add(lower);
  }
  for (const [index, name] of asList(entry['forwardHeaders']).entries()) {
    if (typeof name !== 'string') continue;
    const problem = set.has(name.toLowerCase()) ? 'this header is set in `headers`' : whyNotForwarded(name);
    if (problem !== undefined) report(errorAt([...path, 'forwardHeaders', index], problem));
  }
}

/** Why a header cannot be set for a server; undefined if it can. */
function whyNotSet(name: string): string | undefined {
  const lower = name.toLowerCase();
  if (!headerName.test(name)) return 'expected the name of an HTTP header';
  return isOfTheTransport(lower) ? 'this header is set by the transport itself; remove it' : undefined;
}

/** Why a header of a client's request cannot be sent on to a server; undefined if it can. */
function whyNotForwarded(name: string): string | undefined {
  const lower = name.toLowerCase();
  if (!headerName.test(name)) return 'expected the name of an HTTP header';
  if (credentialsForUs.has(lower)) return 'what a client sends the gateway to prove itself is never sent on';
  return isOfTheTransport(lower) ? 'this header belongs to one connection and is never sent on' : undefined;
}

/** Why a value cannot be sent in a header; undefined if it can. */
function headerValueProblem(value: string): string | undefined {
  return headerValue.test(value)
    ? undefined
    : 'expected a value in Latin-1 without line breaks and other control characters';
}

function isOfTheTransport(lower: string): boolean {
  return ofTheTransport.has(lower) || lower.startsWith('mcp-');
}
