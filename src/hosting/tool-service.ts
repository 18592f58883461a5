import { ErrorCode } from '@modelcontextprotocol/sdk/types.js';
import { isRecord } from '../json/records.js';
import { readTraceParent } from '../observability/trace-parent.js';
import type { McpService } from '../serving/mcp/mcp-service.js';
import { RpcError } from '../serving/mcp/rpc-error.js';
import { readToolCall } from '../serving/mcp/tool-call.js';
import { ToolCalls, type ToolCallsDependencies } from './tool-calls.js';
import { pluginTools, serverInfo, serverInstructions } from './tool-definitions.js';

/** The plugin server as it is served over MCP: three tools, and lists without anything in them. */
export function toolService(dependencies: ToolCallsDependencies): McpService {
  const tools = new ToolCalls(dependencies);
  return {
    info: serverInfo,
    instructions: serverInstructions,
    capabilities: {
      tools: { listChanged: false },
      prompts: { listChanged: false },
      resources: { subscribe: false, listChanged: false },
    },
    workOf: (request) => {
      if (request.method !== 'tools/call') return undefined;
      const { name, args } = readToolCall(request);
      const meta = request.params?.['_meta'];
      const traceParent = isRecord(meta) ? readTraceParent(meta['traceparent'], meta['tracestate']) : undefined;
      return ({ signal }) => tools.call(name, args, signal, traceParent);
    },
    answer: ({ method, params }) => {
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
    },
  };
}
