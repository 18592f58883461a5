import { chmod } from 'node:fs/promises';
import type { Server } from 'node:net';
import { isMainThread } from 'node:worker_threads';
import { GatechartError, messageOf } from '../errors.js';
import { clearSocketPath } from './socket-file.js';

/**
 * Listens on a Unix socket that only this user can open, in place of one that nobody listens on any more.
 *
 * @throws GatechartError SERVER_START_FAILED
 */
export async function listenOnSocket(server: Server, path: string): Promise<void> {
  await clearSocketPath(path);
  await listening(server, `Unix socket ${path}`, () => {
    // The socket must never be open to others, not even before chmod. Workers cannot change the mask.
    const mask = isMainThread ? process.umask(0o177) : undefined;
    server.listen({ path });
    if (mask !== undefined) process.umask(mask);
  });
  try {
    await chmod(path, 0o600);
  } catch (error) {
    server.close();
    const message = `Unix socket ${path}: its mode cannot be set: ${messageOf(error)}`;
    throw new GatechartError('SERVER_START_FAILED', message, { cause: error });
  }
}

/**
 * Listens on a port of one address.
 *
 * @throws GatechartError SERVER_START_FAILED
 */
export async function listenOnPort(server: Server, host: string, port: number): Promise<void> {
  // Node takes an empty host for all addresses, which nobody means who left it empty.
  if (host === '') {
    const message = `Cannot listen on port ${port}: the host is empty; give an address, like 127.0.0.1 or 0.0.0.0`;
    throw new GatechartError('SERVER_START_FAILED', message);
  }
  await listening(server, `${host}:${port}`, () => server.listen({ host, port }));
}

const hints = new Map<string | undefined, string>([
  ['EADDRINUSE', '; another program listens there, stop it or choose another port'],
  ['EADDRNOTAVAIL', '; this machine has no such address, give one that it has, like 127.0.0.1 or 0.0.0.0'],
  ['ENOTFOUND', '; there is no such host, give an address of this machine, like 127.0.0.1 or 0.0.0.0'],
]);

/** Settles when the server listens. @throws GatechartError SERVER_START_FAILED */
function listening(server: Server, where: string, start: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      const hint = hints.get(error.code) ?? '';
      reject(
        new GatechartError('SERVER_START_FAILED', `Cannot listen on ${where}: ${messageOf(error)}${hint}`, {
          cause: error,
        }),
      );
    };
    server.once('error', fail);
    server.once('listening', () => {
      server.off('error', fail);
      resolve();
    });
    start();
  });
}

/** Settles when the server has closed, and all its connections have. */
export function closed(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.once('close', resolve);
  });
}
