import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { repository } from '../fixtures/manager/managers.js';
import { cli } from '../fixtures/processes/processes.js';

const fixture = fileURLToPath(new URL('../fixtures/servers/conformance-server.mjs', import.meta.url));

/** A process that says where it can be reached. */
export interface Served extends AsyncDisposable {
  readonly url: string;
}

/** The counterpart of the suite, over HTTP. */
export function serveFixture(): Promise<Served> {
  return started([fixture, 'http'], /^(http:\S+)$/);
}

/** The entry of the fixture in a servers file, as a process of its own. */
export const fixtureOverStdio = { command: process.execPath, args: [fixture] };

/** A gateway over HTTP that offers all that the servers have, under their names where there is one server. */
export async function serveGateway(servers: Readonly<Record<string, object>>): Promise<Served> {
  const folder = await mkdtemp(path.join(tmpdir(), 'conformance-gateway-'));
  const file = path.join(folder, 'servers.json');
  await writeFile(file, JSON.stringify({ mcpServers: servers }));
  const gateway = await started(gatewayArgs(file, 'http'), /the gateway serves agents on (http:\S+?)"/);
  return {
    url: gateway.url,
    [Symbol.asyncDispose]: async () => {
      await gateway[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
}

/** What Node is started with for a gateway. */
export function gatewayArgs(file: string, transport: 'stdio' | 'http'): string[] {
  const port = transport === 'http' ? ['--port', '0'] : [];
  return [cli, 'serve', '--servers', file, '--face', 'transparent', '--transport', transport, ...port];
}

/** Starts a process of Node's, and reads where it listens from what it says. */
async function started(args: readonly string[], pattern: RegExp): Promise<Served> {
  const child = spawn(process.execPath, args, {
    cwd: repository,
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const url = await urlIn(child, pattern);
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'close');
    },
  };
}

async function urlIn(child: ChildProcess, pattern: RegExp): Promise<string> {
  const said: string[] = [];
  const found = [child.stdout, child.stderr].map(
    (stream) =>
      new Promise<string | undefined>((resolve) => {
        if (stream === null) return resolve(undefined);
        createInterface({ input: stream }).on('line', (line) => {
          said.push(line);
          const [, url] = pattern.exec(line) ?? [];
          if (url !== undefined) resolve(url);
        });
      }),
  );
  const url = await Promise.race([...found, once(child, 'close').then(() => undefined)]);
  if (url === undefined) throw new Error(`It ended at once:\n${said.join('\n')}`);
  return url;
}
