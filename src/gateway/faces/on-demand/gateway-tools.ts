import type { Listed } from '../../../downstream/server-set-api.js';

const agentId = {
  type: ['string', 'null'],
  default: null,
  description: 'Your agent id, if you were given one; leave it out otherwise.',
};

const maxSchemaTokens = {
  type: ['integer', 'null'],
  default: null,
  description: 'Most tokens that the definitions may take; the list ends before the tool that would exceed it.',
};

/** The tools that stand for all tools of all servers. Names, parameters and defaults are those of agent-mcp-gateway. */
export const listServersTool = tool(
  'list_servers',
  'Lists the MCP servers that you may use. Begin here: choose a server, ask get_server_tools for its tools, then call one with execute_tool.',
  {
    agent_id: agentId,
    include_metadata: {
      type: 'boolean',
      default: false,
      description: 'Adds how each server is reached.',
    },
  },
);

export const getServerToolsTool = tool(
  'get_server_tools',
  'Gives the definitions of the tools of one server that you may call. Narrow it down with names or pattern to save tokens.',
  {
    agent_id: agentId,
    server: { type: 'string', default: '', description: 'Name of the server, as list_servers gives it.' },
    names: {
      anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }, { type: 'null' }],
      default: null,
      description: 'Names of tools, separated by commas or as a list.',
    },
    pattern: {
      type: ['string', 'null'],
      default: null,
      description: 'Only tools whose names match: * is any text, ? any character.',
    },
    max_schema_tokens: maxSchemaTokens,
  },
);

export const executeToolTool = tool(
  'execute_tool',
  'Calls a tool of a server and gives its answer as the server gave it.',
  {
    agent_id: agentId,
    server: { type: 'string', default: '', description: 'Name of the server.' },
    tool: { type: 'string', default: '', description: 'Name of the tool, as get_server_tools gives it.' },
    args: {
      anyOf: [{ type: 'object', additionalProperties: true }, { type: 'string' }],
      default: {},
      description: 'Arguments of the tool, as its inputSchema asks for them.',
    },
    timeout_ms: {
      type: ['integer', 'null'],
      default: null,
      description: 'Milliseconds to wait for the answer.',
    },
  },
);

export const searchToolsTool = tool(
  'search_tools',
  'Finds tools on all servers that you may use, by words of what they do. Gives their definitions with their servers, the best first.',
  {
    agent_id: agentId,
    query: { type: 'string', default: '', description: 'What you want to do, in a few words.' },
    limit: { type: ['integer', 'null'], default: null, description: 'Most tools to give; 5 if left out, at most 50.' },
    max_schema_tokens: maxSchemaTokens,
  },
);

export const getGatewayStatusTool = tool(
  'get_gateway_status',
  'Tells how the gateway is: its files and reloads, the rules, and the state of each server that you may use.',
  { agent_id: agentId },
);

function tool(
  name: string,
  description: string,
  properties: Record<string, unknown>,
): Listed & { readonly name: string } {
  return { name, description, inputSchema: { type: 'object', properties, additionalProperties: false } };
}
