import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { Tool } from '@modelcontextprotocol/sdk/types.js';
import { createGateway, serveGateway, silentLogger } from 'gatechart';
import { compared, contest, report } from '../measurement.js';
import { serversInMemory } from './in-memory.js';

/** Tools as servers have them: a sentence of description, and a few arguments. */
const toolsOf = (server: number): Tool[] =>
  Array.from({ length: 50 }, (_, index) => ({
    name: `tool_${index}`,
    description: `Looks up what number ${index} of server ${server} stands for, and says it in a sentence.`,
    inputSchema: {
      type: 'object',
      properties: { id: { type: 'string' }, limit: { type: 'integer' }, verbose: { type: 'boolean' } },
      required: ['id'],
    },
  }));

const gateway = await createGateway({
  servers: await serversInMemory(
    Object.fromEntries(Array.from({ length: 20 }, (_, server) => [`server_${server}`, toolsOf(server)])),
  ),
  face: 'transparent',
  agent: 'bench',
  rules: { agents: { bench: { allow: { servers: ['*'] } } } },
  logger: silentLogger,
});
const stdin = new PassThrough();
const stdout = new PassThrough({ encoding: 'utf8', readableHighWaterMark: 4_194_304 });
await serveGateway(gateway, { transport: { kind: 'stdio', stdin, stdout }, logger: silentLogger });

let id = 0;
/** The line that a client gets. */
async function ask(method: string, params: object): Promise<string> {
  stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id: ++id, method, params })}\n`);
  let text = '';
  while (!text.endsWith('\n')) text += (await once(stdout, 'data'))[0];
  return text;
}

const clientInfo = { name: 'bench', version: '1.0.0' };
await ask('initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
stdin.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
const first = await ask('tools/list', {});
const { result } = JSON.parse(first) as { result: { tools: unknown[] } };
if (result.tools.length !== 1_000) throw new Error(`the gateway lists ${result.tools.length} tools instead of 1,000`);

const { wall } = await contest({
  ours: async (count) => {
    for (let i = 0; i < count; i++) {
      const text = await ask('tools/list', {});
      // But for the id it is the same answer each time.
      if (Math.abs(text.length - first.length) > 10) throw new Error('the list has changed');
    }
  },
  reference: async (count) => {
    for (let i = 0; i < count; i++) JSON.stringify(result);
  },
  count: 50,
});
report([compared('gateway/list-1000', 'µs', wall)]);
stdin.end();
