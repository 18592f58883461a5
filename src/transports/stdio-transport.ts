import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { GatechartError, messageOf } from '../errors.js';
import type { Logger } from '../observability/logger.js';
import type { Clock } from '../time/clock.js';
import { Listeners } from './listeners.js';
import { type Handshake, shakeHands } from './mcp-handshake.js';
import type { McpLink, McpNotification, McpRequest, McpResponse, McpTransport } from './mcp-messages.js';
import { cancelReason, PendingRequests } from './pending-requests.js';
import { ProcessGroup } from './process-group.js';
import { describeServer, resolveCommand, resolveCwd, type StdioServer } from './stdio-command.js';
import { StdioChannel } from './stdio-channel.js';
import { type LinkClosed, LinkError, type RequestOptions } from './transport.js';

const mebibyte = 1024 * 1024;

export interface StdioTransportOptions {
  readonly name: string;
  readonly server: StdioServer;
  /** The environment that the server's own `env` is laid over. */
  readonly processEnv: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Absolute; where relative folders start. Default: the working directory. */
  readonly baseDir?: string;
  /** Milliseconds a server has to leave by itself once its standard input ended, before SIGTERM. Default 500. */
  readonly leaveMs?: number;
  /** Milliseconds between SIGTERM and SIGKILL. Default 2,000. */
  readonly terminateGraceMs?: number;
  /** Longest message a server may send, and most that may wait for it to read. Default 16 MiB. */
  readonly maxMessageBytes?: number;
}

/**
 * MCP over the standard streams of a child process that leads its own process group. Closing a link ends the group.
 *
 * `open` rejects with GatechartError PLUGIN_LOAD_FAILED (nothing to start), LINK_LOST (it ended during the handshake; with
 * exit code, signal and last lines of stderr) or PROTOCOL_ERROR.
 */
export function createStdioTransport(options: StdioTransportOptions): McpTransport {
  return {
    target: describeServer(options.server),
    open: (signal) => openStdioLink(options, signal),
  };
}

async function startChild(options: StdioTransportOptions): Promise<ChildProcessWithoutNullStreams> {
  const { name, server, processEnv } = options;
  const cwd = resolveCwd(server.cwd, options.baseDir ?? process.cwd());
  const { command, args } = await resolveCommand(name, server, cwd);
  const child = spawn(command, args, {
    cwd,
    env: { ...processEnv, ...server.env },
    stdio: 'pipe',
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  try {
    await once(child, 'spawn');
  } catch (error) {
    const why =
      error instanceof Error && 'code' in error && error.code === 'ENOENT'
        ? 'not found (the command, or the folder it is to run in)'
        : messageOf(error);
    throw new GatechartError('PLUGIN_LOAD_FAILED', `${name}: cannot start '${command}' in ${cwd}: ${why}.`, {
      cause: error,
      details: { connection: name, command, cwd },
    });
  }
  return child;
}

async function openStdioLink(options: StdioTransportOptions, signal: AbortSignal): Promise<McpLink> {
  signal.throwIfAborted();
  const child = await startChild(options);
  const link = new StdioLink(options, child);
  const giveUp = (): void => void link.close();
  signal.addEventListener('abort', giveUp, { once: true });
  if (signal.aborted) giveUp();
  try {
    await shakeHands(link.handshake);
  } catch (error) {
    await link.close();
    const { error: why } = await link.closed;
    if (signal.aborted) throw signal.reason;
    throw (
      why ??
      new GatechartError(
        'PROTOCOL_ERROR',
        `${options.name}: the MCP handshake with ${describeServer(options.server)} failed: ${messageOf(error)}`,
        { cause: error },
      )
    );
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
  return link;
}

class StdioLink implements McpLink {
  readonly closed: Promise<LinkClosed>;
  readonly onNotification: McpLink['onNotification'];
  readonly onTraffic: NonNullable<McpLink['onTraffic']>;
  readonly handshake: Handshake;
  readonly #channel: StdioChannel;
  readonly #pending: PendingRequests;
  readonly #maxUnreadBytes: number;

  constructor(options: StdioTransportOptions, child: ChildProcessWithoutNullStreams) {
    const { name, server, logger, clock } = options;
    this.#maxUnreadBytes = options.maxMessageBytes ?? 16 * mebibyte;
    this.#pending = new PendingRequests((requestId, reason) => {
      this.#write({
        jsonrpc: '2.0',
        method: 'notifications/cancelled',
        params: { requestId, reason: cancelReason(reason) },
      });
    });
    let settleClosed: (closed: LinkClosed) => void = () => {};
    this.closed = new Promise((resolve) => {
      settleClosed = resolve;
    });
    this.#channel = new StdioChannel({
      child,
      group: new ProcessGroup(child.pid ?? 0, clock),
      name,
      target: describeServer(server),
      logger,
      clock,
      maxMessageBytes: this.#maxUnreadBytes,
      terminateGraceMs: options.terminateGraceMs ?? 2000,
      leaveMs: options.leaveMs ?? 500,
      onAnswer: (message) => this.#pending.answer(message),
      onEnded: (error) => {
        settleClosed(error === undefined ? {} : { error });
        this.#pending.failAll(
          () => new LinkError('cutOff', error?.message ?? `${name}: the link was closed`, { cause: error }),
        );
      },
    });
    const notifications = new Listeners<McpNotification>();
    const traffic = new Listeners<void>();
    this.onNotification = notifications.add;
    this.onTraffic = traffic.add;
    child.stdout.on('data', () => traffic.tell());
    this.handshake = { channel: this.#channel, logger, name, notifications };
  }

  request(message: McpRequest, { signal }: RequestOptions): Promise<McpResponse> {
    if (signal.aborted) return Promise.reject(signal.reason);
    if (!this.#channel.writable) return Promise.reject(new LinkError('notSent', 'the plugin server has ended'));
    const { unreadBytes } = this.#channel;
    if (unreadBytes > this.#maxUnreadBytes) {
      return Promise.reject(
        new LinkError('refused', `the plugin server does not read its input: ${unreadBytes} bytes are waiting for it`),
      );
    }
    const { method, params } = message;
    return this.#pending.start(signal, (id) => this.#channel.write({ jsonrpc: '2.0', id, method, params }));
  }

  async close(): Promise<void> {
    await this.#channel.close();
  }

  #write(message: object): void {
    if (this.#channel.writable) this.#channel.write(message);
  }
}
