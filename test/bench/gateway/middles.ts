import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, listening } from '../plugin-servers.js';
import { type Caller, httpCaller, stdioCaller } from './callers.js';
import { cpuMicroseconds, startApart } from '../processes.js';

const cli = fileURLToPath(new URL('../../../dist/src/cli/main.js', import.meta.url));

/** The server at the end of every row. */
export const endServer = fileURLToPath(new URL('../server/mcp-end.js', import.meta.url));

/** A client with something between it and its server. */
export interface Middle extends Caller {
  /** What the middle has had of the processor so far. */
  cpuMicroseconds(): number;
}

/** Paths. */
export interface BenchFiles {
  readonly folder: string;
  readonly servers: string;
  readonly rules: string;
}

/** A server entry for {@link endServer} as a process of the gateway's own. */
export const endEntry = { command: process.execPath, args: [endServer, 'stdio'] };

/** Runs with a servers file, and with rules that let one agent do all, in a folder that goes again. */
export async function withFiles(entry: object, run: (files: BenchFiles) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gc-bench-'));
  const files = { folder, servers: join(folder, 'servers.json'), rules: join(folder, 'rules.json') };
  writeFileSync(files.servers, JSON.stringify({ mcpServers: { end: entry } }));
  const rules = { agents: { bench: { allow: { servers: ['*'] } } }, defaults: { deny_on_missing_agent: true } };
  writeFileSync(files.rules, JSON.stringify(rules));
  try {
    await run(files);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** `gatechart serve` over stdio. */
export function stdioGateway(...args: string[]): Promise<Middle> {
  return stdioCaller(process.execPath, [cli, 'serve', ...args], quiet());
}

/** `gatechart serve` over HTTP. */
export function httpGateway(...args: string[]): Promise<Middle> {
  return httpMiddle((port) => [cli, 'serve', '--transport', 'http', '--port', String(port), ...args]);
}

/** A process that listens for HTTP on the port that it is told. */
export async function httpMiddle(argsFor: (port: number) => string[]): Promise<Middle> {
  const port = await freePort();
  // The SDK's transport piles listeners up on one signal, and Node would warn of each.
  const child = startApart(process.execPath, ['--no-warnings', ...argsFor(port)], quiet());
  await listening({ port });
  const caller = await httpCaller(port);
  return {
    ask: (question) => caller.ask(question),
    cpuMicroseconds: () => cpuMicroseconds(child),
    async close() {
      await caller.close();
      child.kill('SIGKILL');
    },
  };
}

function quiet(): NodeJS.ProcessEnv {
  return { ...process.env, PLUGINS_LOG_LEVEL: 'ERROR' };
}
