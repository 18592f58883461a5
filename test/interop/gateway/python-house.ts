import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { repository } from '../../fixtures/manager/managers.js';
import { cli, freePort } from '../../fixtures/processes/processes.js';
import { until } from '../../fixtures/waiting.js';

const run = promisify(execFile);
const notes = fileURLToPath(new URL('notes_server.py', import.meta.url));

/** Interpreters with a FastMCP of one generation and of the next. */
export interface Pythons {
  readonly older: string;
  readonly newer: string;
}

/** A process that is started, and with what. */
export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export type Face = 'on-demand' | 'transparent';

/** A gateway over HTTP. */
export interface HttpGateway {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  /** @returns the exit code */
  close(): Promise<number | null>;
}

/** Servers in Python, and gateways in front of them. */
export interface PythonHouse extends AsyncDisposable {
  /** The only commit in it says "the first commit". */
  readonly gitRepository: string;
  /** What starts a gateway over stdio. */
  overStdio(face: Face): Command;
  overHttp(face: Face): Promise<HttpGateway>;
}

/**
 * Four FastMCP servers, two over stdio and two over HTTP, the servers of the protocol's authors for git and time, and one
 * that fails when it is started.
 */
export async function openPythonHouse({ older, newer }: Pythons): Promise<PythonHouse> {
  const folder = await mkdtemp(path.join(tmpdir(), 'python-house-'));
  const gitRepository = path.join(folder, 'repository');
  await makeRepository(gitRepository);
  const opened: { close(): Promise<unknown> }[] = [];
  const overHttp = async (python: string, scheme: string): Promise<object> => {
    const port = await freePort();
    const server = started({ command: python, args: [notes, scheme, String(port)], env: environment });
    opened.push(server);
    const url = `http://127.0.0.1:${port}/mcp`;
    await until(`the server of ${scheme}`, async () => (await fetch(url).catch(() => undefined)) !== undefined);
    return { transport: 'http', url };
  };
  const close = async (): Promise<void> => {
    await Promise.all(opened.map((one) => one.close()));
    await rm(folder, { recursive: true });
  };
  const [olderHttp, newerHttp] = await Promise.all([
    overHttp(older, 'older-http'),
    overHttp(newer, 'newer-http'),
  ]).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  const servers = {
    older: { command: older, args: [notes, 'older'] },
    newer: { command: newer, args: [notes, 'newer'] },
    'older-http': olderHttp,
    'newer-http': newerHttp,
    git: { command: newer, args: ['-m', 'mcp_server_git', '--repository', gitRepository] },
    time: { command: newer, args: ['-m', 'mcp_server_time', '--local-timezone', 'UTC'] },
    sqlite: {
      command: path.join(path.dirname(newer), 'mcp-server-sqlite'),
      args: ['--db-path', path.join(folder, 'data.db')],
    },
  };
  const file = path.join(folder, 'servers.json');
  await writeFile(file, JSON.stringify({ mcpServers: servers }));
  const gateway = (face: Face, ...args: string[]): Command => ({
    command: process.execPath,
    args: [cli, 'serve', '--servers', file, '--face', face, ...(face === 'on-demand' ? ['--debug'] : []), ...args],
    env: { ...environment, GATEWAY_AUDIT_LOG: path.join(folder, 'audit.jsonl') },
  });
  return {
    gitRepository,
    overStdio: (face) => gateway(face),
    async overHttp(face) {
      const token = 'a-token-that-only-the-tests-know-of';
      const { env, ...rest } = gateway(face, '--transport', 'http', '--port', '0');
      const server = started({ ...rest, env: { ...env, GATECHART_TOKEN: token } });
      opened.push(server);
      const url = await server.said(/the gateway serves agents on (http:\S+?)"/);
      return { url, token, pid: server.child.pid ?? 0, close: () => server.close() };
    },
    [Symbol.asyncDispose]: close,
  };
}

const environment = { PATH: process.env['PATH'] ?? '' };

async function makeRepository(folder: string): Promise<void> {
  const committer = ['-c', 'user.name=notes', '-c', 'user.email=notes@example.org', '-c', 'commit.gpgsign=false'];
  await run('git', ['init', '--quiet', '--initial-branch', 'main', folder]);
  await writeFile(path.join(folder, 'note.txt'), 'buy milk\n');
  await run('git', ['add', 'note.txt'], { cwd: folder });
  await run('git', [...committer, 'commit', '--quiet', '--message', 'the first commit'], { cwd: folder });
}

interface Started {
  readonly child: ChildProcess;
  /** What it says first that matches: what is captured of it. */
  said(pattern: RegExp): Promise<string>;
  close(): Promise<number | null>;
}

function started({ command, args, env }: Command): Started {
  const child = spawn(command, args, { cwd: repository, env, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'close');
  const lines: string[] = [];
  const output = createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
  return {
    child,
    said: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (line: string): void => {
          const [, found] = pattern.exec(line) ?? [];
          if (found !== undefined) resolve(found);
        };
        lines.forEach(look);
        output.on('line', look);
        void ended.then(() => reject(new Error(`It ended at once:\n${lines.join('\n')}`)));
      }),
    async close() {
      child.kill('SIGTERM');
      await ended;
      return child.exitCode;
    },
  };
}
