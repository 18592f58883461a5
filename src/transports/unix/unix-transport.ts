import { connect, type Socket } from 'node:net';
import { GatechartError } from '../../errors.js';
import type { CancelSignal } from '../../time/cancellation.js';
import { type Clock, systemClock } from '../../time/clock.js';
import { maxMessageBytes } from '../../wire/framing/message-size.js';
import type { PluginAnswer, PluginCall } from '../../wire/protobuf/plugin-messages.js';
import type { Transport } from '../transport.js';
import { UnixLink } from './unix-link.js';

export interface UnixTransportOptions {
  /** Absolute path of the server's socket. */
  readonly path: string;
  /** Connections that may be open; one is, until requests overlap, and two are, until slow ones hold others up. Default 8. */
  readonly connections?: number;
  /** Requests on one connection that are not answered yet; further ones wait. Default 128. */
  readonly maxInFlight?: number;
  /** Milliseconds after which a request that is not answered counts as holding up those behind it. Default 5. */
  readonly slowMs?: number;
  /** Milliseconds after which a connection that is not used is given up, unless it is the last one. Default 10,000. */
  readonly idleMs?: number;
  /** Bytes one message may have, both ways; a call whose message is larger fails alone. Default 16 MiB, the protocol's. */
  readonly maxMessageBytes?: number;
  /** Default: the real clock. */
  readonly clock?: Clock;
}

/**
 * Plugin servers on a Unix socket: frames of protobuf, answered in order on each connection. A request that is given up
 * costs its connection: requests behind it are cut off, those before it still get their answers.
 */
export function createUnixTransport(options: UnixTransportOptions): Transport<PluginCall, PluginAnswer> {
  const { path, connections = 8, maxInFlight = 128, slowMs = 5, idleMs = 10_000, clock = systemClock } = options;
  const settings = {
    connect: (signal: CancelSignal) => openSocket(path, signal),
    most: connections,
    maxInFlight,
    slowMs,
    idleMs,
    clock,
    maxMessageBytes: Math.min(options.maxMessageBytes ?? maxMessageBytes, maxMessageBytes),
  };
  return {
    target: `unix:${path}`,
    open: async (signal) => new UnixLink(await openSocket(path, signal), settings),
  };
}

/**
 * What all sockets read into, one after the other: whoever hears of what was read is done with it before anything else is
 * read. Memory of its own for each read takes 1.5 µs of a call.
 */
const readBuffer = Buffer.allocUnsafeSlow(64 * 1024);

function openSocket(path: string, signal: CancelSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) throw signal.reason;
    const callback = (bytes: number, buffer: Uint8Array): boolean => socket.emit('data', buffer.subarray(0, bytes));
    const socket = connect({ path, onread: { buffer: readBuffer, callback } });
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
