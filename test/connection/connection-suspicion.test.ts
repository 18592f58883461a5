import { expect, test } from 'vitest';
import { ConnectionWorld } from '../models/connection-world.js';

const settings = {
  connectTimeoutMs: 20_000,
  pingTimeoutMs: 5_000,
  suspectAfter: 3,
  cooldownMs: 1_000,
  maxCooldownMs: 1_000,
};

/** Three calls time out, one after the other, on a link that is stable. */
async function threeTimeOut(world: ConnectionWorld): Promise<void> {
  world.call();
  await world.clock.run(6_000);
  world.transport.requests.always({ kind: 'hangs' });
  for (let call = 0; call < 3; call++) {
    world.call({ timeoutMs: 100 });
    await world.clock.run(100);
    world.check();
  }
}

test.each(['answer', 'word'] as const)('any %s of the server in between begins the count anew', async (sign) => {
  const world = new ConnectionWorld(settings);
  world.call();
  await world.clock.run(6_000);
  for (let round = 0; round < 5; round++) {
    world.transport.requests.next({ kind: 'hangs' }, 2);
    world.call({ timeoutMs: 100 });
    world.call({ timeoutMs: 100 });
    await world.clock.run(100);
    if (sign === 'answer') world.call();
    else world.transport.link?.say();
    await world.clock.run(0);
  }
  expect(world.states).not.toContain('suspect');
  await world.end();
});

test('calls that their callers give up early say nothing of the server', async () => {
  const world = new ConnectionWorld(settings);
  world.transport.requests.always({ kind: 'hangs' });
  for (let call = 0; call < 10; call++) world.cancel(world.call());
  await world.clock.run(1_000);
  expect(world.states).not.toContain('suspect');
  await world.end();
});

test('new calls wait for the ping, and go on where they would have gone', async () => {
  const world = new ConnectionWorld(settings);
  world.transport.pings.next({ kind: 'answers', afterMs: 3_000 });
  await threeTimeOut(world);
  expect(world.state).toBe('suspect');
  world.transport.requests.always({ kind: 'answers' });
  const waiting = world.call();
  await world.clock.run(2_999);
  expect(waiting.settledAt).toBe(undefined);
  await world.clock.run(1);
  expect(waiting.answer?.link).toBe(1);
  expect(world.state).toMatch(/^ready/);
  await world.end();
});

test('the answer to a call is as good as one to the ping', async () => {
  const world = new ConnectionWorld(settings);
  world.transport.pings.always({ kind: 'hangs' });
  world.transport.requests.next({ kind: 'answers' });
  world.transport.requests.next({ kind: 'answers', afterMs: 2_000 });
  world.call();
  await world.clock.run(6_000);
  const long = world.call({ timeoutMs: 60_000 });
  world.transport.requests.always({ kind: 'hangs' });
  for (let call = 0; call < 3; call++) world.call({ timeoutMs: 100 });
  await world.clock.run(100);
  expect(world.state).toBe('suspect');
  await world.clock.run(2_000);
  expect(long.answer?.link).toBe(1);
  expect(world.state).toMatch(/^ready/);
  await world.end();
});

test('a server that stands still has the time of a ping for each attempt, and more the longer it is away', async () => {
  const world = new ConnectionWorld(settings);
  world.transport.pings.always({ kind: 'hangs' });
  await threeTimeOut(world);
  const limits: number[] = [];
  for (let trial = 0; trial < 10; trial++) {
    for (let ms = 0; world.state !== 'connecting' && ms < 10_000; ms += 100) {
      world.call({ timeoutMs: 10 });
      await world.clock.run(100);
    }
    limits.push(Math.round((world.connection.status().nextTimerInMs ?? 0) / 1_000));
    await world.clock.run(world.connection.status().nextTimerInMs ?? 0);
    world.check();
  }
  expect(limits.slice(0, 3)).toEqual([5, 5, 5]);
  expect(limits.at(-1)).toBeGreaterThan(5);
  // A new link that opens without a word is none.
  expect(world.states.filter((state) => state.startsWith('ready'))).toEqual(['ready.settling', 'ready.stable']);
  world.transport.heal();
  await world.clock.run(10_000);
  const call = world.call();
  await world.clock.run(10_000);
  expect(call.answer).toBeDefined();
  await world.end();
});

test('a server that is started with each link has the time to start', async () => {
  const world = new ConnectionWorld(settings, { startsServer: true });
  world.transport.pings.always({ kind: 'hangs' });
  await threeTimeOut(world);
  world.transport.opens.next({ kind: 'opens', afterMs: 15_000 });
  world.transport.requests.always({ kind: 'answers' });
  const waiting = world.call();
  await world.clock.run(5_000 + 16_000);
  expect(waiting.answer?.link).toBe(2);
  await world.end();
});

test('0 never suspects', async () => {
  const world = new ConnectionWorld({ ...settings, suspectAfter: 0 });
  await threeTimeOut(world);
  expect(world.states).not.toContain('suspect');
  await world.end();
});
