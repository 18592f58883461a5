import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createManager, type PluginManager, silentLogger } from 'gatechart';
import { apart } from './processes.js';

const cli = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const config = fileURLToPath(new URL('server/plugins.yaml', import.meta.url));
const hooks = ['tool_pre_invoke'];
const echo = fileURLToPath(new URL('server/echo.js', import.meta.url));

/** `gatechart plugin-server` with the plugins of `server/plugins.yaml`, on a core that the benchmark is not on. */
export function servePlugins(...args: string[]): ChildProcess {
  return spawn(...apart(process.execPath, [cli, 'plugin-server', '--config', config, ...args]), { stdio: 'ignore' });
}

/** The same with so many such plugins, `nothing-0` and on, whose configuration is put into a folder. */
export function serveNothings(folder: string, count: number, ...args: string[]): ChildProcess {
  const file = join(folder, 'served.yaml');
  const kind = './nothing.js#Nothing';
  const plugins = Array.from({ length: count }, (_, index) => ({ name: `nothing-${index}`, kind, hooks }));
  writeFileSync(file, JSON.stringify({ plugin_dirs: [fileURLToPath(new URL('server', import.meta.url))], plugins }));
  return spawn(...apart(process.execPath, [cli, 'plugin-server', '--config', file, ...args]), { stdio: 'ignore' });
}

/** A process that only sends back what it gets, on the same core as plugins. */
export function serveEcho(...args: string[]): ChildProcess {
  return spawn(...apart(process.execPath, [echo, ...args]), { stdio: 'ignore' });
}

/** @param name of the plugin: one of `server/plugins.yaml` */
export function managerFor(section: object, name = 'Nothing'): Promise<PluginManager> {
  const plugins = [{ name, kind: 'external', ...section }];
  return createManager({ config: { plugins }, logger: silentLogger, env: process.env });
}

/** Settles when somebody listens there; rejects if nobody does for a minute. */
export async function listening(where: { path: string } | { port: number }): Promise<void> {
  for (const until = performance.now() + 60_000; performance.now() < until; ) {
    const socket = connect({ ...where, ...('port' in where && { host: '127.0.0.1' }) });
    const reached = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (reached) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nobody listens at ${JSON.stringify(where)}`);
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
