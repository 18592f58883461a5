import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { GatechartError, messageOf } from '../../errors.js';
import { openWithHandshake } from '../mcp/mcp-handshake.js';
import type { McpLink, McpTransport } from '../mcp/mcp-messages.js';
import { describeServer, resolveCommand, resolveCwd } from './stdio-command.js';
import { StdioLink } from './stdio-link.js';
import type { StdioTransportOptions } from './stdio-options.js';

/**
 * MCP over the standard streams of a child process that leads its own process group. Closing a link ends the group.
 *
 * `open` rejects with GatechartError PLUGIN_LOAD_FAILED (nothing to start), LINK_LOST (it ended during the handshake; with
 * exit code, signal and last lines of stderr) or PROTOCOL_ERROR.
 */
export function createStdioTransport(options: StdioTransportOptions): McpTransport {
  return {
    target: describeServer(options.server),
    startsServer: true,
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
  const { name, server } = options;
  return openWithHandshake(new StdioLink(options, child), signal, { name, target: describeServer(server) });
}
