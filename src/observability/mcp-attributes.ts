import type { McpOperation, McpOutcome } from './mcp-telemetry.js';

type Attributes = Record<string, string>;

/** Characters of a name, and of a URI: agents make them up. */
const longest = { name: 128, uri: 1_000 };

/** `tools/call NAME`; a resource is none of a few, so that its URI is an attribute alone. */
export function operationName({ method, subject }: McpOperation): string {
  return subject === undefined || subject === '' || method.startsWith('resources/')
    ? method
    : `${method} ${cut(subject, longest.name)}`;
}

/** An operation in the attributes of OpenTelemetry's conventions for MCP. */
export function operationAttributes({ method, server, subject, transport }: McpOperation): Attributes {
  return {
    'mcp.method.name': method,
    ...(subject !== undefined && subjectAttributes(method, subject)),
    ...(server !== undefined && { 'mcp.server.name': server }),
    ...(transport !== undefined && { 'network.transport': transport }),
  };
}

export function outcomeAttributes({ errorType, rpcCode }: McpOutcome): Attributes {
  return {
    ...(errorType !== undefined && { 'error.type': errorType }),
    ...(rpcCode !== undefined && { 'rpc.response.status_code': String(rpcCode) }),
  };
}

function subjectAttributes(method: string, subject: string): Attributes {
  switch (method) {
    case 'tools/call':
      return { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': cut(subject, longest.name) };
    case 'prompts/get':
      return { 'gen_ai.prompt.name': cut(subject, longest.name) };
    default:
      return method.startsWith('resources/') ? { 'mcp.resource.uri': cut(subject, longest.uri) } : {};
  }
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length).toWellFormed()}…`;
}
