import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { Client as ClientV2, StreamableHTTPClientTransport as HttpV2 } from '@modelcontextprotocol/client';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { expect, it } from 'vitest';
import { guardClient } from '../../src/index.js';
import { cleanups } from '../fixtures/cleanups.js';
import { block, contextOf, guardOf } from '../fixtures/guard/guards.js';

/** How a server answers a call of a tool with words of its own that are no result. */
const answers: Readonly<Record<string, (id: unknown) => readonly [status: number, body: string]>> = {
  'an error': (id) => [200, JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32000, message: 'a secret' } })],
  'an error with a status': (id) => [
    400,
    JSON.stringify({ jsonrpc: '2.0', id, error: { code: -32000, message: 'a secret' } }),
  ],
  'a status': () => [500, 'a secret'],
  'no JSON': () => [200, 'a secret'],
};

async function serverThatAnswers(answer: (id: unknown) => readonly [number, string]): Promise<URL> {
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<unknown> => {
    if (request.method !== 'POST') return response.writeHead(405).end();
    const { method, id } = Object(await json(request));
    if (id === undefined) return response.writeHead(202).end();
    const capabilities = { tools: {} };
    const result = { protocolVersion: '2025-06-18', capabilities, serverInfo: { name: 'x', version: '1' } };
    const unknown = { code: -32601, message: 'Method not found' };
    const [status, body] =
      method === 'tools/call'
        ? answer(id)
        : [200, JSON.stringify({ jsonrpc: '2.0', id, ...(method === 'initialize' ? { result } : { error: unknown }) })];
    return response.writeHead(status, { 'content-type': 'application/json' }).end(body);
  };
  const server = createServer((request, response) => void serve(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  cleanups.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`);
}

async function connected(version: number, url: URL): Promise<Client> {
  const client = version === 1 ? new Client({ name: 'x', version: '1' }) : new ClientV2({ name: 'x', version: '1' });
  const transport = version === 1 ? new StreamableHTTPClientTransport(url) : new HttpV2(url);
  await client.connect(transport);
  cleanups.push(() => client.close());
  return client as Client;
}

const cases = Object.entries(answers).flatMap(([name, answer]) => [1, 2].map((v) => [name, v, answer] as const));

it.each(cases)(
  'words of a server that come as %s are looked at, with version %i of the SDK',
  async (_name, v, answer) => {
    const seen: unknown[] = [];
    const manager = await guardOf({
      tool_post_invoke: ({ result }) => {
        seen.push(result);
        return JSON.stringify(result).includes('secret') ? block('NO') : undefined;
      },
    });
    const client = guardClient(await connected(v, await serverThatAnswers(answer)), manager, contextOf);
    expect(JSON.stringify(await client.callTool({ name: 'x' }))).not.toContain('secret');
    expect(seen).toMatchObject([{ isError: true }]);
  },
);
