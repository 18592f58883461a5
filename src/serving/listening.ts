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
  const start = (): void => {
    // The socket must never be open to others, not even before chmod. Workers cannot change the mask.
    const mask = isMainThread ? process.umask(0o177) : undefined;
    server.listen({ path });
    if (mask !== undefined) process.umask(mask);
  };
  await listening(server, `Unix socket ${path}`, start, socketHints);
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
  await listening(server, `${host}:${port}`, () => server.listen({ host, port }), portHints);
}

type Hints = ReadonlyMap<string | undefined, string>;

/** What to do where a port cannot be listened on, to be put behind the reason. */
export function portHint({ code }: NodeJS.ErrnoException): string {
  return portHints.get(code) ?? '';
}

const portHints: Hints = new Map([
  ['EADDRINUSE', '; another program listens there, stop it or choose another port'],
  ['EADDRNOTAVAIL', '; this machine has no such address, give one that it has, like 127.0.0.1 or 0.0.0.0'],
  ['ENOTFOUND', '; there is no such host, give an address of this machine, like 127.0.0.1 or 0.0.0.0'],
  [
    'EACCES',
    '; the system keeps low ports, below 1024 as a rule, for processes with the right to them: choose a higher port, or give that right (on Linux the capability CAP_NET_BIND_SERVICE)',
  ],
]);

const socketHints: Hints = new Map([
  ['EACCES', '; this user may not write to its folder, give a path in one of its own'],
]);

/** Settles when the server listens. @throws GatechartError SERVER_START_FAILED */
function listening(server: Server, where: string, start: () => void, hintsFor: Hints): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => {
      const hint = hintsFor.get(error.code) ?? '';
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
