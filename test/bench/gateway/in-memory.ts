import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { CallToolRequestSchema, ListToolsRequestSchema, type Tool } from '@modelcontextprotocol/sdk/types.js';
import { type Gateway, serveGateway, type ServerSet, silentLogger } from 'gatechart';
import { startServerSet } from '../../../src/downstream/start-server-set.js';
import { createInProcessTransport } from '../../../src/transports/in-process/in-process-transport.js';

const echo: Tool = { name: 'echo', inputSchema: { type: 'object', properties: { message: { type: 'string' } } } };

/** A transport whose other end is a server of the SDK's that says what it is told. */
export async function serverInMemory(tools: readonly Tool[] = [echo]): Promise<Transport> {
  const server = new Server({ name: 'end', version: '1.0.0' }, { capabilities: { tools: {} } });
  server.setRequestHandler(ListToolsRequestSchema, () => ({ tools: [...tools] }));
  server.setRequestHandler(CallToolRequestSchema, ({ params }) => ({
    content: [{ type: 'text', text: String(params.arguments?.['message']) }],
  }));
  const [near, far] = InMemoryTransport.createLinkedPair();
  await server.connect(far);
  return near;
}

/** Servers that are reached in memory, each with tools of its own. */
export function serversInMemory(toolsOf: Readonly<Record<string, readonly Tool[] | undefined>>): Promise<ServerSet> {
  const mcpServers = Object.fromEntries(Object.keys(toolsOf).map((name) => [name, { command: 'in-memory' }]));
  return startServerSet({ servers: { mcpServers }, logger: silentLogger }, ({ name }) =>
    createInProcessTransport(() => serverInMemory(toolsOf[name]), { name, logger: silentLogger }),
  );
}

export async function clientOf(transport: Transport): Promise<Client> {
  const client = new Client({ name: 'bench', version: '1.0.0' });
  await client.connect(transport);
  return client;
}

/** A client of a gateway that is reached in memory. */
export async function clientInMemory(gateway: Gateway): Promise<Client> {
  const [near, far] = InMemoryTransport.createLinkedPair();
  await serveGateway(gateway, { transport: { kind: 'transport', transport: far }, logger: silentLogger });
  return clientOf(near);
}
