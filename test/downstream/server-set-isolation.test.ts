import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DownstreamCaller } from '../../src/downstream/server-set-api.js';
import { plainServer, type ServedSession, ServerWorld } from '../models/server-world.js';
import type { ServerInput, ServersInput } from '../../src/downstream/servers-file/servers-input.js';

const isolations = ['shared', 'per-agent', 'per-client', 'per-call'] as const;
const optional = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });

const callers: fc.Arbitrary<DownstreamCaller> = fc
  .record({
    client: optional(fc.constantFrom('one', 'two')),
    agent: optional(fc.constantFrom('x', 'y')),
    credentials: optional(fc.constantFrom('alice', 'bob')),
    tenant: optional(fc.constantFrom('red', 'blue')),
    capabilities: optional(fc.constantFrom({ elicitation: {} }, { sampling: {} }, {})),
  })
  .map(({ client, agent, credentials, tenant, capabilities }) => ({
    ...(client === undefined ? {} : { client: { id: client } }),
    ...(agent === undefined ? {} : { agent }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(tenant === undefined ? {} : { headers: { 'X-Tenant': tenant, Cookie: 'never' } }),
    ...(capabilities === undefined ? {} : { capabilities }),
  }));

/** What a server can tell of a caller by the session that it gets. */
function sharedBy(isolation: (typeof isolations)[number], caller: DownstreamCaller): string {
  const { client, agent, credentials, headers, capabilities } = caller;
  const isOwn = isolation === 'per-client';
  return JSON.stringify([
    credentials,
    headers?.['X-Tenant'],
    isolation === 'per-agent' ? agent : undefined,
    isOwn ? client?.id : undefined,
    isOwn ? (capabilities ?? {}) : undefined,
  ]);
}

test('two callers share a session only where the entry lets them, and never with other credentials, headers or lists', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...isolations),
      fc.array(callers, { minLength: 2, maxLength: 12 }),
      async (isolation, plan) => {
        const world = await ServerWorld.open({
          web: { type: 'http', url: 'http://127.0.0.1:9/mcp', isolation, forwardHeaders: ['x-tenant'] },
        });
        const secretOf = ({ terms }: ServedSession): string => `${terms.credentials} ${terms.headers['x-tenant']}`;
        world.served.set('web', {
          ...plainServer,
          reply: ({ method }, session) =>
            method === 'tools/list'
              ? { tools: [{ name: `of ${secretOf(session)}` }] }
              : { session: world.sessions.indexOf(session), secret: secretOf(session) },
        });
        const sessions = new Map<string, unknown>();
        const owners = new Map<unknown, string>();
        for (const caller of plan) {
          const call = world.track(world.set.callTool('web', { name: 'echo' }, { caller }));
          const list = world.track(world.set.list('web', 'tools', { caller }));
          await world.clock.run(0);
          const secret = `${caller.credentials} ${caller.headers?.['X-Tenant']}`;
          expect(call.answer?.['secret']).toBe(secret);
          expect(list.answer).toMatchObject({ items: [{ name: `of ${secret}` }] });
          const session = call.answer?.['session'];
          const key = sharedBy(isolation, caller);
          if (isolation === 'per-call') expect(owners.has(session)).toBe(false);
          else expect(session).toBe(sessions.get(key) ?? session);
          expect(owners.get(session) ?? key).toBe(key);
          sessions.set(key, session);
          owners.set(session, key);
        }
        const { capabilities: declared } = world.newest('web').terms;
        if (isolation === 'shared') expect(declared).toEqual({ elicitation: { form: {}, url: {} }, sampling: {} });
        expect(world.set.known('web', 'tools')?.items ?? []).not.toMatchObject([
          { name: expect.stringMatching(/alice|bob|red|blue/) },
        ]);
        expect(JSON.stringify(world.set.status())).not.toMatch(/alice|bob|red|blue/);
        expect(await world.end()).toEqual({ timers: 0, links: 0, unsettled: 0, errors: [] });
      },
    ),
    { numRuns: 60 },
  );
});

test('the sessions of a client end when it is gone, and what was under way on them ends first', async () => {
  const world = await ServerWorld.open({ a: { command: 'server', args: ['1'], isolation: 'per-client' } });
  world.onSession = ({ transport }) => transport.requests.always({ kind: 'answers', afterMs: 500 });
  const [one, two] = [{ client: { id: 'one' } }, { client: { id: 'two' } }];
  const calls = [one, two].map((caller) => world.track(world.set.callTool('a', { name: 'echo' }, { caller })));
  await world.clock.run(100);
  world.set.clientGone({ id: 'one' });
  await world.clock.run(1_000);
  expect(calls.map(({ answer }) => answer !== undefined)).toEqual([true, true]);
  expect(world.sessions.map(({ transport }) => transport.living)).toEqual([0, 1]);
  expect(world.set.status()[0]?.sessions).toBe(1);
  expect(await world.end()).toEqual({ timers: 0, links: 0, unsettled: 0, errors: [] });
});

test('when there are as many sessions as may be, the one that was unused for longest makes room; if all are used, the call is told so', async () => {
  const world = await ServerWorld.open(
    { a: { command: 'server', args: ['1'], isolation: 'per-client' } },
    { maxSessions: 2 },
  );
  const call = (id: string): ReturnType<ServerWorld['track']> =>
    world.track(world.set.callTool('a', { name: 'echo' }, { caller: { client: { id } } }));
  call('one');
  await world.clock.run(10);
  call('two');
  await world.clock.run(10);
  call('one');
  await world.clock.run(10);
  call('three');
  await world.clock.run(10);
  expect(world.sessions.map(({ transport }) => transport.living)).toEqual([1, 0, 1]);
  for (const { transport } of world.sessions) transport.requests.always({ kind: 'hangs' });
  call('one');
  call('three');
  const refused = call('four');
  await world.clock.run(10);
  expect(refused.code).toBe('QUEUE_FULL');
  expect(refused.error).toMatchObject({ message: 'Server a is busy: all 2 sessions with it are in use.' });
  expect((await world.end()).links).toBe(0);
});

test('what a server says outside of calls is told with the client whose own session it came on', async () => {
  const world = await ServerWorld.open({
    own: { command: 'server', args: ['1'], isolation: 'per-client' },
    all: { command: 'server', args: ['1'] },
  });
  const heard: unknown[] = [];
  world.set.onNotification((server, { method }, client) => heard.push([server, method, client?.id]));
  world.track(world.set.callTool('own', { name: 'echo' }, { caller: { client: { id: 'one' } } }));
  world.track(world.set.callTool('all', { name: 'echo' }, { caller: { client: { id: 'one' } } }));
  await world.clock.run(0);
  world.newest('own').say({ method: 'notifications/message', params: {} });
  world.newest('all').say({ method: 'notifications/message', params: {} });
  expect(heard).toEqual([
    ['own', 'notifications/message', 'one'],
    ['all', 'notifications/message', undefined],
  ]);
  await world.end();
});

test('a question outside of every call goes to the client whose session it is, and to nobody on a shared one', async () => {
  const world = await ServerWorld.open({
    own: { command: 'server', args: ['1'], isolation: 'per-client' },
    all: { command: 'server', args: ['1'] },
  });
  const caller: DownstreamCaller = { client: { id: 'one' }, ask: async ({ method }) => ({ answered: method }) };
  world.track(world.set.callTool('own', { name: 'echo' }, { caller }));
  world.track(world.set.callTool('all', { name: 'echo' }, { caller }));
  await world.clock.run(0);
  const { signal } = new AbortController();
  const question = { method: 'elicitation/create' };
  expect(await world.newest('own').ask(question, signal, undefined)).toEqual({ answered: 'elicitation/create' });
  await expect(world.newest('all').ask(question, signal, undefined)).rejects.toMatchObject({ rpcCode: -32601 });
  await world.end();
});

test('the lists of a session that made room are forgotten with it, where nobody else sends the same along', async () => {
  const world = await ServerWorld.open(
    { a: { type: 'http', url: 'http://127.0.0.1:9/mcp', forwardHeaders: ['x-tenant'] } },
    { maxSessions: 1 },
  );
  const list = (tenant: string): ReturnType<ServerWorld['track']> =>
    world.track(world.set.list('a', 'tools', { caller: { headers: { 'x-tenant': tenant } } }));
  list('red');
  await world.clock.run(10);
  list('blue');
  await world.clock.run(10);
  const again = list('red');
  await world.clock.run(10);
  expect(again.answer).toMatchObject({ isStale: false });
  expect(world.of('a').length).toBe(3);
  await world.end();
});

test('a server that is started at once keeps no session of which nobody has a call', async () => {
  const world = await ServerWorld.open({ a: { command: 'server', isolation: 'per-call', eager: true } });
  await world.clock.run(60_000);
  expect(world.set.known('a', 'tools')?.items).toMatchObject([{ name: 'echo' }]);
  expect(world.set.status()[0]).toMatchObject({ tools: 1, sessions: 0 });
  expect(world.newest('a').transport.living).toBe(0);
  await world.end();
});

test('more subscribers than there may be sessions do not end the reloads', async () => {
  const entry = (isolation: 'per-client' | 'shared'): ServersInput => ({
    mcpServers: { a: { command: 'server', isolation } },
  });
  const world = await ServerWorld.open({ a: { command: 'server' } }, { maxSessions: 1 });
  world.served.set('a', { capabilities: { resources: { subscribe: true } }, reply: () => ({}) });
  for (const id of ['one', 'two'])
    world.track(world.set.subscribe('a', `test://${id}`, () => {}, { caller: { client: { id } } }));
  await world.clock.run(0);
  const reloads = [world.track(world.set.reload(entry('per-client'))), world.track(world.set.reload(entry('shared')))];
  await world.clock.run(60_000);
  expect(reloads.map(({ code }) => code)).toEqual([undefined, undefined]);
  expect(await world.end()).toEqual({ timers: 0, links: 0, unsettled: 0, errors: [] });
});

test('a set that is closed in the middle of a reload opens nothing any more', async () => {
  const entry = (version: string): ServerInput => ({ command: 'server', args: [version] });
  const world = await ServerWorld.open({ a: entry('1'), b: entry('1') });
  for (const name of ['a', 'b']) world.track(world.set.callTool(name, { name: 'echo' }));
  await world.clock.run(0);
  world.set.onChange(({ server }) => {
    if (server === 'b' && !world.set.names().includes('b')) void world.set.close();
  });
  world.track(world.set.reload({ mcpServers: { a: entry('2') } }));
  await world.clock.run(60_000);
  expect(world.of('a').length).toBe(1);
  expect((await world.end()).links).toBe(0);
});
