import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { ErrorCode, type Result } from '@modelcontextprotocol/sdk/types.js';
import { messageOf } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import { excerpt } from '../../json/excerpt.js';
import { pluginTools, serverInfo, serverInstructions } from '../../hosting/tool-definitions.js';

/** Characters of the SDK's words that go into the log. */
const longestProblem = 100;

/** A JSON-RPC error as it goes out; the SDK's own class changes the message. */
class RpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly data?: unknown,
  ) {
    super(message);
  }
}

/**
 * The MCP server of one session, for all that it is asked but the calls of tools, which {@link SessionCalls} run. One
 * handler serves all methods, because the SDK's per-method handlers check every
 * request and answer against its schemas once more and answer bad ones in their own words.
 */
export function createMcpSession(logger: Logger): Server {
  const server = new Server(serverInfo, {
    instructions: serverInstructions,
    capabilities: {
      tools: { listChanged: false },
      prompts: { listChanged: false },
      resources: { subscribe: false, listChanged: false },
    },
  });
  let problems = 0;
  // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK's class is not an event target
  server.onerror = (error) => {
    // What follows a colon may be the message itself, with everything in it.
    const [problem = ''] = messageOf(error).split(':', 1);
    const level = problems++ === 0 ? 'warn' : 'debug';
    logger[level]({ problem: excerpt(problem, longestProblem) }, 'an MCP message of a client could not be handled');
  };
  server.fallbackRequestHandler = async ({ method, params }): Promise<Result> => {
    switch (method) {
      case 'tools/list':
        return { tools: pluginTools };
      case 'prompts/list':
        return { prompts: [] };
      case 'resources/list':
        return { resources: [] };
      case 'resources/templates/list':
        return { resourceTemplates: [] };
      case 'prompts/get':
        throw new RpcError(0, `Unknown prompt: ${String(params?.['name'])}`);
      case 'resources/read':
        throw new RpcError(ErrorCode.InvalidParams, `Unknown resource: ${String(params?.['uri'])}`, {
          uri: params?.['uri'],
        });
      default:
        throw new RpcError(ErrorCode.MethodNotFound, 'Method not found', method);
    }
  };
  return server;
}
