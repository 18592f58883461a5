import { describe, expect, it } from 'vitest';
import { GatechartError } from '../../../src/errors.js';
import { LinkError } from '../../../src/transports/transport.js';
import { Cancellation } from '../../../src/time/cancellation.js';
import { pluginOf, scriptedGateway, textOf } from '../../fixtures/gateway/scripted-gateway.js';
import { type ScriptedServer, tool } from '../../fixtures/gateway/scripted-servers.js';

const rules = { agents: { a: { allow: { servers: ['s', 't'] }, deny: { tools: { s: ['drop'] } } } } };
const nothing = { agents: { a: {} } };
const echo = ({ request }: { request: { params?: unknown } }) => ({ content: [], echoed: request.params });
const servers = (): Record<string, ScriptedServer> => ({
  s: {
    lists: {
      tools: [tool('get'), tool('drop')],
      prompts: [{ name: 'ask' }],
      resources: [{ uri: 'a://x', name: 'x' }],
      resourceTemplates: [{ uriTemplate: 'a://{id}/y', name: 'y' }],
    },
    script: echo,
  },
});
const options = { rules, agent: 'a', face: 'transparent' } as const;

describe('the face transparent', () => {
  it('lists what may be called, and calls what it lists', async () => {
    const { connect, servers: set } = await scriptedGateway(servers(), options);
    const client = connect();
    expect(await client.names('tools/list', 'tools')).toEqual(['get']);
    await client.request('tools/call', { name: 'get', arguments: { a: 1 }, _meta: { m: 1 } });
    expect(set.reached[0]?.request.params).toEqual({ name: 'get', arguments: { a: 1 }, _meta: { m: 1 } });
    await expect(client.request('tools/call', { name: 'drop' })).rejects.toMatchObject({
      code: -32602,
      message: 'Unknown tool: drop',
    });
  });

  it.each([
    ['tools/call', { name: 'get', task: { ttl: 1 } }],
    ['tools/call', { name: 'get', extra: 1 }],
    ['tools/call', { name: 'get', arguments: 'x' }],
    ['tools/call', { name: 'get', _meta: 1 }],
    ['tools/call', { arguments: {} }],
    ['prompts/get', { name: 'ask', extra: 1 }],
    ['resources/read', { uri: 'a://x', extra: 1 }],
    ['resources/subscribe', { uri: 'a://x', extra: 1 }],
    ['completion/complete', { ref: { type: 'ref/prompt', name: 'ask' }, argument: {}, extra: 1 }],
  ])('sends no parameter on that it does not know or cannot show to hooks: %s %j', async (method, params) => {
    const { connect, servers: set } = await scriptedGateway(servers(), options);
    await expect(connect().request(method, params)).rejects.toMatchObject({ code: -32602 });
    expect([set.reached, set.subscriptions.size]).toEqual([[], 0]);
  });

  it('gives an error of JSON-RPC of a server as it is: of tools, prompts, resources and completions', async () => {
    const script = () => {
      const cause = new LinkError('refused', 'its words', { rpcCode: -32042, rpcData: { d: 1 } });
      throw new GatechartError('CALL_REFUSED', 'refused', { cause });
    };
    const { connect, records } = await scriptedGateway({ s: { ...servers()['s'], script } }, options);
    for (const [method, params] of [
      ['tools/call', { name: 'get' }],
      ['prompts/get', { name: 'ask' }],
      ['resources/read', { uri: 'a://x' }],
      ['completion/complete', { ref: { type: 'ref/prompt', name: 'ask' }, argument: {} }],
    ] as const)
      await expect(connect().request(method, params)).rejects.toMatchObject({
        code: -32042,
        message: 'its words',
        data: { d: 1 },
      });
    expect(records.map(({ decision }) => decision)).toEqual(['ERROR', 'ERROR', 'ERROR', 'ERROR']);
  });

  it('tells a block of a prompt as an error of JSON-RPC with its code, words and headers', async () => {
    const violation = {
      reason: 'Not here',
      description: 'Nobody may.',
      code: 'NO',
      mcpErrorCode: -32077,
      httpHeaders: { 'retry-after': '1' },
    };
    const plugins = await pluginOf({ prompt_pre_fetch: () => ({ continueProcessing: false, violation }) });
    const { connect, servers: set } = await scriptedGateway(servers(), { ...options, plugins });
    await expect(connect().request('prompts/get', { name: 'ask' })).rejects.toMatchObject({
      code: -32077,
      message: expect.stringContaining('Nobody may'),
      data: { code: 'BLOCKED_BY_PLUGIN', violationCode: 'NO', headers: { 'retry-after': '1' } },
    });
    expect(set.reached).toEqual([]);
  });

  it('asks a server for nothing that the rules deny by the time that the lists are there', async () => {
    for (const [method, params] of [
      ['tools/call', { name: 'get' }],
      ['prompts/get', { name: 'ask' }],
      ['resources/read', { uri: 'a://x' }],
      ['resources/subscribe', { uri: 'a://x' }],
      ['completion/complete', { ref: { type: 'ref/prompt', name: 'ask' }, argument: {} }],
    ] as const) {
      let listed = (): void => {};
      const waiting = new Promise<void>((resolve) => (listed = resolve));
      const { lists } = servers()['s'] ?? {};
      const listing: ScriptedServer['listing'] = (kind) => waiting.then(() => lists?.[kind] ?? []);
      const { connect, gateway, servers: set } = await scriptedGateway({ s: { listing, script: echo } }, options);
      const answer = connect()
        .request(method, params)
        .then(
          (result) => textOf(result),
          (error: Error) => error.message,
        );
      gateway.reloadRules(nothing);
      listed();
      expect(await answer).toMatch(/cannot access|Unknown|not found/);
      expect([set.reached, set.subscriptions.size]).toEqual([[], 0]);
    }
  });
});

describe('a subscription', () => {
  const follow = async () => {
    const made = await scriptedGateway(servers(), options);
    const client = made.connect();
    await client.request('resources/subscribe', { uri: 'a://x' });
    return { ...made, client };
  };

  it('tells its client, until it is taken back', async () => {
    const { client, connect, servers: set } = await follow();
    const other = connect();
    set.subscriptions.get('s a://x')?.({ uri: 'a://x' });
    expect(client.heard).toEqual([{ method: 'notifications/resources/updated', params: { uri: 'a://x' } }]);
    expect(other.heard).toEqual([]);
    await client.request('resources/unsubscribe', { uri: 'a://x' });
    expect(set.subscriptions.size).toBe(0);
  });

  it('ends when its agent may not use the server any more, and tells nothing from that moment', async () => {
    const { client, clock, gateway, servers: set } = await follow();
    const tell = set.subscriptions.get('s a://x');
    gateway.reloadRules(nothing);
    tell?.({ uri: 'a://x' });
    await clock.run(0);
    expect([client.heard, set.subscriptions.size]).toEqual([[], 0]);
  });

  it('can be made again on a server that was away', async () => {
    const { client, clock, servers: set } = await follow();
    set.remove('s');
    await clock.run(0);
    set.put('s', servers()['s'] ?? {});
    set.subscriptions.clear();
    await client.request('resources/subscribe', { uri: 'a://x' });
    expect(set.subscriptions.size).toBe(1);
  });

  it('ends with its client, also one that leaves before the server has confirmed', async () => {
    const { client, clock, connect, servers: set } = await follow();
    const late = connect();
    const signal = new Cancellation();
    const made = late.request('resources/subscribe', { uri: 'a://1/y' }, { signal });
    signal.abort(new Error('gone'));
    late.leave();
    client.leave();
    await made;
    await clock.run(0);
    expect(set.subscriptions.size).toBe(0);
  });
});

describe('what a server says that belongs to no call', () => {
  const log = (set: Awaited<ReturnType<typeof scriptedGateway>>['servers'], client?: { id: string }) =>
    set.say('s', 'notifications/message', { level: 'info', data: 'x' }, client);

  it('is told to the one client that has called the server, and to no other', async () => {
    const { connect, gateway, servers: set } = await scriptedGateway(servers(), options);
    const client = connect();
    log(set);
    expect(client.heard).toEqual([]);
    await client.request('tools/call', { name: 'get' });
    log(set);
    expect(client.heard).toHaveLength(1);
    gateway.reloadRules(nothing);
    log(set);
    expect(client.heard).toHaveLength(1);
  });

  it('is told to nobody where several might be meant, and to its owner where there is one', async () => {
    const { connect, servers: set } = await scriptedGateway(servers(), options);
    const [one, other] = [connect(), connect()];
    await one.request('tools/call', { name: 'get' });
    await other.request('tools/call', { name: 'get' });
    log(set);
    log(set, other);
    expect([one.heard.length, other.heard.length]).toEqual([0, 1]);
    other.leave();
    log(set, other);
    expect([one.heard.length, other.heard.length]).toEqual([0, 1]);
  });

  it('is told from the level on that the client has set', async () => {
    const { connect, servers: set } = await scriptedGateway(servers(), options);
    const client = connect({ logLevel: 'error' });
    await client.request('tools/call', { name: 'get' });
    log(set);
    set.say('s', 'notifications/message', { level: 'alert', data: 'x' });
    expect(client.heard).toMatchObject([{ params: { level: 'alert' } }]);
  });
});
