import { validateHeaderName, validateHeaderValue } from 'node:http';
import type { Logger } from '../../observability/logger.js';
import { carriesCredentials } from '../../serving/http/request-headers.js';

/** Headers that say how an answer is sent or which session it is of: they belong to whoever sends it. */
const ownHeaders: ReadonlySet<string> = new Set([
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'date',
  'keep-alive',
  'mcp-session-id',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Characters of one value: a header that is longer would make clients refuse the answer. */
const longestValue = 8 * 1024;

/** What plugins may add to the headers of an answer, names in lower case; what they may not is logged, by name alone. */
export function answerHeaders(wanted: Readonly<Record<string, string>>, logger: Logger): Record<string, string> {
  return usable(wanted, (name) => ownHeaders.has(name), logger);
}

/** What plugins may add to the headers of a request. Credentials are the client's alone. */
export function requestHeaders(wanted: Readonly<Record<string, string>>, logger: Logger): Record<string, string> {
  return usable(wanted, carriesCredentials, logger);
}

function usable(
  wanted: Readonly<Record<string, string>>,
  isRefused: (name: string) => boolean,
  logger: Logger,
): Record<string, string> {
  const taken: [string, string][] = [];
  for (const [written, value] of Object.entries(wanted)) {
    const name = written.toLowerCase();
    if (isWellFormed(name, value) && !isRefused(name)) taken.push([name, value]);
    else logger.warn({ header: name.slice(0, 100) }, 'a plugin set a header that it may not set; left out');
  }
  return Object.fromEntries(taken);
}

function isWellFormed(name: string, value: string): boolean {
  if (name === '__proto__' || value.length > longestValue) return false;
  try {
    validateHeaderName(name);
    validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}
