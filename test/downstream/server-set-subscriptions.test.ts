import { expect, test } from 'vitest';
import type { Subscription } from '../../src/downstream/server-set-api.js';
import { plainServer, ServerWorld } from '../models/server-world.js';
import type { ServerInput } from '../../src/downstream/servers-file/servers-input.js';

const entry = (version: string): Record<string, ServerInput> => ({
  a: { command: 'server', args: [version], idleTimeout: 10_000 },
});
const updated = (uri: string): { method: string; params: { uri: string } } => ({
  method: 'notifications/resources/updated',
  params: { uri },
});

async function opened(): Promise<ServerWorld> {
  const world = await ServerWorld.open(entry('1'));
  world.served.set('a', { capabilities: { resources: { subscribe: true }, logging: {} }, reply: () => ({}) });
  return world;
}

/** What the server was told on its newest link. */
function toldOf(world: ServerWorld): string[] {
  return world.newest('a').transport.link?.requests.map(({ message }) => message.method) ?? [];
}

test('however many listen to a resource, the server is told once, and told again when the last has left', async () => {
  const world = await opened();
  const heard: string[] = [];
  const subscriptions: Subscription[] = [];
  for (const name of ['first', 'second'])
    void world.set.subscribe('a', 'test://x', () => heard.push(name)).then((one) => subscriptions.push(one));
  await world.clock.run(0);
  expect(toldOf(world)).toEqual(['resources/subscribe']);
  world.newest('a').say(updated('test://x'));
  world.newest('a').say(updated('test://other'));
  expect(heard).toEqual(['first', 'second']);
  await subscriptions[0]?.end();
  await subscriptions[0]?.end();
  expect(toldOf(world)).toEqual(['resources/subscribe']);
  world.newest('a').say(updated('test://x'));
  expect(heard).toEqual(['first', 'second', 'second']);
  await subscriptions[1]?.end();
  expect(toldOf(world)).toEqual(['resources/subscribe', 'resources/unsubscribe']);
  expect(await world.end()).toEqual({ timers: 0, links: 0, unsettled: 0, errors: [] });
});

test('a subscription outlives its link and its entry: each new session is told of it before any call, and of the log level', async () => {
  const world = await opened();
  const heard: unknown[] = [];
  world.set.setLogLevel('warning');
  void world.set.subscribe('a', 'test://x', (params) => heard.push(params['uri']));
  await world.clock.run(0);
  world.newest('a').transport.link?.end();
  const call = world.track(world.set.request('a', { method: 'resources/read' }));
  await world.clock.run(1_000);
  expect(call.code).toBe(undefined);
  expect(toldOf(world).toSorted()).toEqual(['logging/setLevel', 'resources/read', 'resources/subscribe']);
  expect(toldOf(world).at(-1)).toBe('resources/read');
  await world.set.reload({ mcpServers: entry('2') });
  await world.clock.run(0);
  expect(world.of('a').length).toBe(2);
  expect(toldOf(world).toSorted()).toEqual(['logging/setLevel', 'resources/subscribe']);
  world.newest('a').say(updated('test://x'));
  expect(heard).toEqual(['test://x']);
  await world.end();
});

test('15: a session that somebody listens to does not go to sleep', async () => {
  const world = await opened();
  let subscription: Subscription | undefined;
  void world.set.subscribe('a', 'test://x', () => {}).then((one) => (subscription = one));
  await world.clock.run(120_000);
  expect(world.newest('a').transport.living).toBe(1);
  await subscription?.end();
  await world.clock.run(60_000);
  expect(world.newest('a').transport.living).toBe(0);
  await world.end();
});

test('a server that does not take a subscription says so, and nothing is kept of it', async () => {
  const world = await opened();
  world.onSession = ({ transport }) => transport.requests.next({ kind: 'refuses' });
  const refused = world.track(world.set.subscribe('a', 'test://x', () => {}));
  await world.clock.run(0);
  expect(refused.code).toBe('CALL_REFUSED');
  world.newest('a').transport.link?.end();
  await world.clock.run(1_000);
  expect(toldOf(world)).toEqual([]);
  await world.end();
});

test('a log level that is set later is told to the servers that have log messages, and to no others', async () => {
  const world = await ServerWorld.open({ ...entry('1'), b: { command: 'server', args: ['1'] } });
  world.served.set('a', { capabilities: { logging: {} }, reply: () => ({}) });
  world.served.set('b', plainServer);
  for (const name of ['a', 'b']) world.track(world.set.request(name, { method: 'ping' }));
  await world.clock.run(0);
  world.set.setLogLevel('error');
  await world.clock.run(0);
  expect(toldOf(world)).toEqual(['ping', 'logging/setLevel']);
  expect(world.newest('b').transport.link?.requests.length).toBe(1);
  await world.end();
});

test('whoever leaves after its session has no new one made for it', async () => {
  const world = await ServerWorld.open({ a: { command: 'server', isolation: 'per-client' } });
  world.served.set('a', { capabilities: { resources: { subscribe: true } }, reply: () => ({}) });
  const client = { id: 'one' };
  let subscription: Subscription | undefined;
  void world.set.subscribe('a', 'test://x', () => {}, { caller: { client } }).then((one) => (subscription = one));
  await world.clock.run(0);
  world.set.clientGone(client);
  await subscription?.end();
  await world.clock.run(0);
  expect(world.set.status()[0]?.sessions).toBe(0);
  expect(world.of('a').length).toBe(1);
  await world.end();
});

test('a server that never takes a log level does not have it waiting for ever, and is told of each but once', async () => {
  const world = await ServerWorld.open({ a: { command: 'server' } });
  world.served.set('a', { capabilities: { logging: {} }, reply: () => ({}) });
  world.track(world.set.request('a', { method: 'ping' }));
  await world.clock.run(0);
  world.newest('a').transport.requests.always({ kind: 'hangs' });
  for (const level of ['error', 'error', 'debug']) world.set.setLogLevel(level);
  await world.clock.run(60_000);
  const outcomes = world.newest('a').transport.link?.requests.map(({ message, outcome }) => [message.method, outcome]);
  expect(outcomes).toEqual([
    ['ping', 'answered'],
    ['logging/setLevel', 'abandoned'],
    ['logging/setLevel', 'abandoned'],
  ]);
  await world.end();
});

test('where another entry shares sessions otherwise, each who listens goes on hearing on a session of its own, and nobody who has left has one', async () => {
  const entries = (isolation: 'shared' | 'per-agent' | 'per-client' | 'per-call'): Record<string, ServerInput> => ({
    a: { command: 'server', isolation },
  });
  const world = await ServerWorld.open(entries('shared'));
  world.served.set('a', { capabilities: { resources: { subscribe: true } }, reply: () => ({}) });
  const heard: string[] = [];
  const subscriptions: Subscription[] = [];
  for (const agent of ['gone', 'one', 'two'])
    void world.set
      .subscribe('a', 'test://x', () => heard.push(agent), { caller: { agent } })
      .then((subscription) => subscriptions.push(subscription));
  await world.clock.run(0);
  await subscriptions[0]?.end();
  await world.set.reload({ mcpServers: entries('per-agent') });
  await world.clock.run(0);
  const [, ...own] = world.of('a');
  expect(own.map(({ terms }) => terms.agent ?? '').toSorted()).toEqual(['one', 'two']);
  for (const session of own) {
    expect(session.transport.link?.requests.map(({ message }) => message.method)).toEqual(['resources/subscribe']);
    session.say(updated('test://x'));
  }
  expect(heard.toSorted()).toEqual(['one', 'two']);
  await world.set.reload({ mcpServers: entries('shared') });
  await world.clock.run(0);
  world.newest('a').say(updated('test://x'));
  expect(heard.toSorted()).toEqual(['one', 'one', 'two', 'two']);
  for (const subscription of subscriptions) await subscription.end();
  expect(toldOf(world)).toEqual(['resources/subscribe', 'resources/unsubscribe']);
  expect(await world.end()).toEqual({ timers: 0, links: 0, unsettled: 0, errors: [] });
});

test('a subscription that is under way when another entry comes is told to the new session', async () => {
  const world = await opened();
  const heard: unknown[] = [];
  world.onSession = ({ transport }) => transport.requests.next({ kind: 'answers', afterMs: 1_000 });
  void world.set.subscribe('a', 'test://x', (params) => heard.push(params['uri']));
  await world.clock.run(100);
  await world.set.reload({ mcpServers: entry('2') });
  await world.clock.run(5_000);
  expect(toldOf(world)).toEqual(['resources/subscribe']);
  world.newest('a').say(updated('test://x'));
  expect(heard).toEqual(['test://x']);
  await world.end();
});

test('a server that says nothing to the log level on a new session gets its calls all the same', async () => {
  const world = await ServerWorld.open({ a: { command: 'server' } });
  world.served.set('a', { capabilities: { logging: {} }, reply: () => ({}) });
  world.set.setLogLevel('error');
  const call = world.track(world.set.request('a', { method: 'ping' }));
  world.newest('a').transport.requests.next({ kind: 'hangs' });
  await world.clock.run(9_000);
  expect(toldOf(world)).toEqual(['logging/setLevel']);
  await world.clock.run(1_000);
  expect(call.code).toBe(undefined);
  expect(toldOf(world)).toEqual(['logging/setLevel', 'ping']);
  expect(await world.end()).toEqual({ timers: 0, links: 0, unsettled: 0, errors: [] });
});
