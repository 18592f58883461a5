// What a proxy is that only passes on: the SDK's server in front, the SDK's client behind it, both over Streamable HTTP.
// `sdk-proxy.js <port> <url of the server>`.
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import {
  CallToolRequestSchema,
  CallToolResultSchema,
  ListToolsRequestSchema,
  ListToolsResultSchema,
} from '@modelcontextprotocol/sdk/types.js';

const [port, url] = process.argv.slice(2);
const info = { name: 'proxy', version: '1.0.0' };

const client = new Client(info);
await client.connect(new StreamableHTTPClientTransport(new URL(url ?? '')));

/** @type {Map<string, StreamableHTTPServerTransport>} */
const sessions = new Map();

async function openSession() {
  const server = new Server(info, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, (request) => client.request(request, ListToolsResultSchema));
  server.setRequestHandler(CallToolRequestSchema, (request) => client.request(request, CallToolResultSchema));
  // Answers as JSON are the cheapest that it can do.
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    enableJsonResponse: true,
    onsessioninitialized: (id) => void sessions.set(id, transport),
  });
  await server.connect(transport);
  return transport;
}

createServer((request, response) => {
  if (request.url === '/health') return void response.end();
  const id = request.headers['mcp-session-id'];
  const known = typeof id === 'string' ? sessions.get(id) : undefined;
  const transport = known === undefined ? openSession() : Promise.resolve(known);
  void transport.then((session) => session.handleRequest(request, response));
}).listen(Number(port), '127.0.0.1');
