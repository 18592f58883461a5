import type { z } from 'zod';
import type { Listed, ServerSet } from '../../../downstream/server-set-api.js';
import type { McpCall, McpRequest, McpWork } from '../../../serving/mcp/mcp-service.js';
import { readToolCall, type ToolCall } from '../../../serving/mcp/tool-call.js';
import { isRecord } from '../../../json/records.js';
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
import type { OwnAnswer } from './own-answer.js';
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
  readonly agentOf: (call: McpCall, claimed: unknown) => string | undefined;
  readonly viewerOf: (call: McpCall, agent: string | undefined) => OfferViewer;
  /** Tells audits of what is no call of a server. */
  readonly record: Decisions['record'];
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
      return request.method === 'tools/call' ? callOf(byName, request, dependencies) : undefined;
    },
  };
}

/** @throws RpcError */
function callOf(
  tools: ReadonlyMap<string, GatewayTool>,
  request: McpRequest,
  { record }: OnDemandDependencies,
): McpWork {
  const asked: ToolCall = readToolCall(request);
  const tool = tools.get(asked.name);
  return async (call) => {
    try {
      if (tool === undefined) {
        // As agent-mcp-gateway: an error of the tool, which a model reads.
        const failure = new CallFailure('TOOL_NOT_FOUND', `Unknown tool: ${asked.name}`);
        record(call, undefined, request.method, failure, { subject: asked.name });
        return failureResult(failure);
      }
      return await tool.run(asked.args, call, request.params?.['_meta']);
    } catch (error) {
      if (error instanceof CallFailure) return failureResult(error);
      throw error;
    }
  };
}

function gatewayTools(dependencies: OnDemandDependencies): readonly GatewayTool[] {
  const { viewerOf, calls, envelope, status, search } = dependencies;
  const own = (
    definition: GatewayTool['definition'],
    run: (args: unknown, viewer: OfferViewer) => Promise<OwnAnswer> | OwnAnswer,
  ): GatewayTool => ({
    definition,
    run: (args, call) =>
      recorded(dependencies, call, definition.name, args, (agent) => run(args, viewerOf(call, agent))),
  });
  return [
    own(listServersTool, (args, { agent }) => ({
      result: serverList(dependencies, agent, readArguments('list_servers', listServersArguments, args)),
    })),
    own(getServerToolsTool, (args, viewer) =>
      serverTools(dependencies, viewer, readArguments('get_server_tools', getServerToolsArguments, args)),
    ),
    {
      definition: executeToolTool,
      run: (args, call, meta) => {
        const { read, agent } = readCall(dependencies, call, args);
        return executeTool(calls, { agent, call }, read, { meta, envelope });
      },
    },
    own(searchToolsTool, async (args, viewer) => {
      const { query, limit, max_schema_tokens: budget } = readArguments('search_tools', searchToolsArguments, args);
      return { result: jsonResult(await search(viewer, { query, limit, maxSchemaTokens: budget ?? undefined })) };
    }),
    ...(status === undefined
      ? []
      : [
          own(getGatewayStatusTool, (args, { agent }) => {
            readArguments('get_gateway_status', getGatewayStatusArguments, args);
            return { result: jsonResult(status(agent)) };
          }),
        ]),
  ];
}

/** What `execute_tool` is asked, and for whom. A refusal is told to audits here: nothing of it becomes a call. */
function readCall(
  { agentOf, record }: OnDemandDependencies,
  call: McpCall,
  args: unknown,
): { readonly read: z.output<typeof executeToolArguments>; readonly agent: string | undefined } {
  try {
    const read = readArguments('execute_tool', executeToolArguments, args);
    return { read, agent: agentOf(call, read.agent_id) };
  } catch (error) {
    const asked = { server: textIn(args, 'server'), subject: textIn(args, 'tool') };
    record(call, undefined, 'tools/call', recordedFailure(error), asked);
    throw error;
  }
}

/** Runs one of the gateway's own tools, and tells audits of it once. */
async function recorded(
  { agentOf, record }: OnDemandDependencies,
  call: McpCall,
  operation: string,
  args: unknown,
  run: (agent: string | undefined) => Promise<OwnAnswer> | OwnAnswer,
): Promise<ToolResult> {
  let agent: string | undefined;
  try {
    agent = agentOf(call, isRecord(args) ? args['agent_id'] : undefined);
    const { result, server, failure } = await run(agent);
    record(call, agent, operation, failure, { server });
    return result;
  } catch (error) {
    record(call, agent, operation, recordedFailure(error));
    throw error;
  }
}

function recordedFailure(error: unknown): CallFailure {
  return error instanceof CallFailure
    ? error
    : new CallFailure('INTERNAL_ERROR', 'The gateway could not carry out the call.', { cause: error });
}

function textIn(args: unknown, key: string): string | undefined {
  const value = isRecord(args) ? args[key] : undefined;
  return typeof value === 'string' ? value : undefined;
}
