import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';

const server = new McpServer({ name: 'notes', version: '1.0.0' });

/** @param {string} text */
const says = (text) => ({ content: [{ type: /** @type {const} */ ('text'), text }] });

server.registerTool('read', { description: 'Reads the note.' }, () => says('buy milk'));
server.registerTool('burn', { description: 'Ends the server in the middle of a call.' }, () => process.exit(3));

await server.connect(new StdioServerTransport());
