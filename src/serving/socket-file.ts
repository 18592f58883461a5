import { lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { folderTrouble } from '../config/source/unwritable-file.js';
import { GatechartError, messageOf } from '../errors.js';

/** Bytes a socket's path may have on Linux; longer ones are cut off silently by some systems. */
const longestPath = 107;

/**
 * Makes sure that a server can listen at a path: removes a socket that nobody listens on any more.
 *
 * @throws GatechartError SERVER_START_FAILED if somebody listens there, or something else than a socket is there
 */
export async function clearSocketPath(path: string): Promise<void> {
  if (Buffer.byteLength(path) > longestPath) {
    throw refusal(
      path,
      `the path has ${Buffer.byteLength(path)} bytes, at most ${longestPath} are possible; use a shorter one`,
    );
  }
  const found = await lstat(path).catch((error: NodeJS.ErrnoException) => {
    // To listen in a folder that is not there would be told as a permission that is denied.
    const trouble = folderTrouble(dirname(path));
    if (trouble !== undefined) throw refusal(path, `${trouble}; make it, or use another path`);
    if (error.code === 'ENOENT') return undefined;
    throw refusal(path, messageOf(error));
  });
  if (found === undefined) return;
  if (!found.isSocket()) throw refusal(path, 'there is something else than a socket; remove it or use another path');
  if (await isListening(path)) throw refusal(path, 'another server listens there; stop it or use another path');
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw refusal(path, `the stale socket cannot be removed: ${messageOf(error)}`);
  });
}

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Only a refusal says that nobody is there; a full backlog, for one, says the opposite.
    socket.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code !== 'ECONNREFUSED' && error.code !== 'ENOENT'),
    );
  });
}

function refusal(path: string, reason: string): GatechartError {
  return new GatechartError('SERVER_START_FAILED', `Unix socket ${path}: ${reason}`);
}
