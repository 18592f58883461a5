import { deferred } from '../../time/deferred.js';
import type { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { Logger } from '../../observability/logger.js';
import type { McpEndpoint } from '../endpoint.js';
import { createMcpServer } from '../mcp/mcp-server.js';
import type { McpService } from '../mcp/mcp-service.js';
import { type LoadLimits, ServerLoad } from '../server-load.js';
import { StdioSession, type StdioStreams } from './stdio-session.js';

export interface StdioEndpointDependencies {
  readonly service: McpService;
  /** As log texts name it: `the host`. */
  readonly client: string;
  readonly limits: LoadLimits & { readonly maxMessageBytes: number };
  readonly logger: Logger;
}

/** Serves one client over standard input and output. */
export async function openStdioEndpoint(
  { stdin, stdout }: StdioStreams,
  { service, client, limits, logger }: StdioEndpointDependencies,
): Promise<McpEndpoint> {
  const server = createMcpServer(service, logger);
  // The client has closed our input, or can no longer be written to.
  const ended = deferred();
  const finish = (): void => ended.resolve();
  const endings = ['end', 'close', 'error'] as const;
  for (const event of endings) stdin.on(event, finish);
  // A client that is gone shows as EPIPE. Listeners for errors stay: without one that would end the process before
  // anything is shut down.
  stdout.on('error', finish);
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK's class is not an event target
  server.onclose = finish;
  const { maxMessageBytes } = limits;
  const load = new ServerLoad(limits);
  const session = new StdioSession({ stdin, stdout }, { service, client, load, maxMessageBytes, logger });
  await server.connect(session);
  return {
    address: 'stdio',
    ended: ended.promise,
    sessions: () => (session.isClosed ? 0 : 1),
    drain: () => session.drain(),
    idle: async () => {
      await session.idle();
      // What the SDK's server answers passes some promises before it is written.
      await setImmediate();
      if (stdout.writableNeedDrain) await writtenOut(stdout);
    },
    close: async () => {
      await server.close();
      stdin.off('end', finish).off('close', finish);
      stdin.pause();
    },
  };
}

/** Settles when everything is written, or nothing can be any more. */
function writtenOut(stdout: Writable): Promise<void> {
  return new Promise((resolve) => {
    for (const event of ['drain', 'close', 'error']) stdout.once(event, () => resolve());
  });
}
