import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it, vi } from 'vitest';
import { serveGateway } from '../../../src/gateway/serve-gateway.js';
import { silentLogger as logger } from '../../../src/index.js';
import { createInProcessTransport } from '../../../src/transports/in-process/in-process-transport.js';
import type { McpLink } from '../../../src/transports/mcp/mcp-messages.js';
import { LinkError } from '../../../src/transports/transport.js';
import { cleanups } from '../../fixtures/cleanups.js';
import { scriptedGateway } from '../../fixtures/gateway/scripted-gateway.js';
import type { ScriptedServer } from '../../fixtures/gateway/scripted-servers.js';
import { eventually, rejection } from '../../fixtures/waiting.js';

describe('a gateway over a transport of the SDK', () => {
  const connect = async (server: ScriptedServer) => {
    const made = await scriptedGateway({ s: server });
    const [near, far] = InMemoryTransport.createLinkedPair();
    const served = await serveGateway(made.gateway, {
      transport: { kind: 'transport', transport: far },
      logger,
      drainMs: 0,
    });
    const client = new Client({ name: 'test', version: '1' }, { capabilities: { elicitation: {} } });
    client.setRequestHandler(ElicitRequestSchema, () => ({ action: 'decline' as const }));
    await client.connect(near);
    cleanups.push(() => client.close());
    return { ...made, served, client };
  };
  const call = { name: 'execute_tool', arguments: { server: 's', tool: 'x' } };

  it('answers calls, brings progress and questions, and ends with its client', async () => {
    const script: ScriptedServer['script'] = async ({ options: { on }, request }) => {
      const { progressToken } = (request.params as { _meta: { progressToken: number } })._meta;
      on?.notification({ method: 'notifications/progress', params: { progressToken, progress: 1 } });
      const params = { message: 'm', requestedSchema: { type: 'object', properties: {} } };
      const answer = await on?.ask({ method: 'elicitation/create', params }, new AbortController().signal);
      return { content: [{ type: 'text', text: JSON.stringify(answer) }] };
    };
    const { client, gateway, served, servers } = await connect({ script });
    let progress = 0;
    const result = await client.callTool(call, undefined, { onprogress: () => void progress++ });
    expect(JSON.stringify(result)).toContain('decline');
    expect([progress, gateway.clients]).toEqual([1, 1]);
    await client.close();
    await served.closed;
    expect([gateway.clients, servers.isClosed, servers.listeners]).toEqual([0, true, 0]);
  });

  it('cancels the call of a client that does not wait any more', async () => {
    const { client, gateway, servers } = await connect({ script: () => new Promise(() => {}) });
    const abort = new AbortController();
    const slow = client.callTool(call, undefined, { signal: abort.signal });
    await eventually('it has begun', () => servers.reached.length === 1);
    abort.abort();
    await rejection(slow);
    await eventually('the server is told', () => servers.reached[0]?.options.signal?.aborted === true);
    expect(gateway.calls).toBe(0);
  });

  it('lets its client go also where the gateway does not end cleanly', async () => {
    const { client, gateway, served } = await connect({ script: () => new Promise(() => {}) });
    vi.spyOn(gateway, 'close').mockRejectedValueOnce(new Error('the servers do not end'));
    await served.close();
    await eventually('its client is told', () => client.transport === undefined);
  });

  it('answers the calls that run when it is closed, and takes no more', async () => {
    const { client, served } = await connect({ script: () => new Promise(() => {}) });
    const slow = client.callTool(call);
    await served.close();
    expect(await slow).toMatchObject({ isError: true, structuredContent: { error: { code: 'CANCELLED' } } });
    await expect(client.callTool(call)).rejects.toThrow();
  });
});

describe('a link to a server in this process', () => {
  const open = async (): Promise<{ link: McpLink; cancelled: () => number; close: () => Promise<void> }> => {
    let cancelled = 0;
    const server = new McpServer({ name: 'near', version: '1' });
    server.registerTool('quick', {}, () => ({ content: [{ type: 'text', text: 'done' }] }));
    server.registerTool(
      'slow',
      {},
      ({ signal }) =>
        new Promise((resolve) =>
          signal.addEventListener('abort', () => {
            cancelled++;
            resolve({ content: [] });
          }),
        ),
    );
    const [near, far] = InMemoryTransport.createLinkedPair();
    await server.connect(far);
    const transport = createInProcessTransport(() => near, { name: 'near', logger });
    const link = await transport.open(new AbortController().signal);
    cleanups.push(() => link.close());
    return { link, cancelled: () => cancelled, close: () => server.close() };
  };
  const call = (name: string) => ({ method: 'tools/call', params: { name, arguments: {} } });

  it('shakes hands, asks, and tells the server of what nobody waits for', async () => {
    const { link, cancelled } = await open();
    expect(link.peer.info?.name).toBe('near');
    const { signal } = new AbortController();
    expect(await link.request(call('quick'), { signal })).toMatchObject({ content: [{ text: 'done' }] });
    const abort = new AbortController();
    const slow = rejection(link.request(call('slow'), { signal: abort.signal }));
    await new Promise((resolve) => setImmediate(resolve));
    abort.abort(new Error('enough'));
    expect(await slow).toEqual(new Error('enough'));
    await eventually('the server is told', () => cancelled() === 1);
  });

  it('ends a transport once that tells of its end before it has ended', async () => {
    const [near, far] = InMemoryTransport.createLinkedPair();
    let closings = 0;
    near.close = () => {
      closings++;
      near.onclose?.();
      return Promise.resolve();
    };
    await new McpServer({ name: 'far', version: '1' }).connect(far);
    const link = await createInProcessTransport(() => near, { name: 'near', logger }).open(
      new AbortController().signal,
    );
    await link.close();
    expect(closings).toBe(1);
    expect(await link.closed).toEqual({});
  });

  it('says of a call that its end cuts off that it was cut off, and takes no more', async () => {
    const { close, link } = await open();
    const { signal } = new AbortController();
    const slow = rejection(link.request(call('slow'), { signal }));
    await new Promise((resolve) => setImmediate(resolve));
    await close();
    expect(await slow).toMatchObject({ outcome: 'cutOff' });
    expect(await link.closed).toMatchObject({ error: { code: 'LINK_LOST' } });
    expect(await rejection(link.request(call('quick'), { signal }))).toBeInstanceOf(LinkError);
  });
});
