import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { messageOf } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import { excerpt } from '../../json/excerpt.js';
import type { McpService } from './mcp-service.js';

/** Characters of the SDK's words that go into the log. */
const longestProblem = 100;

/**
 * The SDK's server for one session: it shakes hands, and asks the service for answers that are at hand; work is run by the
 * session itself, as a {@link RunningCall}. One handler serves all methods, because the SDK's per-method handlers check
 * every request and answer against its schemas once more and answer bad ones in their own words.
 */
export function createMcpServer(service: McpService, logger: Logger): Server {
  const { info, instructions, capabilities } = service;
  const server = new Server(info, { capabilities, ...(instructions !== undefined && { instructions }) });
  let problems = 0;
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK's class is not an event target
  server.onerror = (error) => {
    // What follows a colon may be the message itself, with everything in it.
    const [problem = ''] = messageOf(error).split(':', 1);
    const level = problems++ === 0 ? 'warn' : 'debug';
    logger[level]({ problem: excerpt(problem, longestProblem) }, 'an MCP message of a client could not be handled');
  };
  // oxlint-disable-next-line typescript/require-await -- the SDK takes promises only
  server.fallbackRequestHandler = async (request) => service.answer(request);
  return server;
}
