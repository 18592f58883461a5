import { errorAt, type Path, type Report } from '../problem.js';

/** The rules of a URL that a client connects to. */
export function checkUrl(url: unknown, path: Path, report: Report): void {
  if (typeof url !== 'string' || url === '') return;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const oddity = oddityOf(url, parsed);
  if (oddity !== undefined) report(errorAt(path, oddity));
  if (parsed !== undefined && (parsed.username !== '' || parsed.password !== '')) {
    report(errorAt(path, 'a URL must not contain credentials; give them to the server another way'));
  } else if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol)) {
    report(
      errorAt(
        path,
        `expected a URL that starts with http:// or https://, found ${parsed ? 'another scheme' : 'something else'}`,
      ),
    );
  }
}

/** Characters of a URL or an address. */
export const longestUrl = 2048;
const script = /(?:javascript|vbscript|data|about|chrome|file|ftp|mailto):|["'`=]on[a-z]+=/i;

/** What no server's URL has: what scanners and people write who want something else to happen. As ContextForge has it. */
function oddityOf(url: string, parsed: URL | undefined): string | undefined {
  if (url.length > longestUrl) return `expected a URL of at most ${longestUrl} characters, found ${url.length}`;
  // Parsers drop or change these, each in its own way. A space is left to the query, where people write it.
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\\]/u.test(url) || /\s/.test(url.split('?', 1)[0] ?? '')) {
    return 'a URL must not contain spaces, control characters or backslashes';
  }
  if (parsed === undefined || !['http:', 'https:'].includes(parsed.protocol)) return undefined;
  const afterHost = url.replace(/^https?:\/*[^/?#]*/i, '');
  const decoded = afterHost.replace(/%([0-7][0-9a-f])/gi, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
  if (/[<>]/.test(url) || /[<>]/.test(decoded)) return 'a URL must not contain markup';
  if (/\p{Cc}/u.test(decoded)) return 'a URL must not contain control characters, encoded ones included';
  if (script.test(afterHost) || script.test(decoded))
    return 'a URL must not contain scripts or other URLs that run as one';
  if (parsed.port === '0') return 'expected a port from 1 to 65535, found 0';
  // The parser has written all forms of these addresses as one.
  if (/^(?:0\.\d+\.\d+\.\d+\.?|\[::(?:ffff:0:[\da-f]+)?\])$/.test(parsed.hostname)) {
    return 'the unspecified address is nowhere to connect to; name the host, or 127.0.0.1 for this machine';
  }
  return undefined;
}
