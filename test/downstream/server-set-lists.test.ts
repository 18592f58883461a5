import { expect, test } from 'vitest';
import type { ServerChange } from '../../src/downstream/server-set-api.js';
import { plainServer, type ServedServer, ServerWorld } from '../models/server-world.js';
import type { ServerInput } from '../../src/downstream/servers-file/servers-input.js';

const one = { a: { command: 'server', args: ['1'] } };
const changed = { method: 'notifications/tools/list_changed' };

/** Pages of names, by cursor. */
function paged(pages: readonly (readonly unknown[])[], next: (page: number) => unknown = String): ServedServer {
  return {
    ...plainServer,
    reply: ({ params }) => {
      const page = Number(params?.['cursor'] ?? 0);
      const more = page + 1 < pages.length ? { nextCursor: next(page + 1) } : {};
      return { tools: pages[page], ...more };
    },
  };
}

function tool(name: unknown): object {
  return { name, inputSchema: { type: 'object' } };
}

function namesOf(list: { readonly items: readonly Readonly<Record<string, unknown>>[] } | undefined): unknown[] {
  return list?.items.map(({ name }) => name) ?? [];
}

async function opened(served: ServedServer = plainServer): Promise<ServerWorld> {
  const world = await ServerWorld.open(one);
  world.served.set('a', served);
  return world;
}

test('a list is read page after page, and once for all who ask', async () => {
  const world = await opened(paged([[tool('x'), tool('y')], [tool('z')]]));
  const lists = [world.track(world.set.list('a', 'tools')), world.track(world.set.list('a', 'tools'))];
  await world.clock.run(0);
  for (const { answer } of lists) expect(namesOf(answer as never)).toEqual(['x', 'y', 'z']);
  expect(world.newest('a').transport.link?.requests.length).toBe(2);
  expect(await world.end()).toEqual({ timers: 0, links: 0, unsettled: 0, errors: [] });
});

test('what is no tool is left out with a warning, and the rest is there', async () => {
  const world = await opened(paged([[tool('x'), 7, tool(''), {}, tool('x'), tool('y')]]));
  const list = world.track(world.set.list('a', 'tools'));
  await world.clock.run(0);
  expect(namesOf(list.answer as never)).toEqual(['x', 'y']);
  expect(world.logger.lines('warn').filter((line) => line.includes('left out of its tools'))).toHaveLength(4);
  await world.end();
});

test.each([
  ['does not end', paged([[], []], () => '0'), 'comes back to a page'],
  ['is none', { ...plainServer, reply: () => ({ tools: 'none' }) }, '`tools` is a string, expected a list'],
  ['has a cursor that is none', paged([[], []], Number), '`nextCursor` is a number, expected a string'],
])('a list that %s is refused, and says why', async (_, served, message) => {
  const world = await opened(served);
  const list = world.track(world.set.list('a', 'tools'));
  await world.clock.run(0);
  expect(list).toMatchObject({ code: 'PROTOCOL_ERROR', error: { message: expect.stringContaining(message) } });
  await world.end();
});

test('a server that has no such things is not asked for them', async () => {
  const world = await opened();
  const list = world.track(world.set.list('a', 'prompts'));
  await world.clock.run(0);
  expect(list.answer).toMatchObject({ items: [], isStale: false });
  expect(world.newest('a').transport.link?.requests).toEqual([]);
  await world.end();
});

test('14: a list that has changed is read again first and told of then, once however often it changes', async () => {
  const world = await opened();
  let names = ['x'];
  world.served.set('a', { ...plainServer, reply: () => ({ tools: names.map(tool) }) });
  world.track(world.set.list('a', 'tools'));
  await world.clock.run(0);
  const told: unknown[] = [];
  world.set.onChange(({ server, kind }) => {
    if (kind === 'tools') told.push([server, namesOf(world.set.known('a', 'tools'))]);
  });
  names = ['x', 'y'];
  const { transport, say } = world.newest('a');
  transport.requests.always({ kind: 'answers', afterMs: 100 });
  for (let times = 0; times < 3; times++) say(changed);
  await world.clock.run(10);
  for (let times = 0; times < 3; times++) say(changed);
  expect(world.set.known('a', 'tools')).toMatchObject({ isStale: true });
  await world.clock.run(1_000);
  expect(told).toEqual([['a', ['x', 'y']]]);
  // The first, one for those of the first moment, and one for all that came while that was under way.
  expect(transport.link?.requests.length).toBe(3);
  expect(world.set.known('a', 'tools')).toMatchObject({ isStale: false });
  say(changed);
  await world.clock.run(1_000);
  expect(told.length).toBe(1);
  await world.end();
});

test('14: a list is read again on every new session, and the last one is given, marked stale, while there is none', async () => {
  const world = await opened();
  let names = ['x'];
  world.served.set('a', { ...plainServer, reply: () => ({ tools: names.map(tool) }) });
  world.track(world.set.list('a', 'tools'));
  await world.clock.run(0);
  const { transport } = world.newest('a');
  transport.opens.next({ kind: 'hangs' });
  names = ['y'];
  const told: ServerChange['kind'][] = [];
  world.set.onChange(({ kind }) => told.push(kind));
  transport.link?.end();
  await world.clock.run(1_000);
  const away = world.track(world.set.list('a', 'tools'));
  await world.clock.run(0);
  expect(away.answer).toMatchObject({ items: [{ name: 'x' }], isStale: true });
  await world.clock.run(120_000);
  expect(world.set.known('a', 'tools')).toMatchObject({ items: [{ name: 'y' }], isStale: false });
  expect(told).toContain('tools');
  expect(told).toContain('state');
  await world.end();
});

test('15: a server that nobody uses goes to sleep, its list stays, and asking for it does not wake it', async () => {
  const world = await ServerWorld.open({ a: { command: 'server', args: ['1'], idleTimeout: 10_000 } });
  world.track(world.set.list('a', 'tools'));
  await world.clock.run(60_000);
  expect(world.set.status()[0]).toMatchObject({ state: 'asleep', tools: 1, sessionAgeMs: undefined });
  const list = world.track(world.set.list('a', 'tools'));
  await world.clock.run(1_000);
  expect(list.answer).toMatchObject({ items: [{ name: 'echo' }], isStale: true });
  expect(world.newest('a').transport.living).toBe(0);
  const call = world.track(world.set.callTool('a', { name: 'echo' }));
  await world.clock.run(0);
  expect(call.answer).toMatchObject({ link: 2 });
  expect(world.set.known('a', 'tools')).toMatchObject({ isStale: false });
  expect(world.set.status()[0]).toMatchObject({ restarts: 1 });
  await world.end();
});

test('whoever asks for a list waits no longer than it says, and others go on waiting', async () => {
  const world = await ServerWorld.open(one);
  world.onSession = ({ transport }) => transport.requests.always({ kind: 'answers', afterMs: 5_000 });
  const soon = world.track(world.set.list('a', 'tools', { timeoutMs: 100 }));
  const late = world.track(world.set.list('a', 'tools'));
  await world.clock.run(10_000);
  expect(soon).toMatchObject({ code: 'CALL_TIMEOUT', settledAt: 100 });
  expect(late.answer).toMatchObject({ isStale: false });
  expect(await world.end()).toMatchObject({ timers: 0, links: 0, unsettled: 0 });
});

test('9: giving up is not for ever: a list that is asked for finds the server again', async () => {
  const world = await opened();
  world.track(world.set.list('a', 'tools'));
  await world.clock.run(0);
  const { transport } = world.newest('a');
  transport.opens.always({ kind: 'rejects' });
  transport.link?.end();
  await world.clock.run(600_000);
  expect(world.set.status()[0]).toMatchObject({ state: 'failed.rested' });
  transport.heal();
  world.track(world.set.list('a', 'tools'));
  await world.clock.run(1_000);
  expect(world.set.known('a', 'tools')).toMatchObject({ isStale: false });
  await world.end();
});

test('what may be said again without harm is sent once more, where annotations are trusted', async () => {
  const entry = (trustAnnotations: boolean): ServerInput => ({ command: 'server', args: ['1'], trustAnnotations });
  const world = await ServerWorld.open({ trusted: entry(true), stranger: entry(false) });
  for (const name of ['trusted', 'stranger'])
    world.served.set(name, {
      ...plainServer,
      reply: (request, session, link) =>
        request.method === 'tools/list'
          ? {
              tools: [
                { name: 'look', annotations: { readOnlyHint: true } },
                { name: 'push', annotations: {} },
              ],
            }
          : plainServer.reply(request, session, link),
    });
  const outcomes: (string | undefined)[] = [];
  for (const name of ['trusted', 'stranger']) {
    world.track(world.set.list(name, 'tools'));
    await world.clock.run(0);
    for (const tool of ['look', 'push']) {
      world.newest(name).transport.requests.next({ kind: 'endsLink' });
      const call = world.track(world.set.callTool(name, { name: tool }));
      await world.clock.run(10_000);
      outcomes.push(call.code ?? 'answered');
    }
  }
  expect(outcomes).toEqual(['answered', 'CALL_OUTCOME_UNKNOWN', 'CALL_OUTCOME_UNKNOWN', 'CALL_OUTCOME_UNKNOWN']);
  await world.end();
});

test('a list that another entry has made wrong is read again by who asks for it, also where no session is open', async () => {
  const entries = (version: string): Record<string, ServerInput> => ({
    single: { command: 'server', args: [version], isolation: 'per-call' },
    asleep: { command: 'server', args: [version], idleTimeout: 10_000 },
  });
  const world = await ServerWorld.open(entries('1'));
  for (const name of ['single', 'asleep']) {
    world.served.set(name, {
      capabilities: { tools: {} },
      reply: (_request, { entry }) => ({ tools: [{ name: entry.reach.kind === 'stdio' && entry.reach.args[0] }] }),
    });
    world.track(world.set.list(name, 'tools'));
  }
  await world.clock.run(60_000);
  await world.set.reload({ mcpServers: entries('2') });
  for (const name of ['single', 'asleep']) {
    const old = world.track(world.set.list(name, 'tools'));
    await world.clock.run(1_000);
    expect(old.answer).toMatchObject({ items: [{ name: '1' }], isStale: true });
    expect(world.set.known(name, 'tools')?.items).toEqual([{ name: '2' }]);
    // Once is enough.
    world.track(world.set.list(name, 'tools'));
    await world.clock.run(1_000);
    expect(world.of(name).length).toBe(2);
  }
  expect(await world.end()).toEqual({ timers: 0, links: 0, unsettled: 0, errors: [] });
});

test('a list that is being read when another entry comes is read to its end, and again by who asks for it next', async () => {
  const entries = (version: string): Record<string, ServerInput> => ({ a: { command: 'server', args: [version] } });
  const world = await ServerWorld.open(entries('1'));
  world.served.set('a', {
    capabilities: { tools: {} },
    reply: (_request, { entry }) => ({ tools: [{ name: entry.reach.kind === 'stdio' && entry.reach.args[0] }] }),
  });
  world.onSession = ({ transport }) => transport.opens.always({ kind: 'opens', afterMs: 1_000 });
  const old = world.track(world.set.list('a', 'tools'));
  await world.clock.run(100);
  await world.set.reload({ mcpServers: entries('2') });
  await world.clock.run(5_000);
  expect(old.answer).toMatchObject({ items: [{ name: '1' }], isStale: true });
  world.track(world.set.list('a', 'tools'));
  await world.clock.run(5_000);
  expect(world.set.known('a', 'tools')).toMatchObject({ items: [{ name: '2' }], isStale: false });
  expect(await world.end()).toEqual({ timers: 0, links: 0, unsettled: 0, errors: [] });
});
