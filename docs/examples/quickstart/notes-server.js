// A small MCP server over Streamable HTTP, as a process of its own: node notes-server.js PORT
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { z } from 'zod';

/** @type {Map<number, string>} */
const notes = new Map(Array.from({ length: 1000 }, (_, id) => [id, `This is note ${id}.`]));

/** @type {Map<string, StreamableHTTPServerTransport>} */
const sessions = new Map();

/** @param {string} text */
const says = (text) => ({ content: [{ type: /** @type {const} */ ('text'), text }] });

/** A server for one session; all of them have the same notes. */
async function openSession() {
  const server = new McpServer({ name: 'notes', version: '1.0.0' });
  const inputSchema = { id: z.number().int() };
  server.registerTool('read_note', { description: 'Reads a note.', inputSchema }, ({ id }) =>
    says(notes.get(id) ?? `There is no note ${id}.`),
  );
  server.registerTool('delete_note', { description: 'Deletes a note.', inputSchema }, ({ id }) =>
    says(notes.delete(id) ? `Note ${id} is gone.` : `There is no note ${id}.`),
  );
  /** @type {StreamableHTTPServerTransport} */
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => void sessions.set(id, transport),
    onsessionclosed: (id) => void sessions.delete(id),
  });
  await server.connect(transport);
  return transport;
}

/**
 * @param {import('node:http').IncomingMessage} request
 * @param {import('node:http').ServerResponse} response
 */
async function answer(request, response) {
  const id = request.headers['mcp-session-id'];
  const transport = id === undefined ? await openSession() : sessions.get(String(id));
  if (transport !== undefined) return transport.handleRequest(request, response);
  // Who hears this opens another session.
  response.writeHead(404).end();
}

const server = createServer((request, response) => void answer(request, response));
server.listen(Number(process.argv[2]), '127.0.0.1', () => process.send?.('listening'));
// Whoever started it is gone.
process.on('disconnect', () => process.exit());
