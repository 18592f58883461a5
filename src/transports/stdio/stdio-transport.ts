import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { GatechartError } from '../../errors.js';
import { excerpt } from '../../json/excerpt.js';
import { openWithHandshake } from '../mcp/mcp-handshake.js';
import type { McpLink, McpTransport } from '../mcp/mcp-messages.js';
import { describeServer, resolveCommand, resolveCwd } from './stdio-command.js';
import { StdioLink } from './stdio-link.js';
import type { StdioTransportOptions } from './stdio-options.js';
import { whyNotStarted } from './start-trouble.js';

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

const longestCommand = 200;

async function startChild(options: StdioTransportOptions): Promise<ChildProcessWithoutNullStreams> {
  const { name, server, processEnv } = options;
  const cwd = resolveCwd(server.cwd, options.baseDir ?? process.cwd());
  const { command, args } = await resolveCommand(name, server, cwd);
  const env = { ...processEnv, ...server.env };
  try {
    // It throws for what the system turns down at once, arguments that are too large for instance, and tells of the rest later.
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: 'pipe',
      detached: process.platform !== 'win32',
      windowsHide: true,
    });
    await once(child, 'spawn');
    return child;
  } catch (error) {
    const message = `${name}: cannot start '${excerpt(command, longestCommand)}' in ${cwd}: ${whyNotStarted(error, { command, args, cwd, env })}.`;
    throw new GatechartError('PLUGIN_LOAD_FAILED', message, {
      cause: error,
      details: { connection: name, command, cwd },
    });
  }
}

async function openStdioLink(options: StdioTransportOptions, signal: AbortSignal): Promise<McpLink> {
  signal.throwIfAborted();
  const child = await startChild(options);
  const { name, server } = options;
  return openWithHandshake(new StdioLink(options, child), signal, { name, target: describeServer(server) });
}
