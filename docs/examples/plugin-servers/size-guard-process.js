import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const cli = fileURLToPath(new URL('../../../dist/src/cli/main.js', import.meta.url));
const config = fileURLToPath(new URL('servers/size-guard.yaml', import.meta.url));

/**
 * Starts SizeGuard's plugin server over HTTP and waits until it answers.
 *
 * @param {number} port
 */
export async function startSizeGuard(port) {
  const args = [cli, 'plugin-server', '--transport', 'http', '--port', String(port), '--config', config];
  const child = spawn(process.execPath, args, { stdio: 'ignore' });
  const exited = once(child, 'exit');
  while (!(await isHealthy(port))) {
    if (child.exitCode !== null) throw new Error(`the plugin server ended with exit code ${child.exitCode}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** @param {number} port */
async function isHealthy(port) {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/health`);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** A port that nothing listens on. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}
