import { describe, expect, it } from 'vitest';
import { GatechartError } from '../../../src/errors.js';
import { Cancellation } from '../../../src/time/cancellation.js';
import { scriptedGateway } from '../../fixtures/gateway/scripted-gateway.js';
import { tool } from '../../fixtures/gateway/scripted-servers.js';

const identityOf = (user: string) => ({ user, credentials: user, claims: {}, scopes: [] });
const face = 'transparent';
const changed = [{ method: 'notifications/tools/list_changed' }];

describe('a list that changes', () => {
  const rules = {
    agents: { a: { allow: { servers: ['s'] } }, b: { allow: { servers: ['s'], tools: { s: ['get'] } } } },
  };
  const server = { lists: { tools: [tool('get')] } };
  const more = { lists: { tools: [tool('get'), tool('put')] } };

  const listed = async () => {
    const made = await scriptedGateway({ s: server }, { rules, face });
    const clients = [made.connect({ identity: identityOf('a') }), made.connect({ identity: identityOf('b') })] as const;
    for (const client of clients) await client.request('tools/list');
    await made.clock.run(60);
    return { ...made, clients };
  };

  it('is told once for several changes, and only to those who are offered something else', async () => {
    const { clients, clock, servers } = await listed();
    servers.put('s', { lists: { tools: [tool('other')] } });
    servers.put('s', more);
    await clock.run(60);
    expect(clients.map(({ heard }) => heard)).toEqual([changed, []]);
    expect(await clients[0].names('tools/list', 'tools')).toEqual(['get', 'put']);
  });

  it('is told when rules change it', async () => {
    const { clients, clock, gateway } = await listed();
    gateway.reloadRules({ agents: { a: { allow: { servers: ['s'] } }, b: {} } });
    await clock.run(60);
    expect(clients.map(({ heard }) => heard)).toEqual([[], changed]);
  });

  it('is told to nobody who has left, not even one who left while the list was asked for', async () => {
    const { clients, clock, servers } = await listed();
    const signal = new Cancellation();
    servers.put('s', { listing: () => new Promise((resolve) => void clock.setTimeout(() => resolve([]), 10)) });
    const late = clients[1].request('tools/list', {}, { signal });
    signal.abort(new Error('gone'));
    for (const client of clients) client.leave();
    await clock.run(20);
    await late;
    servers.put('s', more);
    await clock.run(60);
    expect(clients.map(({ heard }) => heard)).toEqual([[], []]);
  });

  it('is looked at once more where it changed while a slow server was asked', async () => {
    const every = { agents: { a: { allow: { servers: ['*'] } } } };
    const options = { rules: every, face, prefix: 'always', agent: 'a' } as const;
    const { clock, connect, gateway, servers } = await scriptedGateway({ s: server, slow: { lists: {} } }, options);
    const client = connect();
    expect(await client.names('tools/list', 'tools')).toEqual(['s__get']);
    await clock.run(60);
    let fail = (): void => {};
    const away = new GatechartError('SERVER_UNAVAILABLE', 'away');
    servers.put('slow', { listing: () => new Promise((_resolve, reject) => (fail = () => reject(away))) });
    await clock.run(60);
    gateway.reloadRules({ agents: { a: {} } });
    await clock.run(60);
    expect(client.heard).toEqual([]);
    fail();
    await clock.run(60);
    expect(client.heard).toEqual(changed);
  });

  it('does not hold up the end', async () => {
    const { clock, gateway, servers } = await listed();
    servers.put('s', { listing: () => new Promise(() => {}) });
    await clock.run(60);
    await gateway.close();
    expect([servers.isClosed, servers.listeners, clock.size]).toEqual([true, 0, 0]);
  });
});

describe('a server that cannot be asked', () => {
  const away = () => Promise.reject(new GatechartError('SERVER_UNAVAILABLE', 'away'));

  it('is left out, holds up nobody a second time, and is there when it is back', async () => {
    const servers = { up: { lists: { tools: [tool('get')] } }, down: { listing: away } };
    const { clock, connect, servers: set } = await scriptedGateway(servers, { face });
    const client = connect();
    const names = () => client.names('tools/list', 'tools');
    expect(await names()).toEqual(['up__get']);
    await clock.run(60);
    const asked = () => set.asked.filter((asked) => asked === 'down tools').length;
    const before = asked();
    for (let time = 0; time < 20; time++) await names();
    expect(asked()).toBe(before);
    const [down] = [servers.down as { listing?: unknown; lists?: unknown }];
    delete down.listing;
    down.lists = { tools: [tool('put')] };
    await clock.run(5_000);
    await names();
    await clock.run(60);
    expect(client.heard).toEqual(changed);
    expect(await names()).toEqual(['up__get', 'down__put']);
  });

  it('is named to whoever calls a tool that it may have, and a tool of another server stays unknown', async () => {
    const { connect } = await scriptedGateway(
      { up: { lists: { tools: [tool('get')] } }, down: { listing: away } },
      { face },
    );
    const client = connect();
    await client.names('tools/list', 'tools');
    const result = await client.request('tools/call', { name: 'down__put' });
    expect(result).toMatchObject({ isError: true, structuredContent: { error: { code: 'SERVER_UNAVAILABLE' } } });
    expect(JSON.stringify(result)).toContain("Tool down__put: server 'down' is not available now");
    const unknown = client.request('tools/call', { name: 'up__put' });
    await expect(unknown).rejects.toMatchObject({ code: -32_602, message: 'Unknown tool: up__put' });
  });

  it('is asked again at once under another entry', async () => {
    const { connect, servers: set } = await scriptedGateway({ down: { listing: away } }, { face });
    const client = connect();
    expect(await client.names('tools/list', 'tools')).toEqual([]);
    set.put('down', { lists: { tools: [tool('put')] } });
    expect(await client.names('tools/list', 'tools')).toEqual(['put']);
  });
});

describe('a long list', () => {
  const uri = (index: number) => `a://${index}/${'é'.repeat(8_000)}`;
  const resources = Array.from({ length: 2_001 }, (_, index) => ({ uri: uri(index), name: `r${index}` }));
  const tools = Array.from({ length: 1_500 }, (_, index) => tool(`t${index}`, { uri: 'a://same' }));

  it.each([
    ['resources/list', 'resources', 'uri', { resources }, 3],
    ['tools/list', 'tools', 'name', { tools }, 2],
  ] as const)(
    'comes in pages, each thing once, whatever servers write in it: %s',
    async (method, key, id, lists, most) => {
      const { connect } = await scriptedGateway({ s: { lists } }, { face });
      const client = connect();
      const seen: unknown[] = [];
      let cursor: unknown;
      let pages = 0;
      do {
        const page = await client.request(method, cursor === undefined ? {} : { cursor });
        seen.push(...(page[key] as Record<string, unknown>[]).map((item) => item[id]));
        cursor = page['nextCursor'];
      } while (cursor !== undefined && ++pages < 5);
      expect(pages + 1).toBe(most);
      expect(seen).toEqual((lists as Record<string, readonly Record<string, unknown>[]>)[key]?.map((item) => item[id]));
    },
  );

  it('takes no cursor of another client, of another list, or that was changed', async () => {
    const { connect } = await scriptedGateway({ s: { lists: { tools, resources } } }, { face });
    const client = connect();
    const { nextCursor } = await client.request('tools/list');
    const cursor = String(nextCursor);
    const refused = { code: -32602, message: expect.stringContaining('Invalid cursor') };
    await expect(connect().request('tools/list', { cursor })).rejects.toMatchObject(refused);
    await expect(client.request('resources/list', { cursor })).rejects.toMatchObject(refused);
    await expect(client.request('tools/list', { cursor: `x${cursor}` })).rejects.toMatchObject(refused);
    await expect(client.request('tools/list', { cursor: null })).rejects.toMatchObject(refused);
    expect((await client.request('tools/list', { cursor }))['tools']).toHaveLength(500);
  });
});

describe('what two servers call the same', () => {
  it('is offered by none, named on standard error, and cannot be called', async () => {
    const lists = { tools: [tool('get')] };
    const servers = { one: { lists }, two: { lists } };
    const { connect, logger, servers: set } = await scriptedGateway(servers, { face, prefix: 'never' });
    const client = connect();
    expect(await client.names('tools/list', 'tools')).toEqual([]);
    await expect(client.request('tools/call', { name: 'get' })).rejects.toMatchObject({ code: -32602 });
    expect(set.reached).toEqual([]);
    const told = logger.lines('warn').filter((line) => line.includes('more than one'));
    expect(told).toEqual([expect.stringMatching(/"get" of server "one".*"get" of server "two"/)]);
  });
});
