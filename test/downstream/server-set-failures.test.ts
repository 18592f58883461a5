import { expect, test } from 'vitest';
import { createServerSet } from '../../src/downstream/create-server-set.js';
import type { ServerSet } from '../../src/downstream/server-set-api.js';
import type { ServerSetOptions } from '../../src/downstream/set/server-set-options.js';
import { RecordingLogger } from '../../src/testing/index.js';
import { cleanups } from '../fixtures/cleanups.js';
import { startHttpServer } from '../fixtures/downstream/http-server.js';
import { isRunning } from '../fixtures/processes/process-table.js';
import { eventually, rejection } from '../fixtures/waiting.js';
import { ServerWorld } from '../models/server-world.js';
import type { ServerInput } from '../../src/downstream/servers-file/servers-input.js';

const fixture = {
  command: process.execPath,
  args: ['test/fixtures/servers/stdio-plugin-server.mjs'],
};

async function open(servers: Record<string, ServerInput>, options: Partial<ServerSetOptions> = {}): Promise<ServerSet> {
  const set = await createServerSet({ servers: { mcpServers: servers }, logger: new RecordingLogger(), ...options });
  cleanups.push(() => set.close());
  return set;
}

async function pidOf(set: ServerSet, server = 'a'): Promise<number> {
  const { structuredContent } = await set.callTool(server, { name: 'pid' });
  return (structuredContent as { pid: number }).pid;
}

test('1: a server that was restarted and knows our session no more is found again by the same call', async () => {
  await using first = await startHttpServer();
  const set = await open({ web: { type: 'http', url: first.url } });
  await set.callTool('web', { name: 'count' });
  const port = Number(new URL(first.url).port);
  await first[Symbol.asyncDispose]();
  // A call that is written to a connection on its way to its end is one whose outcome nobody knows.
  await new Promise((resolve) => setTimeout(resolve, 100));
  await using _second = await startHttpServer(port);
  expect(await set.callTool('web', { name: 'count' })).toMatchObject({ content: [{ text: '1' }] });
  expect(set.status()[0]).toMatchObject({ restarts: 1 });
});

test('3, 4: a server that dies under a call is told of with its last words, the call is not sent again unasked, and the next one finds another', async () => {
  const set = await open({ a: fixture, replayed: { ...fixture, replay: ['pid'] } });
  const before = await pidOf(set);
  const error = await rejection(set.callTool('a', { name: 'exit', arguments: { code: 7, stderr: 'out of paper' } }));
  expect(error).toMatchObject({
    code: 'CALL_OUTCOME_UNKNOWN',
    message: expect.stringMatching(/code 7[\s\S]*out of paper/),
  });
  expect(await pidOf(set)).not.toBe(before);
  expect(set.status()[0]).toMatchObject({ restarts: 1, lastError: expect.stringContaining('out of paper') });
});

test('4: a server that dies while nobody calls is started again unasked', async () => {
  const set = await open({ a: fixture });
  const pid = await pidOf(set);
  process.kill(pid, 'SIGKILL');
  await eventually(
    'another process',
    () => set.status()[0]?.restarts === 1 && set.status()[0]?.sessionAgeMs !== undefined,
  );
  expect(await pidOf(set)).not.toBe(pid);
});

test('5: a server that dies right after each handshake is not started without end', async () => {
  const world = await ServerWorld.open({ a: { command: 'server', args: ['1'] } });
  world.onSession = ({ transport }) => {
    transport.opens.always({ kind: 'opens', livesMs: 5 });
    transport.requests.always({ kind: 'answers', afterMs: 50 });
  };
  for (let calls = 0; calls < 200; calls++) {
    world.track(world.set.callTool('a', { name: 'echo' }));
    await world.clock.run(500);
  }
  // 100 seconds: without a limit every call would start one, and each death another.
  expect(world.newest('a').transport.attempts).toBeLessThan(60);
  expect(world.outcomes.some(({ code }) => code === 'SERVER_UNAVAILABLE')).toBe(true);
  expect((await world.end()).links).toBe(0);
});

test('6: nothing is left of a server and its grandchildren, by pid', async () => {
  const set = await open({ a: fixture });
  const { structuredContent } = await set.callTool('a', { name: 'grandchild' });
  const { pids } = structuredContent as { pids: number[] };
  expect(pids.map(isRunning)).toEqual([true, true, true]);
  await set.reload({ mcpServers: {} });
  await eventually('all of them are gone', () => pids.every((pid) => !isRunning(pid)));
});

test('9: giving up is not for ever', async () => {
  const world = await ServerWorld.open({ a: { command: 'server', args: ['1'] } });
  world.onSession = ({ transport }) => transport.opens.always({ kind: 'rejects' });
  const refused = world.track(world.set.callTool('a', { name: 'echo' }));
  await world.clock.run(2_000);
  expect(refused).toMatchObject({
    code: 'SERVER_UNAVAILABLE',
    error: {
      message: expect.stringMatching(
        /^Server a is unavailable: the scripted server is down\. The first call after .* tries it again\.$/,
      ),
      details: { server: 'a', reason: 'the scripted server is down', nextTryInMs: expect.any(Number) },
    },
  });
  await world.clock.run(60_000);
  world.newest('a').transport.heal();
  const call = world.track(world.set.callTool('a', { name: 'echo' }));
  await world.clock.run(0);
  expect(call.answer).toMatchObject({ link: 1 });
  await world.end();
});

test('11: a server that hangs is told that nobody waits, and the caller is free when its time is over', async () => {
  const set = await open({ a: { ...fixture, timeout: 1_000 } });
  await pidOf(set);
  const late = set.callTool('a', { name: 'sleep', arguments: { ms: 60_000, label: 'late' } }, { timeoutMs: 100 });
  const controller = new AbortController();
  const cancelled = set.callTool(
    'a',
    { name: 'sleep', arguments: { ms: 60_000, label: 'cancelled' } },
    { signal: controller.signal },
  );
  setTimeout(() => controller.abort(), 50);
  expect(await Promise.all([late, cancelled].map(rejection))).toMatchObject([
    { code: 'CALL_TIMEOUT' },
    { code: 'CALL_CANCELLED' },
  ]);
  const { structuredContent } = await set.callTool('a', { name: 'cancelled' });
  expect((structuredContent as { cancelled: string[] }).cancelled.toSorted()).toEqual(['cancelled', 'late']);
});

test('12: a server that does not start holds up nobody else, and its callers are told in their time', async () => {
  const world = await ServerWorld.open({
    slow: { command: 'server', args: ['1'], connectTimeout: 5_000 },
    quick: { command: 'server', args: ['1'] },
  });
  world.onSession = ({ entry, transport }) => {
    if (entry.name === 'slow') transport.opens.always({ kind: 'hangs' });
  };
  const slow = world.track(world.set.callTool('slow', { name: 'echo' }));
  const hasty = world.track(world.set.callTool('slow', { name: 'echo' }, { connectTimeoutMs: 1_000 }));
  const short = world.track(world.set.callTool('slow', { name: 'echo' }, { timeoutMs: 500 }));
  const quick = world.track(world.set.callTool('quick', { name: 'echo' }));
  await world.clock.run(0);
  expect(quick.answer).toMatchObject({ link: 1 });
  await world.clock.run(10_000);
  expect(slow).toMatchObject({ code: 'SERVER_UNAVAILABLE', settledAt: 5_000 });
  expect(hasty).toMatchObject({ code: 'SERVER_UNAVAILABLE', settledAt: 1_000 });
  expect(hasty.error).toMatchObject({ message: expect.stringContaining('It is being tried still.') });
  expect(short).toMatchObject({ code: 'CALL_TIMEOUT', settledAt: 500 });
  await world.end();
});

test('12: many servers that are started at once start side by side, and no more than may', async () => {
  const names = Array.from({ length: 30 }, (_, index) => `server${index}`);
  const world = await ServerWorld.open(
    Object.fromEntries(names.map((name) => [name, { command: 'server', args: ['1'] }])),
    { eager: true },
  );
  let most = 0;
  // Sessions are there already: what is opening at the start opens at once. All are to open again, slowly.
  await world.clock.run(0);
  for (const { transport } of world.sessions) {
    transport.opens.always({ kind: 'opens', afterMs: 100 });
    transport.link?.end();
  }
  for (let step = 0; step < 300; step++) {
    await world.clock.run(10);
    most = Math.max(most, world.opening);
  }
  expect(most).toBe(8);
  expect(world.set.status().map(({ state }) => state.split('.')[0])).toEqual(names.map(() => 'ready'));
  expect(await world.end()).toMatchObject({ timers: 0, links: 0 });
});

test('20: one message that is too large fails alone, and what runs beside it goes on', async () => {
  const set = await open({ a: fixture });
  await pidOf(set);
  const beside = set.callTool('a', { name: 'sleep', arguments: { ms: 300, label: 'beside' } });
  const large = set.callTool('a', { name: 'large', arguments: { bytes: 17 * 1024 * 1024 } });
  expect(await rejection(large)).toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
  expect(await beside).toMatchObject({ content: [] });
  expect(set.status()[0]).toMatchObject({ restarts: 0 });
});

test('what cannot be started is unavailable, with the reason; a server that is not there is not found, with what may be meant', async () => {
  const set = await open({
    memory: { command: 'no-such-command-at-all' },
    large: { command: 'node', args: ['x'.repeat(3_000_000)] },
    broken: { command: 'node', args: ['${NOT_SET_AT_ALL}'] },
  });
  expect(await rejection(set.callTool('memory', { name: 'x' }))).toMatchObject({
    code: 'SERVER_UNAVAILABLE',
    message: expect.stringContaining("cannot start 'no-such-command-at-all'"),
  });
  expect(String(await rejection(set.callTool('memory', { name: 'x' })))).toMatch(
    /^GatechartError: Server memory is unavailable: cannot start 'no-such-command-at-all' in /,
  );
  expect(await rejection(set.callTool('large', { name: 'x' }))).toMatchObject({
    code: 'SERVER_UNAVAILABLE',
    message: expect.stringMatching(
      /^Server large is unavailable: cannot start 'node' in .*: the command and its arguments have 3000006 bytes.* The first call after .* tries it again\.$/,
    ),
  });
  expect(set.status().find(({ name }) => name === 'large')).toMatchObject({ state: 'failed.coolingDown' });
  expect(await rejection(set.callTool('broken', { name: 'x' }))).toMatchObject({
    code: 'SERVER_UNAVAILABLE',
    message: expect.stringContaining('NOT_SET_AT_ALL'),
  });
  expect(await rejection(set.callTool('memroy', { name: 'x' }))).toMatchObject({
    code: 'SERVER_NOT_FOUND',
    message: "No server is called 'memroy'; did you mean 'memory'?",
  });
  expect(set.status().find(({ name }) => name === 'broken')).toMatchObject({ state: 'unusable' });
});

test('a server is not told what this process knows, and its secrets are not in what is told of it', async () => {
  process.env['GATECHART_TEST_SECRET'] = 'of the process';
  const script = `console.error('my key is ' + process.env.API_KEY + ', yours ' + process.env.GATECHART_TEST_SECRET); process.exit(1)`;
  const set = await open({ a: { command: process.execPath, args: ['-e', script], env: { API_KEY: 'k-123456789' } } });
  const error = await rejection(set.callTool('a', { name: 'x' }));
  delete process.env['GATECHART_TEST_SECRET'];
  expect(error).toMatchObject({ code: 'SERVER_UNAVAILABLE', message: expect.stringContaining('yours undefined') });
  expect(JSON.stringify([set.status(), set.explain('a'), String(error), error])).not.toContain('k-123456789');
});

test('servers have the order of their file, those that cannot be used among them', async () => {
  const mcpServers = {
    b: { command: 'node' },
    broken: { command: '' },
    2: { command: 'node' },
    a: { command: 'node' },
  };
  await using set = await createServerSet({ servers: { mcpServers }, logger: new RecordingLogger() });
  // Objects have names that are numbers first.
  expect(set.names()).toEqual(['2', 'b', 'broken', 'a']);
  expect(set.status().map(({ name }) => name)).toEqual(set.names());
});

test('a listener that throws is logged, keeps no other from hearing, and ends nothing', async () => {
  const world = await ServerWorld.open({ a: { command: 'server' } });
  world.served.set('a', { capabilities: { tools: {}, resources: { subscribe: true } }, reply: () => ({ tools: [] }) });
  const heard: string[] = [];
  const failing = (): never => {
    throw new Error('a listener failed');
  };
  world.set.onChange(failing);
  world.set.onChange(({ kind }) => heard.push(kind));
  world.set.onNotification(failing);
  world.set.onNotification((_server, { method }) => heard.push(method));
  for (const listener of [failing, () => heard.push('updated')])
    world.track(world.set.subscribe('a', 'test://x', listener));
  const list = world.track(world.set.list('a', 'tools'));
  await world.clock.run(0);
  expect(list.answer).toMatchObject({ isStale: false });
  world.newest('a').say({ method: 'notifications/message' });
  world.newest('a').say({ method: 'notifications/resources/updated', params: { uri: 'test://x' } });
  world.newest('a').transport.link?.end();
  await world.clock.run(0);
  expect(heard).toEqual(expect.arrayContaining(['tools', 'state', 'notifications/message', 'updated']));
  expect(new Set((await world.end()).errors)).toEqual(new Set(['a listener of the servers failed']));
});
