import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createManager, type PluginManager, silentLogger } from 'gatechart';

const cli = fileURLToPath(new URL('../../dist/src/cli/main.js', import.meta.url));
const config = fileURLToPath(new URL('server/plugins.yaml', import.meta.url));
const echo = fileURLToPath(new URL('server/echo.js', import.meta.url));

/** `gatechart plugin-server` with a plugin that does nothing. */
export function servePlugins(...args: string[]): ChildProcess {
  return spawn(process.execPath, [cli, 'plugin-server', '--config', config, ...args], { stdio: 'ignore' });
}

/** A process that only sends back what it gets. */
export function serveEcho(...args: string[]): ChildProcess {
  return spawn(process.execPath, [echo, ...args], { stdio: 'ignore' });
}

export function managerFor(section: object): Promise<PluginManager> {
  const plugins = [{ name: 'Nothing', kind: 'external', ...section }];
  return createManager({ config: { plugins }, logger: silentLogger, env: process.env });
}

/** Settles when somebody listens there. */
export async function listening(where: { path: string } | { port: number }): Promise<void> {
  for (;;) {
    const socket = connect({ ...where, ...('port' in where && { host: '127.0.0.1' }) });
    const reached = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (reached) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
