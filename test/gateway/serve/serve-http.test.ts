import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js';
import { describe, expect, it } from 'vitest';
import { createServerSet } from '../../../src/downstream/create-server-set.js';
import { createGateway } from '../../../src/gateway/create-gateway.js';
import type { GatewayOptions } from '../../../src/gateway/gateway-options.js';
import type { GatewayHttpOptions } from '../../../src/gateway/http/http-options.js';
import { serveGateway } from '../../../src/gateway/serve-gateway.js';
import { silentLogger as logger } from '../../../src/index.js';
import { cleanups } from '../../fixtures/cleanups.js';
import { startHttpServer } from '../../fixtures/downstream/http-server.js';
import { pluginOf } from '../../fixtures/gateway/scripted-gateway.js';
import { realServers } from '../../fixtures/gateway/served-command.js';
import { eventually } from '../../fixtures/waiting.js';
import type { ServerInput } from '../../../src/downstream/servers-file/servers-input.js';

async function served(
  mcpServers: Record<string, ServerInput>,
  options: Partial<GatewayOptions> = {},
  http: GatewayHttpOptions = {},
) {
  const env = { PATH: process.env['PATH'] };
  const servers = await createServerSet({ servers: { mcpServers }, env, logger });
  const gateway = await createGateway({ servers, logger, lockFile: '/nowhere/gatechart.lock', ...options });
  const server = await serveGateway(gateway, { transport: { kind: 'http', port: 0, ...http }, logger, drainMs: 0 });
  cleanups.push(() => server.close());
  return { address: server.address, gateway, servers };
}

/** A client over HTTP, who answers what it is asked with its name. */
async function connected(url: string, name: string, headers: Record<string, string> = {}) {
  const client = new Client({ name, version: '1' }, { capabilities: { elicitation: {} } });
  const asked: unknown[] = [];
  let changes = 0;
  client.setRequestHandler(ElicitRequestSchema, ({ params }) => {
    asked.push(params);
    return { action: 'accept', content: { name } };
  });
  client.setNotificationHandler(ToolListChangedNotificationSchema, () => void changes++);
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit: { headers } }));
  cleanups.push(() => client.close());
  return { client, asked, changes: () => changes };
}

const execute = (server: string, tool: string, args: object = {}) => ({
  name: 'execute_tool',
  arguments: { server, tool, args },
});

describe('a gateway over HTTP', () => {
  it('brings questions and progress of servers to the client whose call it is, and to no other', async () => {
    const { address } = await served({ everything: realServers.everything });
    const [one, two] = [await connected(address, 'One'), await connected(address, 'Two')];
    const progress: [number, number] = [0, 0];
    const long = execute('everything', 'trigger-long-running-operation', { duration: 0.6, steps: 3 });
    const [first] = await Promise.all([
      one.client.callTool(long, undefined, { onprogress: () => void progress[0]++ }),
      two.client.callTool(execute('everything', 'echo', { message: 'x' }), undefined, {
        onprogress: () => void progress[1]++,
      }),
    ]);
    expect(JSON.stringify(first)).toContain('completed');
    expect(progress).toEqual([expect.any(Number), 0]);
    expect(progress[0]).toBeGreaterThan(1);
    const answer = await two.client.callTool(execute('everything', 'trigger-elicitation-request'));
    expect(JSON.stringify(answer)).toContain('Two');
    expect([one.asked.length, two.asked.length]).toEqual([0, 1]);
  }, 40_000);

  it('refuses a question on a shared session that may be the one or the other', async () => {
    const { address } = await served({ everything: realServers.everything });
    const [one, two] = [await connected(address, 'One'), await connected(address, 'Two')];
    const ask = execute('everything', 'trigger-elicitation-request');
    await two.client.callTool(execute('everything', 'echo', { message: 'x' }));
    const results = await Promise.allSettled([one.client.callTool(ask), two.client.callTool(ask)]);
    for (const [index, result] of results.entries()) {
      const text = JSON.stringify(result);
      expect(text).not.toContain(index === 0 ? 'Two' : 'One');
    }
  }, 40_000);

  it('keeps the Authorization of its clients from servers, from plugins and from what they forward', async () => {
    const downstream = await startHttpServer();
    cleanups.push(async () => downstream[Symbol.asyncDispose]());
    const seen: unknown[] = [];
    const plugins = await pluginOf({
      tool_pre_invoke: (payload, context) => void seen.push(payload, context),
      tool_post_invoke: (payload, context) => void seen.push(payload, context),
    });
    const token = 'a-token-of-the-gateway';
    const entry = { url: downstream.url, forwardHeaders: ['x-tenant'] };
    const records: unknown[] = [];
    const record = (told: unknown): void => void records.push(told);
    const { address, gateway } = await served({ counter: entry }, { plugins, record }, { token });
    const headers = { authorization: `Bearer ${token}`, cookie: 'secret=1', 'x-tenant': 'blue' };
    const { client } = await connected(address, 'One', headers);
    const result = await client.callTool(execute('counter', 'count'));
    expect(JSON.stringify(result)).toContain('1');
    expect(downstream.headers.length).toBeGreaterThan(1);
    for (const sent of downstream.headers) {
      expect([sent.authorization, sent.cookie]).toEqual([undefined, undefined]);
      expect(sent['x-tenant']).toBe('blue');
    }
    const everywhere = JSON.stringify([downstream.headers, seen, gateway.status()]);
    expect(everywhere).not.toContain(token);
    expect(everywhere).not.toContain('secret=1');
  }, 40_000);

  it('takes no entry that would forward it', async () => {
    const { servers } = await served({ counter: { url: 'http://127.0.0.1:1/', forwardHeaders: ['Authorization'] } });
    expect(servers.status()).toMatchObject([{ state: 'unusable' }]);
  });

  it('tells its clients that a list has changed when rules change it, and their calls of what is gone fail', async () => {
    const rules = { agents: { a: { allow: { servers: ['everything'] } } } };
    const options = { rules, agent: 'a', face: 'transparent' } as const;
    const { address, gateway } = await served({ everything: realServers.everything }, options);
    const { client, changes } = await connected(address, 'One');
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain('echo');
    const before = changes();
    gateway.reloadRules({ agents: { a: { ...rules.agents.a, deny: { tools: { everything: ['echo'] } } } } });
    await eventually('it is told', () => changes() > before);
    expect((await client.listTools()).tools.map(({ name }) => name)).not.toContain('echo');
    await expect(client.callTool({ name: 'echo', arguments: { message: 'x' } })).rejects.toThrow('Unknown tool');
  }, 40_000);
});
