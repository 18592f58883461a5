import { checkUrl } from '../../config/sections/server-url.js';
import { errorAt, type Path, type Report } from '../../config/problem.js';

/** Where an HTTP server is. */
export interface HttpTarget {
  readonly url: string;
  readonly socketPath: string | undefined;
}

/**
 * Reads a URL of `http:` or `https:`, or `unix:///path/of/socket#/path/of/endpoint`, which is HTTP over that socket; the
 * endpoint is `/mcp` where it is left out. Messages hold nothing of the URL: it may carry secrets.
 */
export function readServerUrl(url: string, path: Path, report: Report): HttpTarget | undefined {
  if (/^unix:/i.test(url)) return readUnixUrl(url, path, report);
  let isWrong = false;
  checkUrl(url, path, (problem) => {
    isWrong = true;
    report(problem);
  });
  return isWrong ? undefined : { url, socketPath: undefined };
}

const unixForm = 'unix:///path/of/socket, or unix:///path/of/socket#/path/of/endpoint';

function readUnixUrl(url: string, path: Path, report: Report): HttpTarget | undefined {
  const socketPath = decoded(/^unix:\/\/(\/[^#?]*[^#?/])(?:#|$)/i.exec(url)?.[1] ?? '');
  const endpoint = /#(.*)$/s.exec(url)?.[1] ?? '/mcp';
  const parsed = endpoint.startsWith('/') && !/[\s\\\p{Cc}]/u.test(endpoint) ? `http://localhost${endpoint}` : '';
  if (socketPath === '' || socketPath.includes('\0') || !URL.canParse(parsed)) {
    report(errorAt(path, `expected ${unixForm}`));
    return undefined;
  }
  return { url: parsed, socketPath };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/**
 * Whether a URL without a `type` means the older transport of two endpoints: one of its path's segments is `sse`, and no
 * credential is sent.
 */
export function looksLikeSse(url: string, headers: Readonly<Record<string, string>>): boolean {
  const hasCredential = Object.keys(headers).some((name) => name.toLowerCase() === 'authorization');
  return !hasCredential && URL.canParse(url) && new URL(url).pathname.split('/').includes('sse');
}
