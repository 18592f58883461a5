import { connect, type Socket } from 'node:net';
import { GatechartError } from '../errors.js';
import type { PluginAnswer, PluginCall } from './plugin-messages.js';
import type { Transport } from './transport.js';
import { UnixLink } from './unix-link.js';

export interface UnixTransportOptions {
  /** Absolute path of the server's socket. */
  readonly path: string;
  /** Connections to open. Default 1; more let a slow call hold up fewer others. */
  readonly connections?: number;
  /** Requests on one connection that are not answered yet; further ones wait. Default 128. */
  readonly maxInFlight?: number;
}

/**
 * Plugin servers on a Unix socket: frames of protobuf, answered in order on each connection. A request that is given up
 * costs its connection: requests behind it are cut off, those before it still get their answers.
 */
export function createUnixTransport(options: UnixTransportOptions): Transport<PluginCall, PluginAnswer> {
  const { path, connections = 1, maxInFlight = 128 } = options;
  return {
    target: `unix:${path}`,
    open: async (signal) => {
      const opened = await Promise.allSettled(Array.from({ length: connections }, () => openSocket(path, signal)));
      const sockets = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
      const failure = opened.find((result) => result.status === 'rejected');
      if (failure === undefined) {
        return new UnixLink({ sockets, maxInFlight, reopen: (ended) => openSocket(path, ended) });
      }
      await Promise.all(sockets.map(destroyed));
      throw failure.reason;
    },
  };
}

function openSocket(path: string, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = connect({ path });
    const giveUp = (): void => {
      void destroyed(socket).then(() => reject(signal.reason));
    };
    const fail = (error: NodeJS.ErrnoException): void => {
      signal.removeEventListener('abort', giveUp);
      reject(
        new GatechartError('LINK_LOST', `Cannot connect to Unix socket ${path}: ${reasonOf(error)}`, { cause: error }),
      );
    };
    signal.addEventListener('abort', giveUp, { once: true });
    socket.once('error', fail);
    socket.once('connect', () => {
      signal.removeEventListener('abort', giveUp);
      socket.off('error', fail);
      resolve(socket);
    });
  });
}

function reasonOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'ENOENT':
      return 'there is no such file; start the plugin server, or correct the path';
    case 'ECONNREFUSED':
      return 'nobody listens there; start the plugin server';
    case 'EACCES':
      return 'permission denied; the server and the host must run as the same user';
    default:
      return error.message;
  }
}

function destroyed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
    socket.destroy();
  });
}
