// An MCP server that does as little as one can: answers `tools/call` with the message that it was given.
// `mcp-end.js stdio`, or `mcp-end.js http <port>`.
import { greeting, serveBare } from './bare-server.js';

const tools = [
  {
    name: 'echo',
    description: 'Says what it is told',
    inputSchema: { type: 'object', properties: { message: { type: 'string' } } },
  },
];

serveBare(({ method, params }) => {
  switch (method) {
    case 'tools/call':
      return { content: [{ type: 'text', text: params.arguments.message }] };
    case 'tools/list':
      return { tools };
    case 'initialize':
      return greeting(params);
    default:
      return undefined;
  }
});
