import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Certificates } from '../fixtures/certificates.js';
import { cli, freePort } from '../fixtures/processes/processes.js';
import type { Json } from './host.js';
import { pythonPath } from './python-path.js';

/** The two implementations. */
export type Side = 'ours' | 'theirs';

/** A plugin server that is there to be called. */
export interface Server {
  /** The section of an external plugin's configuration that says how to reach it: `{ mcp: … }`. */
  readonly section: Json;
  /** Ends it without notice; over stdio its hosts start it, so there is nothing to end. */
  kill(): Promise<void>;
  /** Starts it again where it was. */
  start(): Promise<void>;
}

/** What starting a server needs. */
export interface Bench {
  readonly python: string;
  /** For sockets; removed by who made it. */
  readonly folder: string;
  readonly certificates: Certificates;
}

export const transports = ['stdio', 'http', 'https', 'http-uds', 'unix', 'grpc', 'grpc-tls', 'grpc-uds'] as const;
export type TransportName = (typeof transports)[number];

const runtimes = {
  mcp: 'cpex.framework.external.mcp.server.runtime',
  https: 'https_server',
  unix: 'cpex.framework.external.unix.server.runtime',
  grpc: 'cpex.framework.external.grpc.server.runtime',
};

/** Both implementations take the same environment; only the commands differ. */
interface Command {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: Record<string, string>;
  /** Where it is started, if that matters. */
  readonly cwd?: string | undefined;
}

function commandOf(side: Side, bench: Bench, config: string, family: keyof typeof runtimes, ours: string): Command {
  const env = { PLUGINS_CONFIG_PATH: config, PLUGINS_LOG_LEVEL: 'ERROR' };
  if (side === 'ours')
    return { program: process.execPath, args: [cli, 'plugin-server', '--config', config, '--transport', ours], env };
  return { program: bench.python, args: ['-m', runtimes[family]], env: { ...env, PYTHONPATH: pythonPath } };
}

/**
 * A plugin server of one side over one transport, started.
 *
 * @param cwd where it is started, if that matters: the path of its configuration is seen from there
 */
export async function startServer(
  side: Side,
  name: TransportName,
  bench: Bench,
  config: string,
  cwd?: string,
): Promise<Server> {
  const socket = join(bench.folder, `${side}-${name}.sock`);
  const { ca, client, server } = bench.certificates;
  const port = await freePort();
  const clientTls = { ca_bundle: ca.certfile, certfile: client.certfile, keyfile: client.keyfile };
  const serverTls = (prefix: string) => ({
    [`${prefix}_SSL_ENABLED`]: 'true',
    [`${prefix}_SSL_CERTFILE`]: server.certfile,
    [`${prefix}_SSL_KEYFILE`]: server.keyfile,
    [`${prefix}_SSL_CA_CERTS`]: ca.certfile,
  });
  const command = (family: keyof typeof runtimes, ours: string): Command => ({
    ...commandOf(side, bench, config, family, ours),
    cwd,
  });
  const mcp = (ours: string, env: Record<string, string>, family: 'mcp' | 'https' = 'mcp') =>
    withEnv(command(family, ours), { PLUGINS_TRANSPORT: ours, ...env });
  const grpc = (env: Record<string, string>) => withEnv(command('grpc', 'grpc'), env);
  const http = { proto: 'STREAMABLEHTTP', reconnect_delay: 0.2 };
  switch (name) {
    case 'stdio': {
      const { program, args, env } = mcp('stdio', {});
      const section = { mcp: { proto: 'STDIO', cmd: [program, ...args], env, cwd, reconnect_delay: 0.05 } };
      return { section, kill: async () => {}, start: async () => {} };
    }
    case 'http':
      return startProcess(mcp('http', { PLUGINS_SERVER_PORT: String(port) }), port, {
        mcp: { ...http, url: `http://127.0.0.1:${port}/mcp` },
      });
    case 'https':
      return startProcess(
        mcp(
          'http',
          {
            PLUGINS_SERVER_PORT: String(port),
            PLUGINS_SERVER_SSL_CERT_REQS: '2',
            ...serverTls('PLUGINS_SERVER'),
          },
          'https',
        ),
        port,
        { mcp: { ...http, url: `https://localhost:${port}/mcp`, tls: clientTls } },
      );
    case 'http-uds':
      return startProcess(mcp('http', { PLUGINS_SERVER_UDS: socket }), socket, {
        mcp: { ...http, url: 'http://localhost/mcp', uds: socket },
      });
    case 'unix':
      return startProcess(withEnv(command('unix', 'unix'), { PLUGINS_UNIX_SOCKET_PATH: socket }), socket, {
        unix_socket: { path: socket, reconnect_delay: 0.2 },
      });
    case 'grpc':
      return startProcess(grpc({ PLUGINS_GRPC_SERVER_PORT: String(port) }), port, {
        grpc: { target: `127.0.0.1:${port}` },
      });
    case 'grpc-tls':
      return startProcess(
        grpc({
          PLUGINS_GRPC_SERVER_PORT: String(port),
          PLUGINS_GRPC_SERVER_SSL_CLIENT_AUTH: 'require',
          ...serverTls('PLUGINS_GRPC_SERVER'),
        }),
        port,
        { grpc: { target: `localhost:${port}`, tls: clientTls } },
      );
    case 'grpc-uds':
      return startProcess(grpc({ PLUGINS_GRPC_SERVER_UDS: socket }), socket, { grpc: { uds: socket } });
  }
}

function withEnv(command: Command, env: Record<string, string>): Command {
  return { ...command, env: { ...command.env, ...env } };
}

/** Every server that was started and may still run. */
const running = new Set<ChildProcess>();

/** Ends all servers; for after the tests. */
export async function endServers(): Promise<void> {
  await Promise.all([...running].map(end));
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
  running.delete(child);
}

async function startProcess(command: Command, address: number | string, section: Json): Promise<Server> {
  let child: ChildProcess | undefined;
  const start = async (): Promise<void> => {
    const started = spawn(command.program, command.args, {
      env: { PATH: process.env['PATH'], ...command.env },
      cwd: command.cwd,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child = started;
    running.add(started);
    let stderr = '';
    started.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr = (stderr + text).slice(-4000);
    });
    const deadline = performance.now() + 60_000;
    while (!(await answers(address))) {
      const gone = started.exitCode !== null || started.signalCode !== null;
      if (gone || performance.now() > deadline)
        throw new Error(`${command.args.join(' ')} ${gone ? 'ended' : 'does not listen'}: ${stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await start();
  return {
    section,
    start,
    async kill() {
      if (child !== undefined) await end(child);
    },
  };
}

function answers(address: number | string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = typeof address === 'number' ? connect(address, '127.0.0.1') : connect(address);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
