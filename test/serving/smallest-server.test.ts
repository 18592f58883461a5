import { fileURLToPath } from 'node:url';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { expect, it } from 'vitest';
import { silentLogger } from '../../src/observability/logger.js';
import { openHttpServer } from '../../src/serving/http/http-server.js';
import { startServer } from '../../src/serving/server.js';
import { systemClock } from '../../src/time/clock.js';
import { cleanups } from '../fixtures/cleanups.js';
import { greeter } from '../fixtures/serving/greeter.js';
import { smallLimits } from '../fixtures/serving/small-limits.js';

async function overHttp(): Promise<StreamableHTTPClientTransport> {
  const logger = silentLogger;
  const dependencies = {
    service: greeter,
    names: { server: 'greeter' },
    limits: smallLimits,
    logger,
    clock: systemClock,
  };
  const server = startServer({
    name: 'greeter',
    open: () => openHttpServer({ server: { host: '127.0.0.1', port: 0 } }, dependencies),
    release: () => Promise.resolve(),
    graceMs: 1000,
    clock: systemClock,
    logger,
  });
  cleanups.push(() => server.close());
  return new StreamableHTTPClientTransport(new URL(await server.started));
}

const script = fileURLToPath(new URL('../fixtures/serving/serve-greeter.ts', import.meta.url));
const overStdio = (): Promise<StdioClientTransport> =>
  Promise.resolve(new StdioClientTransport({ command: process.execPath, args: ['--import', 'tsx', script] }));

it.each([
  ['HTTP', overHttp],
  ['stdio', overStdio],
])('ten lines are an MCP server over %s', async (_, transport) => {
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(await transport());
  cleanups.push(() => client.close());
  expect(client.getServerVersion()).toEqual({ name: 'greeter', version: '1' });
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(['greet']);
  const { content } = await client.callTool({ name: 'greet', arguments: { name: 'Ada' } });
  expect(content).toEqual([{ type: 'text', text: 'Hello, Ada' }]);
});
