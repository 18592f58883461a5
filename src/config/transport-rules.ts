import { dirname, extname, isAbsolute, resolve } from 'node:path';
import { expandHome, isDirectory, isExecutable, isFile, isOpenToAll, type Places, resolveExisting } from './places.js';
import { asMap, errorAt, isGiven, type Path, type Report, warningAt, type Written } from './problem.js';

const stdioKeys = ['script', 'cmd', 'env', 'cwd'] as const;

/** What holds between the keys of an `mcp` section. Wrong types are the schema's business and skipped here. */
export function checkMcp(mcp: Written, path: Path, disabled: boolean, places: Places, report: Report): void {
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
    checkProcess(mcp, path, places, report);
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
  checkClientTls(mcp.tls, [...path, 'tls'], places, report);
}

function checkProcess(mcp: Written, path: Path, places: Places, report: Report): void {
  const { script, cwd, cmd } = mcp;
  if (Array.isArray(cmd) && cmd.length === 0) {
    report(errorAt([...path, 'cmd'], 'expected the command and its arguments, found an empty list'));
  }
  const givenDirectory = typeof cwd === 'string' && cwd !== '' ? resolveExisting(cwd, places) : undefined;
  const workingDirectory = givenDirectory ?? places.cwd;
  if (givenDirectory !== undefined && !isDirectory(givenDirectory)) {
    report(errorAt([...path, 'cwd'], (found) => `expected a directory that exists, found ${found}`));
  }
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

function checkUrl(url: unknown, path: Path, report: Report): void {
  if (typeof url !== 'string' || url === '') return;
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
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

export function checkGrpc(grpc: Written, path: Path, places: Places, report: Report): void {
  const { target, uds } = grpc;
  if (isGiven(target) && isGiven(uds)) {
    report(errorAt([...path, 'uds'], 'give either `target` or `uds`, not both', 'key'));
  } else if (!isGiven(target) && !isGiven(uds)) {
    report(errorAt(path, 'give `target` (host:port) or `uds`; there is neither'));
  }
  if (typeof target === 'string' && target !== '' && !/^.+:\d{1,5}$/.test(target)) {
    report(errorAt([...path, 'target'], (found) => `expected host:port, found ${found}`));
  }
  if (isGiven(uds)) checkUds(grpc, path, report);
  checkClientTls(grpc.tls, [...path, 'tls'], places, report);
}

export function checkUnixSocket(section: Written, path: Path, report: Report): void {
  const { path: socket } = section;
  if (typeof socket === 'string' && !isAbsolute(socket)) {
    report(errorAt([...path, 'path'], (found) => `expected an absolute path, found ${found}`));
  }
}

function checkClientTls(value: unknown, path: Path, places: Places, report: Report): void {
  const tls = asMap(value);
  if (isGiven(tls.keyfile) && !isGiven(tls.certfile)) {
    report(errorAt([...path, 'keyfile'], '`keyfile` needs a `certfile`, and there is none', 'key'));
  }
  checkTlsFiles(tls, path, places, report);
}

export function checkServerTls(value: unknown, path: Path, places: Places, report: Report): void {
  if (!isGiven(value)) return;
  const tls = asMap(value);
  for (const key of ['certfile', 'keyfile']) {
    if (!isGiven(tls[key]))
      report(errorAt(path, `a server's \`tls\` needs \`certfile\` and \`keyfile\`; \`${key}\` is missing`));
  }
  checkTlsFiles(tls, path, places, report);
}

function checkTlsFiles(tls: Written, path: Path, places: Places, report: Report): void {
  for (const key of ['certfile', 'keyfile', 'ca_bundle']) {
    const file = tls[key];
    if (typeof file === 'string' && file !== '' && !isFile(resolveExisting(file, places))) {
      report(errorAt([...path, key], (found) => `expected a PEM file that exists, found ${found}`));
    }
  }
}
