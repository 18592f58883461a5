import { ErrorCode } from '@modelcontextprotocol/sdk/types.js';
import { isRecord } from '../../../json/records.js';
import type { Listed, ServerSet } from '../../../downstream/server-set-api.js';
import type { McpCall, McpRequest, McpWork } from '../../../serving/mcp/mcp-service.js';
import { RpcError } from '../../../serving/mcp/rpc-error.js';
import { readToolCall, type ToolCall } from '../../../serving/mcp/tool-call.js';
import { CallFailure } from '../../call/call-failure.js';
import type { Decisions } from '../../call/decisions.js';
import type { GatewayCalls } from '../../call/gateway-calls.js';
import type { OfferViewer, ToolOffers } from '../../offer/tool-offers.js';
import type { Face } from '../face.js';
import { failureResult, jsonResult, type ToolResult } from '../tool-result.js';
import { type Envelope, executeTool } from './execute-tool.js';
import {
  executeToolTool,
  getGatewayStatusTool,
  getServerToolsTool,
  listServersTool,
  searchToolsTool,
} from './gateway-tools.js';
import { serverList } from './server-list.js';
import { serverTools } from './server-tools.js';
import {
  executeToolArguments,
  getGatewayStatusArguments,
  getServerToolsArguments,
  listServersArguments,
  readArguments,
  searchToolsArguments,
} from './tool-arguments.js';

export interface OnDemandDependencies {
  readonly servers: ServerSet;
  readonly offers: ToolOffers;
  readonly calls: GatewayCalls;
  /** Who asks, and who is told of what comes of it. */
  readonly decisions: Decisions;
  readonly viewerOf: (call: McpCall, agent: string | undefined) => OfferViewer;
  readonly envelope: Envelope;
  /** What the gateway tells of itself to an agent; undefined where it is not asked to. */
  readonly status: ((agent: string | undefined) => Readonly<Record<string, unknown>>) | undefined;
  readonly search: (viewer: OfferViewer, question: SearchQuestion) => Promise<Readonly<Record<string, unknown>>>;
}

export interface SearchQuestion {
  readonly query: string;
  readonly limit: number;
  readonly maxSchemaTokens: number | undefined;
}

/** One of the gateway's own tools. */
interface GatewayTool {
  readonly definition: Listed & { readonly name: string };
  run(args: unknown, call: McpCall, meta: unknown): Promise<ToolResult> | ToolResult;
}

/** A few tools stand for all tools of all servers: an agent finds what it needs, and only that costs it tokens. */
export function onDemandFace(dependencies: OnDemandDependencies): Face {
  const tools = gatewayTools(dependencies);
  const byName = new Map(tools.map((tool) => [tool.definition.name, tool]));
  const listed = tools.map(({ definition }) => definition);
  return {
    capabilities: { tools: {}, logging: {} },
    instructions:
      'This gateway stands before other MCP servers. list_servers names them, get_server_tools gives their tools, execute_tool calls one; search_tools finds one by what it does.',
    workOf: (request) => {
      if (request.method === 'tools/list') return () => Promise.resolve({ tools: listed });
      return request.method === 'tools/call' ? callOf(byName, request) : undefined;
    },
  };
}

function callOf(tools: ReadonlyMap<string, GatewayTool>, request: McpRequest): McpWork {
  const asked: ToolCall = readToolCall(request);
  const tool = tools.get(asked.name);
  if (tool === undefined) throw new RpcError(ErrorCode.InvalidParams, `Unknown tool: ${asked.name}`);
  return async (call) => {
    try {
      return await tool.run(asked.args, call, request.params?.['_meta']);
    } catch (error) {
      if (error instanceof CallFailure) return failureResult(error);
      throw error;
    }
  };
}

function gatewayTools(dependencies: OnDemandDependencies): readonly GatewayTool[] {
  const { decisions, viewerOf, calls, envelope, status, search } = dependencies;
  const own = (
    definition: GatewayTool['definition'],
    run: (args: unknown, viewer: OfferViewer, tell: (failure: CallFailure) => void) => Promise<ToolResult> | ToolResult,
  ): GatewayTool => ({
    definition,
    run: (args, call) => {
      const question = { operation: definition.name, server: textIn(args, 'server') };
      const agent = decisions.agentOf(call, question, claimedIn(args));
      return decisions.answer(call, agent, question, (tell) => run(args, viewerOf(call, agent), tell));
    },
  });
  return [
    own(listServersTool, (args, { agent }) =>
      serverList(dependencies, agent, readArguments('list_servers', listServersArguments, args)),
    ),
    own(getServerToolsTool, (args, viewer, tell) =>
      serverTools(dependencies, viewer, readArguments('get_server_tools', getServerToolsArguments, args), tell),
    ),
    {
      definition: executeToolTool,
      run: (args, call, meta) => {
        const question = { operation: 'tools/call', server: textIn(args, 'server'), subject: textIn(args, 'tool') };
        const agent = decisions.agentOf(call, question, claimedIn(args));
        const read = decisions.prepare(call, agent, question, () =>
          readArguments('execute_tool', executeToolArguments, args),
        );
        return executeTool(calls, { agent, call }, read, { meta, envelope });
      },
    },
    own(searchToolsTool, async (args, viewer) => {
      const { query, limit, max_schema_tokens: budget } = readArguments('search_tools', searchToolsArguments, args);
      return jsonResult(await search(viewer, { query, limit, maxSchemaTokens: budget ?? undefined }));
    }),
    ...(status === undefined
      ? []
      : [
          own(getGatewayStatusTool, (args, { agent }) => {
            readArguments('get_gateway_status', getGatewayStatusArguments, args);
            return jsonResult(status(agent));
          }),
        ]),
  ];
}

function claimedIn(args: unknown): unknown {
  return isRecord(args) ? args['agent_id'] : undefined;
}

function textIn(args: unknown, key: string): string | undefined {
  const text = isRecord(args) ? args[key] : undefined;
  return typeof text === 'string' ? text : undefined;
}
