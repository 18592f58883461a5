import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  CancelledNotificationSchema,
  ListToolsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { createGateway, createManager, definePlugin, serveGateway, silentLogger } from '../../src/index.js';
import { expect, it, onTestFinished } from 'vitest';
import { startServerSet } from '../../src/downstream/start-server-set.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { createInProcessTransport } from '../../src/transports/in-process/in-process-transport.js';

/** A gateway on a clock of the test's, with a server behind it that answers `answer` and says nothing to `wait`. */
async function gatewayOnAClock() {
  const clock = new ManualClock();
  const cancelled: unknown[] = [];
  const asked: string[] = [];
  const open = async () => {
    const server = new Server({ name: 'one', version: '1.0.0' }, { capabilities: { tools: {} } });
    const tools = ['answer', 'wait'].map((name) => ({ name, inputSchema: { type: 'object' as const } }));
    server.setRequestHandler(ListToolsRequestSchema, () => ({ tools }));
    server.setRequestHandler(CallToolRequestSchema, ({ params: { name } }) => {
      asked.push(name);
      return name === 'answer' ? { content: [] } : new Promise(() => {});
    });
    server.setNotificationHandler(CancelledNotificationSchema, ({ params }) => void cancelled.push(params.reason));
    const [near, far] = InMemoryTransport.createLinkedPair();
    await server.connect(far);
    return near;
  };
  const servers = await startServerSet(
    { servers: { mcpServers: { one: { command: 'in-memory', timeout: 60_000 } } }, logger: silentLogger, clock },
    ({ name }) => createInProcessTransport(open, { name, logger: silentLogger }),
  );
  // Each call takes another fraction of a millisecond until its server is asked.
  let calls = 0;
  const Slow = definePlugin({ hooks: { tool_pre_invoke: () => clock.advance(++calls / 1_000) } });
  const plugins = await createManager({
    config: { plugins: [{ name: 'slow', kind: 'Slow', hooks: ['tool_pre_invoke'] }] },
    kinds: { Slow },
    logger: silentLogger,
    env: {},
  });
  const gateway = await createGateway({ servers, plugins, face: 'transparent', logger: silentLogger, clock });
  const [near, far] = InMemoryTransport.createLinkedPair();
  await serveGateway(gateway, { transport: { kind: 'transport', transport: far }, logger: silentLogger, clock });
  const client = new Client({ name: 'client', version: '1.0.0' });
  await client.connect(near);
  onTestFinished(async () => {
    await client.close();
    await gateway.close();
  });
  return { asked, cancelled, client, clock };
}

it('calls leave no timers behind, however little time passes in each', async () => {
  const { client, clock } = await gatewayOnAClock();
  const call = (): Promise<unknown> => client.callTool({ name: 'answer' });
  for (let i = 0; i < 5; i++) await call();
  const before = clock.size;
  for (let i = 0; i < 50; i++) await call();
  expect(clock.size).toBeLessThanOrEqual(before + 2);
});

it('a server is told that the time of a call is over', async () => {
  const { asked, cancelled, client, clock } = await gatewayOnAClock();
  const calling = client.callTool({ name: 'wait' });
  await expect.poll(() => asked).toContain('wait');
  clock.advance(60_000);
  expect(await calling).toMatchObject({ isError: true });
  expect(cancelled).toEqual(['deadline passed']);
});
