import type { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { Logger } from '../observability/logger.js';
import type { Endpoint } from './endpoint.js';
import { createMcpSession } from './mcp-session.js';
import { StdioSession, type StdioStreams } from './stdio-session.js';
import type { ToolCalls } from './tool-calls.js';

export interface StdioEndpointParts {
  readonly tools: ToolCalls;
  readonly maxMessageBytes: number;
  readonly logger: Logger;
}

/** Serves one client over standard input and output. */
export async function openStdioEndpoint(
  { stdin, stdout }: StdioStreams,
  { tools, maxMessageBytes, logger }: StdioEndpointParts,
): Promise<Endpoint> {
  const session = createMcpSession(tools, logger);
  let finish = (): void => {};
  // The host has closed our input, or can no longer be written to.
  const ended = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const endings = ['end', 'close', 'error'] as const;
  for (const event of endings) stdin.on(event, finish);
  // A host that is gone shows as EPIPE. The listener stays: without one that would end the process before the plugins
  // are shut down.
  stdout.on('error', finish);
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK's class is not an event target
  session.onclose = finish;
  await session.connect(new StdioSession({ stdin, stdout }, { maxMessageBytes, logger, onOverflow: finish }));
  return {
    address: 'stdio',
    ended,
    drain: () => stdin.pause(),
    idle: async () => {
      await tools.idle();
      // The answer passes the SDK's promises before it is written.
      await setImmediate();
      if (stdout.writableNeedDrain) await writtenOut(stdout);
    },
    close: async () => {
      await session.close();
      for (const event of endings) stdin.off(event, finish);
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
