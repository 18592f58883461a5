import { dirname, extname, isAbsolute, resolve } from 'node:path';
import { isDirectory, isExecutable, isFile, isOpenToAll } from '../source/file-kinds.js';
import { expandHome, type PathBase, resolveExisting } from '../source/path-base.js';
import { errorAt, type Path, type Report, warningAt } from '../problem.js';
import { asRecord, isGiven, type Written } from '../written.js';
import { isRecord } from '../../json/records.js';

const stdioKeys = ['script', 'cmd', 'env', 'cwd'] as const;

/** What holds between the keys of an `mcp` section. Wrong types are the schema's business and skipped here. */
export function checkMcp(mcp: Written, path: Path, disabled: boolean, base: PathBase, report: Report): void {
  const { proto } = mcp;
  if (proto === 'STDIO') {
    if (isGiven(mcp.url)) {
      report(
        errorAt(
          [...path, 'url'],
          'STDIO takes no `url`; give `script` or `cmd`, or set `proto: STREAMABLEHTTP`',
          'key',
        ),
      );
    }
    if (isGiven(mcp.script) && isGiven(mcp.cmd)) {
      report(errorAt([...path, 'cmd'], 'STDIO takes either `script` or `cmd`, not both; remove one', 'key'));
    } else if (!isGiven(mcp.script) && !isGiven(mcp.cmd)) {
      report(errorAt(path, 'STDIO needs `script` or `cmd`, and there is neither'));
    }
    if (isGiven(mcp.tls)) report(errorAt([...path, 'tls'], '`tls` is for STREAMABLEHTTP; remove it for STDIO', 'key'));
    checkProcess(mcp, path, base, report);
  }
  if (proto === 'STREAMABLEHTTP' || proto === 'SSE') {
    if (!isGiven(mcp.url)) report(errorAt(path, `${proto} needs a \`url\`, and there is none`));
    for (const key of stdioKeys) {
      if (isGiven(mcp[key])) report(errorAt([...path, key], `\`${key}\` is for STDIO; remove it for ${proto}`, 'key'));
    }
  }
  if (proto === 'SSE') {
    const message = 'SSE is not supported; use `proto: STREAMABLEHTTP` with the Streamable HTTP address of the server';
    report(disabled ? warningAt([...path, 'proto'], message) : errorAt([...path, 'proto'], message));
  }
  if (isGiven(mcp.uds)) {
    if (proto === 'STDIO' || proto === 'SSE') {
      report(errorAt([...path, 'uds'], `\`uds\` is for STREAMABLEHTTP; remove it for ${proto}`, 'key'));
    }
    checkUds(mcp, path, report);
  }
  checkUrl(mcp.url, [...path, 'url'], report);
  checkClientTls(mcp.tls, [...path, 'tls'], base, report);
}

function checkProcess(mcp: Written, path: Path, base: PathBase, report: Report): void {
  const { script, cwd, cmd } = mcp;
  if (Array.isArray(cmd) && cmd.length === 0) {
    report(errorAt([...path, 'cmd'], 'expected the command and its arguments, found an empty list'));
  }
  const givenDirectory = typeof cwd === 'string' && cwd !== '' ? resolveExisting(cwd, base) : undefined;
  const workingDirectory = givenDirectory ?? base.cwd;
  if (givenDirectory !== undefined && !isDirectory(givenDirectory)) {
    report(errorAt([...path, 'cwd'], (found) => `expected a directory that exists, found ${found}`));
  }
  checkVariables(mcp.env, [...path, 'env'], report);
  if (typeof script !== 'string' || script === '') return;
  const file = resolve(workingDirectory, expandHome(script));
  if (!isFile(file)) {
    // Where a relative script is looked up may differ where the file is used; an absolute one will not appear.
    const message = (found: string): string => `expected a script that exists, found ${found}`;
    const problem = errorAt([...path, 'script'], message);
    report(isAbsolute(expandHome(script)) ? problem : { ...problem, severity: 'warning' });
  } else if (!['.py', '.sh'].includes(extname(file)) && !isExecutable(file)) {
    report(
      errorAt([...path, 'script'], (found) => `expected a .py or .sh script or an executable file, found ${found}`),
    );
  }
}

/** An empty map is what is left where variables were meant; leaving `env` out says that none are. */
function checkVariables(env: unknown, path: Path, report: Report): void {
  if (!isRecord(env)) return;
  const names = Object.keys(env);
  if (names.length === 0) report(errorAt(path, 'expected at least one variable, found an empty map; leave `env` out'));
  for (const name of names) {
    // The last two characters end names and values for the system.
    if (name.trim() === '' || /[=\0]/.test(name)) {
      report(errorAt([...path, name], 'expected the name of a variable, without `=`', 'key'));
    }
    const value = env[name];
    if (typeof value === 'string' && value.includes('\0')) {
      report(errorAt([...path, name], 'a variable must not contain null characters'));
    }
  }
}

function checkUrl(url: unknown, path: Path, report: Report): void {
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

const longestUrl = 2048;
const script = /(?:javascript|vbscript|data|about|chrome|file|ftp|mailto):|["'`=]on[a-z]+=/i;

/** What no server's URL has: what scanners and people write who want something else to happen. As in the reference. */
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

/** The rules of a socket path, and that TLS is not asked for on one. */
export function checkUds(section: Written, path: Path, report: Report): void {
  if (isGiven(section.tls)) {
    report(errorAt([...path, 'tls'], 'a Unix socket takes no `tls`; remove `tls` or `uds`', 'key'));
  }
  checkSocketPath(section.uds, [...path, 'uds'], report);
}

function checkSocketPath(value: unknown, path: Path, report: Report): void {
  if (typeof value !== 'string' || value === '') return;
  const expanded = expandHome(value);
  const folder = dirname(expanded);
  if (!isAbsolute(expanded)) {
    report(errorAt(path, (found) => `expected an absolute path, found ${found}`));
  } else if (!isDirectory(folder)) {
    report(errorAt(path, (found) => `expected a path in a directory that exists, found ${found}`));
  } else if (isOpenToAll(folder)) {
    report(
      warningAt(
        path,
        'everyone may write to the directory of this socket and could replace it; use a directory of mode 0700',
      ),
    );
  }
}

export function checkGrpc(grpc: Written, path: Path, base: PathBase, report: Report): void {
  const { target, uds } = grpc;
  if (isGiven(target) && isGiven(uds)) {
    report(errorAt([...path, 'uds'], 'give either `target` or `uds`, not both', 'key'));
  } else if (!isGiven(target) && !isGiven(uds)) {
    report(errorAt(path, 'give `target` (host:port) or `uds`; there is neither'));
  }
  if (typeof target === 'string' && target !== '' && !isTarget(target)) {
    report(errorAt([...path, 'target'], (found) => `expected host:port, found ${found}`));
  }
  if (isGiven(uds)) checkUds(grpc, path, report);
  checkClientTls(grpc.tls, [...path, 'tls'], base, report);
}

function isTarget(target: string): boolean {
  const port = /^[^\s\p{Cc}\\<>@]+:(\d{1,5})$/u.exec(target)?.[1];
  return port !== undefined && Number(port) >= 1 && Number(port) <= 65_535 && target.length <= longestUrl;
}

export function checkUnixSocket(section: Written, path: Path, report: Report): void {
  const { path: socket } = section;
  if (typeof socket === 'string' && !isAbsolute(socket)) {
    report(errorAt([...path, 'path'], (found) => `expected an absolute path, found ${found}`));
  }
}

function checkClientTls(value: unknown, path: Path, base: PathBase, report: Report): void {
  const tls = asRecord(value);
  if (isGiven(tls.keyfile) && !isGiven(tls.certfile)) {
    report(errorAt([...path, 'keyfile'], '`keyfile` needs a `certfile`, and there is none', 'key'));
  }
  checkTlsFiles(tls, path, base, report);
}

export function checkServerTls(value: unknown, path: Path, base: PathBase, report: Report): void {
  if (!isGiven(value)) return;
  const tls = asRecord(value);
  for (const key of ['certfile', 'keyfile']) {
    if (!isGiven(tls[key]))
      report(errorAt(path, `a server's \`tls\` needs \`certfile\` and \`keyfile\`; \`${key}\` is missing`));
  }
  checkTlsFiles(tls, path, base, report);
}

function checkTlsFiles(tls: Written, path: Path, base: PathBase, report: Report): void {
  for (const key of ['certfile', 'keyfile', 'ca_bundle']) {
    const file = tls[key];
    if (typeof file === 'string' && file !== '' && !isFile(resolveExisting(file, base))) {
      report(errorAt([...path, key], (found) => `expected a PEM file that exists, found ${found}`));
    }
  }
}
