import { describe, expect, it, vi } from 'vitest';
import { GatechartError } from '../../../src/errors.js';
import { errorOf, pluginOf, scriptedGateway, textOf } from '../../fixtures/gateway/scripted-gateway.js';
import { tool } from '../../fixtures/gateway/scripted-servers.js';
import { deferred } from '../../../src/time/deferred.js';
import { LinkError } from '../../../src/transports/transport.js';

const rules = { agents: { a: { allow: { servers: ['s'] }, deny: { tools: { s: ['drop'] } } } } };
const get = { agent_id: 'a', server: 's', tool: 'get' };
const servers = (script = () => ({ content: [{ type: 'text', text: 'done' }] })) => ({
  s: { lists: { tools: [tool('get'), tool('drop')] }, script },
});

describe('hooks around a call', () => {
  it('cannot make it a call of a tool that the rules deny', async () => {
    const plugins = await pluginOf({ tool_pre_invoke: () => ({ modifiedPayload: { name: 'drop', args: {} } }) });
    const { connect, records, servers: set } = await scriptedGateway(servers(), { rules, plugins });
    const result = await connect().execute(get);
    expect(errorOf(result)).toMatchObject({ code: 'DENIED_BY_POLICY', rule: 'agents.a.deny.tools.s[0]' });
    expect(set.reached).toEqual([]);
    expect(records).toMatchObject([{ decision: 'DENY', rule: 'agents.a.deny.tools.s[0]' }]);
  });

  it('may make it a call of a tool that they allow, with other arguments', async () => {
    const plugins = await pluginOf({ tool_pre_invoke: () => ({ modifiedPayload: { name: 'put', args: { b: 2 } } }) });
    const { connect, servers: set } = await scriptedGateway(servers(), { rules, plugins });
    await connect().execute({ ...get, args: { a: 1 } });
    expect(set.reached.map(({ request }) => request.params)).toEqual([{ name: 'put', arguments: { b: 2 } }]);
  });

  it('block it with their code, words and headers, and the server is not asked', async () => {
    const violation = {
      reason: 'Not here',
      description: 'Nobody may.',
      code: 'NO',
      httpHeaders: { 'retry-after': '1' },
    };
    const plugins = await pluginOf({ tool_pre_invoke: () => ({ continueProcessing: false, violation }) });
    const { connect, records, servers: set } = await scriptedGateway(servers(), { rules, plugins });
    const result = await connect().execute(get);
    expect(errorOf(result)).toMatchObject({
      code: 'BLOCKED_BY_PLUGIN',
      violationCode: 'NO',
      headers: { 'retry-after': '1' },
    });
    expect(textOf(result)).toContain('Nobody may (NO)');
    expect(set.reached).toEqual([]);
    // The rule that let it is not what decided.
    expect(records).toMatchObject([{ decision: 'DENY', error: 'BLOCKED_BY_PLUGIN', rule: undefined }]);
  });

  it('block the answer', async () => {
    const violation = { reason: 'Secret', description: 'A secret.', code: 'LEAK' };
    const plugins = await pluginOf({ tool_post_invoke: () => ({ continueProcessing: false, violation }) });
    const { connect } = await scriptedGateway(servers(), { rules, plugins });
    const result = await connect().execute(get);
    expect(JSON.stringify(result)).not.toContain('done');
    expect(errorOf(result)).toMatchObject({ violationCode: 'LEAK' });
  });

  it('see an error of the server as a result, and what they make of it is the answer', async () => {
    const script = () => {
      const cause = new LinkError('refused', 'my secret', { rpcCode: -32000 });
      throw new GatechartError('CALL_REFUSED', 'refused', { cause });
    };
    const plugins = await pluginOf({
      tool_post_invoke: ({ name }) => ({
        modifiedPayload: { name, result: { content: [{ type: 'text', text: 'hidden' }], isError: true } },
      }),
    });
    const { connect } = await scriptedGateway(servers(script), { rules, plugins });
    const result = await connect().execute(get);
    expect([textOf(result), result['isError']]).toEqual(['hidden', true]);
    expect(JSON.stringify(result)).not.toContain('my secret');
  });

  it('cannot send a header that the entry of the server does not name, and say so', async () => {
    const plugins = await pluginOf({
      tool_pre_invoke: ({ name }) => ({ modifiedPayload: { name, headers: { 'x-key': '1' } } }),
    });
    const { connect, servers: set } = await scriptedGateway(servers(), { rules, plugins });
    expect(errorOf(await connect().execute(get))).toMatchObject({ code: 'PLUGIN_FAILED' });
    expect(set.reached).toEqual([]);
  });
});

describe('a call that plugins want made again', () => {
  const again = () =>
    pluginOf({ tool_post_invoke: ({ name, result }) => ({ modifiedPayload: { name, result }, retryDelayMs: 100 }) });

  it('asks rules and server each time, and tells one record of it', async () => {
    const plugins = await again();
    const { clock, connect, records, servers: set } = await scriptedGateway(servers(), { rules, plugins });
    const result = connect().execute({ ...get, timeout_ms: 350 });
    for (let step = 0; step < 8; step++) await clock.run(50);
    expect(textOf(await result)).toBe('done');
    expect(set.reached).toHaveLength(4);
    expect(records).toHaveLength(1);
    expect(clock.holding).toBe(0);
  });

  it('is not made again when the rules deny it by then', async () => {
    const plugins = await again();
    const { clock, connect, gateway, servers: set } = await scriptedGateway(servers(), { rules, plugins });
    const result = connect().execute(get);
    await clock.run(50);
    gateway.reloadRules({ agents: { a: { deny: { servers: ['s'] } } } });
    await clock.run(100);
    expect(errorOf(await result)).toMatchObject({ code: 'DENIED_BY_POLICY' });
    expect(set.reached).toHaveLength(1);
  });

  it('ends with the gateway while it waits', async () => {
    const plugins = await again();
    const { clock, connect, gateway } = await scriptedGateway(servers(), { rules, plugins });
    const result = connect().execute(get);
    await clock.run(50);
    await gateway.close();
    expect(errorOf(await result)).toMatchObject({ code: 'CANCELLED' });
    expect(clock.holding).toBe(0);
  });
});

describe('the hook over lists', () => {
  const hiding = (isHidden: () => boolean) =>
    pluginOf({
      tool_list_post: ({ server, tools }) => ({
        modifiedPayload: { server, tools: isHidden() ? tools.filter(({ name }) => name !== 'get') : tools },
      }),
    });

  it.each(['on-demand', 'transparent'] as const)('decides calls as well as lists, as it is now: %s', async (face) => {
    let hidden = false;
    const plugins = await hiding(() => hidden);
    const options = { rules, plugins, face, agent: 'a' };
    const { connect, servers: set } = await scriptedGateway(servers(), options);
    const client = connect();
    const call = () =>
      face === 'on-demand' ? client.execute(get) : client.request('tools/call', { name: 'get', arguments: {} });
    expect(textOf(await call())).toBe('done');
    hidden = true;
    const refused = await call().catch((error: Error) => error.message);
    expect(JSON.stringify(refused)).toContain(face === 'on-demand' ? 'is not offered' : 'Unknown tool');
    expect(set.reached).toHaveLength(1);
  });

  it('closes what it fails over', async () => {
    const plugins = await pluginOf({
      tool_list_post: () => {
        throw new Error('broken');
      },
    });
    const { connect, servers: set } = await scriptedGateway(servers(), { rules, plugins });
    expect(errorOf(await connect().execute(get))).toMatchObject({ code: 'PLUGIN_FAILED' });
    expect(set.reached).toEqual([]);
  });
});

describe('a call', () => {
  it('is put on record once, and answered, where whoever keeps records throws', async () => {
    const record = () => {
      throw new Error('disk full');
    };
    const { connect, gateway, logger } = await scriptedGateway(servers(), { record });
    expect(textOf(await connect().execute(get))).toBe('done');
    expect(gateway.calls).toBe(0);
    await gateway.close({ drainMs: 10 });
    expect(logger.lines('error')).toEqual(['a decision could not be recorded: disk full']);
  });

  it('fails alone where the set of servers throws instead of rejecting', async () => {
    const { connect, gateway, records, servers: set } = await scriptedGateway(servers());
    set.callTool = () => {
      throw new Error('at once');
    };
    expect(errorOf(await connect().execute(get))).toMatchObject({ code: 'INTERNAL_ERROR' });
    expect([gateway.calls, records.length]).toEqual([0, 1]);
  });

  it('is refused after the end, and the gateway ends all the same', async () => {
    const { connect, gateway, servers: set } = await scriptedGateway(servers());
    const client = connect();
    await gateway.close();
    expect(errorOf(await client.execute(get))).toMatchObject({ code: 'CANCELLED' });
    expect([gateway.calls, set.reached.length]).toEqual([0, 0]);
  });

  it('is refused while the gateway waits for others before its end', async () => {
    const answer = deferred();
    const script = async () => {
      await answer.promise;
      return { content: [{ type: 'text' as const, text: 'done' }] };
    };
    const { connect, gateway } = await scriptedGateway({ s: { lists: { tools: [tool('get')] }, script } });
    const client = connect();
    const before = client.execute(get);
    await vi.waitFor(() => expect(gateway.calls).toBe(1));
    const closed = gateway.close({ drainMs: 10_000 });
    expect(errorOf(await client.execute(get))).toMatchObject({ code: 'CANCELLED' });
    answer.resolve();
    expect(textOf(await before)).toBe('done');
    await closed;
  });

  it('cannot be one of a tool that its server lists with hidden characters', async () => {
    const bad = tool('get', { inputSchema: { type: 'object', properties: { 'a\u200b': {} } } });
    const { connect, servers: set } = await scriptedGateway({ s: { lists: { tools: [bad] } } });
    const client = connect();
    const listed = await client.request('tools/call', { name: 'get_server_tools', arguments: { server: 's' } });
    expect(listed['structuredContent']).toMatchObject({ tools: [], total_available: 0 });
    expect(errorOf(await client.execute(get))).toMatchObject({ code: 'TOOL_NOT_FOUND' });
    expect(set.reached).toEqual([]);
  });

  it('cannot be one of a tool that the entry of its server leaves out', async () => {
    const entry = { tools: { allow: ['get*'], deny: ['get_secret'] } };
    const { connect, servers: set } = await scriptedGateway({ s: { entry } });
    for (const tool of ['drop', 'get_secret'])
      expect(errorOf(await connect().execute({ ...get, tool }))).toMatchObject({ code: 'TOOL_NOT_FOUND' });
    expect(set.reached).toEqual([]);
  });

  it('cannot be one of a tool that was not approved, where only approved ones are', async () => {
    const { connect, servers: set } = await scriptedGateway({ s: { ...servers().s, entry: { pin: 'block' } } });
    expect(errorOf(await connect().execute(get))).toMatchObject({ code: 'TOOL_NOT_FOUND' });
    expect(set.reached).toEqual([]);
  });
});
