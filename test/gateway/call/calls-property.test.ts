import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Notification, Result } from '@modelcontextprotocol/sdk/types.js';
import { GatechartError } from '../../../src/errors.js';
import type { GatewayOptions } from '../../../src/gateway/gateway-options.js';
import { readRules } from '../../../src/gateway/rules/read-rules.js';
import { Cancellation } from '../../../src/time/cancellation.js';
import { pluginOf, type ScriptedClient, scriptedGateway } from '../../fixtures/gateway/scripted-gateway.js';
import { type Reached, type ScriptedServer, tool } from '../../fixtures/gateway/scripted-servers.js';
import { plainRules } from '../../models/plain-agents.js';

const serverNames = ['s', 't'] as const;
const toolNames = ['get', 'get_a', 'drop', 'put'] as const;

/** What a server does with one call, by the number that the call carries. */
type Fate = 'answers' | 'answers late' | 'refuses' | 'fails' | 'throws' | 'never answers' | 'asks';

interface Call {
  readonly client: number;
  readonly agent: string;
  readonly server: string;
  readonly tool: string;
  readonly fate: Fate;
  /** What plugins do about it. */
  readonly hooks: 'pass' | 'rename' | 'block' | 'retry' | 'fail';
  readonly cancelAfterMs: number | undefined;
  readonly timeoutMs: number;
}

const calls = fc.array(
  fc.record({
    client: fc.nat(2),
    agent: fc.constantFrom('a', 'b', 'nobody'),
    server: fc.constantFrom(...serverNames, 'none'),
    tool: fc.constantFrom<string>(...toolNames),
    fate: fc.constantFrom<Fate>('answers', 'answers late', 'refuses', 'fails', 'throws', 'never answers', 'asks'),
    hooks: fc.constantFrom<Call['hooks']>('pass', 'pass', 'pass', 'rename', 'block', 'retry', 'fail'),
    cancelAfterMs: fc.option(fc.nat(120), { nil: undefined }),
    timeoutMs: fc.integer({ min: 0, max: 200 }),
  }),
  { minLength: 1, maxLength: 8 },
);

const filters = fc.constantFrom<{ allow: string[] | undefined; deny: string[] | undefined }>(
  { allow: undefined, deny: undefined },
  { allow: undefined, deny: ['drop'] },
  { allow: ['get*'], deny: undefined },
);

const worlds = fc.record({ rules: plainRules(['s', 't'], ['get', 'get_*', 'drop', '*', 'put']), calls, filters });

const numberOf = (value: unknown): number => {
  const { arguments: args } = (value ?? {}) as { arguments?: { n?: number } };
  return args?.n ?? -1;
};

/** Runs all calls side by side, and gives what is to be judged. */
async function run({ rules, calls, filters }: { rules: object; calls: readonly Call[]; filters: object }) {
  const script = async (reached: Reached): Promise<Result> => {
    const n = numberOf(reached.request.params);
    const { fate = 'answers' } = calls[n] ?? {};
    const { on } = reached.options;
    on?.notification({ method: 'notifications/progress', params: { progressToken: n, progress: 1 } });
    const answer = { content: [{ type: 'text', text: `answer ${n}` }] };
    if (fate === 'answers') return answer;
    if (fate === 'refuses') throw new GatechartError('CALL_REFUSED', 'refused');
    if (fate === 'fails') throw new TypeError('inside');
    if (fate === 'never answers') return new Promise(() => {});
    if (fate === 'answers late') await new Promise<void>((resolve) => void made.clock.setTimeout(resolve, 60));
    else await on?.ask({ method: 'elicitation/create', params: { n } }, new AbortController().signal);
    return answer;
  };
  const server: ScriptedServer = {
    lists: { tools: toolNames.map((name) => tool(name)) },
    entry: { tools: filters as never },
    script,
  };
  const hooksOf = (args: unknown): Call['hooks'] =>
    calls[(args as { n?: number } | undefined)?.n ?? -1]?.hooks ?? 'pass';
  const retried = new Set<string>();
  const plugins = await pluginOf({
    tool_pre_invoke: ({ args }) => {
      const hooks = hooksOf(args);
      if (hooks === 'fail') throw new Error('broken');
      if (hooks === 'block')
        return { continueProcessing: false, violation: { reason: 'no', description: 'no', code: 'NO' } };
      return hooks === 'rename' ? { modifiedPayload: { name: 'drop', ...(args && { args }) } } : {};
    },
    tool_post_invoke: ({ name, result }) => {
      const text = JSON.stringify(result);
      const wants = calls.some(({ hooks }, n) => hooks === 'retry' && text.includes(`answer ${n}`));
      if (!wants || retried.has(text)) return {};
      retried.add(text);
      return { modifiedPayload: { name, result }, retryDelayMs: 10 };
    },
  });
  const options: Partial<GatewayOptions> = { rules, plugins };
  const made = await scriptedGateway({ s: server, t: server }, options);
  const { callTool } = made.servers;
  made.servers.callTool = (name, call, options) => {
    if (calls[numberOf(call)]?.fate === 'throws') throw new Error('at once');
    return callTool(name, call, options);
  };
  const clients = [made.connect(), made.connect(), made.connect()];
  const settled = calls.map(() => 0);
  const results: Result[] = [];
  const heard: Notification[][] = calls.map(() => []);
  const running = calls.map(({ client, agent, server, tool, cancelAfterMs, timeoutMs }, n) => {
    const signal = new Cancellation();
    if (cancelAfterMs !== undefined) made.clock.setTimeout(() => signal.abort(new Error('gone')), cancelAfterMs);
    const args = { agent_id: agent, server, tool, args: { n }, timeout_ms: timeoutMs };
    return (clients[client] as ScriptedClient).execute(args, { signal, heard: heard[n] ?? [] }).then((result) => {
      settled[n] = (settled[n] ?? 0) + 1;
      results[n] = result;
    });
  });
  for (let step = 0; step < 30; step++) await made.clock.run(10);
  // What has no time of its own ends with the gateway.
  await made.gateway.close();
  await Promise.all(running);
  return { ...made, clients, settled, results, heard };
}

describe('calls of several clients and agents, side by side', () => {
  it('reach a server only where rules, filter and hooks let them, and are settled and told once', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const { calls, filters } = world;
        const made = await run(world);
        const { rules } = readRules(world.rules);
        const mayCall = (agent: string, server: string, name: string): boolean =>
          rules.server(agent, server).allowed &&
          rules.tool(agent, server, name).allowed &&
          !(filters.deny ?? []).includes(name) &&
          (filters.allow === undefined || name.startsWith('get'));
        for (const { server, request, options } of made.servers.reached) {
          const n = numberOf(request.params);
          const { agent = '', hooks, tool = '' } = calls[n] ?? {};
          const name = String((request.params as { name?: unknown }).name);
          expect(hooks === 'block' || hooks === 'fail').toBe(false);
          expect(name).toBe(hooks === 'rename' ? 'drop' : tool);
          // A call that is renamed was let through under both names.
          expect([mayCall(agent, server, tool), mayCall(agent, server, name)]).toEqual([true, true]);
          expect(options.caller?.agent).toBe(agent);
        }
        expect(made.settled).toEqual(calls.map(() => 1));
        const told = made.records.map(({ request }) => numberOf(request?.params)).sort((a, b) => a - b);
        expect(told).toEqual(calls.map((_call, n) => n));
        for (const [n, result] of made.results.entries()) {
          const text = JSON.stringify(result);
          expect(text).not.toContain('inside');
          for (const other of calls.keys()) if (other !== n) expect(text).not.toContain(`answer ${other}"`);
        }
      }),
      { numRuns: 150 },
    );
  }, 60_000);

  it('tell progress to the call that it is about, ask its own client, and leave nothing behind', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, async (world) => {
        const made = await run(world);
        for (const [n, heard] of made.heard.entries())
          for (const { params } of heard) expect(params?.['progressToken']).toBe(n);
        for (const [index, { questions, heard }] of made.clients.entries()) {
          expect(heard).toEqual([]);
          for (const { params } of questions) expect(world.calls[Number(params?.['n'])]?.client).toBe(index);
        }
        expect([made.gateway.calls, made.clock.holding, made.servers.listeners]).toEqual([0, 0, 0]);
        expect(made.servers.isClosed).toBe(true);
      }),
      { numRuns: 100 },
    );
  }, 60_000);
});

describe('what is listed', () => {
  it('is what can be called, in both faces, under rules, filters and the hook over lists', async () => {
    const hidden = fc.constantFrom<string>(...toolNames, 'none');
    await fc.assert(
      fc.asyncProperty(worlds, hidden, fc.constantFrom('on-demand', 'transparent'), async (world, gone, face) => {
        const { filters, rules } = world;
        const plugins = await pluginOf({
          tool_list_post: ({ server, tools }) => ({
            modifiedPayload: { server, tools: tools.filter(({ name }) => name !== gone) },
          }),
        });
        const server = { lists: { tools: toolNames.map((name) => tool(name)) }, entry: { tools: filters } };
        const options = { rules, plugins, agent: 'a', face } as const;
        const { connect, servers } = await scriptedGateway({ s: server, t: server }, options);
        const client = connect();
        for (const name of serverNames) {
          const listed = await listedBy(client, face, name);
          for (const one of toolNames) {
            const before = servers.reached.length;
            if (face === 'on-demand') await client.execute({ server: name, tool: one });
            else await client.request('tools/call', { name: `${name}__${one}` }).catch(() => undefined);
            expect([name, one, servers.reached.length > before]).toEqual([name, one, listed.includes(one)]);
          }
        }
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});

async function listedBy(client: ScriptedClient, face: string, server: string): Promise<readonly unknown[]> {
  if (face === 'transparent') {
    const names = await client.names('tools/list', 'tools');
    return names.flatMap((name) =>
      String(name).startsWith(`${server}__`) ? [String(name).slice(server.length + 2)] : [],
    );
  }
  const params = { name: 'get_server_tools', arguments: { server } };
  const { structuredContent } = await client.request('tools/call', params);
  return (structuredContent as { tools: { name: string }[] }).tools.map(({ name }) => name);
}
