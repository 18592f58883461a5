import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('notes-server.js', import.meta.url));

/**
 * Starts the notes server and waits until it listens.
 *
 * @param {number} port
 */
export async function startNotes(port) {
  const child = fork(script, [String(port)], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const exited = once(child, 'exit');
  const [heard] = await Promise.race([once(child, 'message'), exited]);
  if (heard !== 'listening') throw new Error(`the notes server ended with exit code ${heard}`);
  return {
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
  };
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
