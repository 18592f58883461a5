import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ConnectionSystem } from '../../src/connection/connection-system.js';
import { ManagedConnection } from '../../src/connection/managed-connection.js';
import { silentLogger } from '../../src/observability/logger.js';
import { ScriptedTransport } from '../../src/testing/scripted-transport.js';
import { type Clock, systemClock, type TimerHandle } from '../../src/time/clock.js';
import { Deadlines } from '../../src/time/deadlines.js';
import type { LinkClosed, Transport } from '../../src/transports/transport.js';
import { type Answer, ConnectionWorld, defaultSettings } from '../models/connection-world.js';

test('a session the server forgot is replaced once, and the call is sent again (failure 1)', async () => {
  const world = new ConnectionWorld();
  world.transport.requests.next({ kind: 'losesSession' });
  world.call({ replay: 'never' });
  await world.clock.run(100);
  expect(world.outcomes).toEqual([2]);
  world.call();
  await world.clock.run(0);
  expect(world.outcomes).toEqual([2, 2]);
  expect(world.transport.attempts).toBe(2);
  await world.end();
});

test('a session that is forgotten twice in a row is an error', async () => {
  const world = new ConnectionWorld();
  world.transport.requests.next({ kind: 'losesSession' }, 2);
  world.call({ replay: 'once' });
  await world.clock.run(1_000);
  expect(world.outcomes).toEqual(['SESSION_LOST']);
  await world.end();
});

test('an answer is only accepted on the link that was asked last (failure 2)', async () => {
  const world = new ConnectionWorld();
  world.transport.requests.next({ kind: 'waits' });
  world.transport.requests.next({ kind: 'losesSession' });
  world.call({ replay: 'once' });
  world.call();
  await world.clock.run(0);
  world.transport.links[0]?.requests[0]?.answer({ link: 1, message: 'stale' });
  await world.clock.run(1_000);
  expect(world.outcomes).toEqual([2, 2]);
  await world.end();
});

test.each([
  { behaviours: ['isCutOff'], replay: 'never', outcome: 'CALL_OUTCOME_UNKNOWN', sent: 1 },
  { behaviours: ['isCutOff'], replay: 'once', outcome: 1, sent: 2 },
  { behaviours: ['endsLink'], replay: 'never', outcome: 'CALL_OUTCOME_UNKNOWN', sent: 1 },
  { behaviours: ['endsLink'], replay: 'once', outcome: 2, sent: 2 },
  { behaviours: ['endsLink', 'endsLink'], replay: 'once', outcome: 'CALL_OUTCOME_UNKNOWN', sent: 2 },
  { behaviours: ['isNotSent', 'isNotSent'], replay: 'never', outcome: 3, sent: 3 },
  { behaviours: ['refuses'], replay: 'once', outcome: 'CALL_REFUSED', sent: 1 },
  { behaviours: ['isCutOff', 'refuses'], replay: 'once', outcome: 'CALL_REFUSED', sent: 2 },
  { behaviours: ['isCutOff', 'isNotSent'], replay: 'once', outcome: 2, sent: 3 },
  { behaviours: ['isCutOff', 'losesSession'], replay: 'once', outcome: 2, sent: 3 },
  {
    behaviours: ['losesSession', 'isCutOff', 'losesSession'],
    replay: 'once',
    outcome: 'CALL_OUTCOME_UNKNOWN',
    sent: 3,
  },
] as const)(
  'a call that meets $behaviours with replay $replay ends as $outcome after $sent attempts (failure 3)',
  async ({ behaviours, replay, outcome, sent }) => {
    const world = new ConnectionWorld({ reconnectAttempts: 10 });
    for (const kind of behaviours) world.transport.requests.next({ kind });
    world.call({ replay });
    await world.clock.run(10_000);
    expect(world.outcomes).toEqual([outcome]);
    expect(world.transport.links.flatMap(({ requests }) => requests)).toHaveLength(sent);
    await world.end();
  },
);

test('a server that dies right after each handshake is opened no more often than the budget allows (failure 5)', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        reconnectAttempts: fc.integer({ min: 0, max: 5 }),
        reconnectDelayMs: fc.integer({ min: 0, max: 500 }),
        cooldownMs: fc.integer({ min: 100, max: 20_000 }),
      }),
      fc.integer({ min: 0, max: 4_999 }),
      async (settings, livesMs) => {
        const world = new ConnectionWorld(settings);
        world.transport.opens.always({ kind: 'opens', livesMs });
        const minutes = 2;
        for (let second = 0; second < minutes * 60; second++) {
          world.call({ timeoutMs: 500 });
          await world.clock.run(1_000);
        }
        const budget = Math.max(1, settings.reconnectAttempts);
        expect(world.transport.attempts).toBeLessThanOrEqual(budget + (minutes * 60_000) / settings.cooldownMs);
        world.check();
        await world.end();
      },
    ),
    { numRuns: 15 },
  );
});

test('a link that held for the stable period starts a new budget', async () => {
  const world = new ConnectionWorld({ reconnectAttempts: 2 });
  world.transport.opens.next({ kind: 'opens', livesMs: 5_001 }, 10);
  world.call();
  await world.clock.run(50_000);
  expect(world.states).not.toContain('failed.releasing');
  expect(world.transport.attempts).toBe(10);
  await world.end();
});

test.each([1, 20])('%i calls that lose their session at one time cause one reconnect (failure 7)', async (calls) => {
  const world = new ConnectionWorld();
  world.transport.requests.next({ kind: 'losesSession', afterMs: 10 }, calls);
  for (let i = 0; i < calls; i++) world.call({ replay: 'once' });
  await world.clock.run(1_000);
  expect(world.outcomes).toEqual(Array.from({ length: calls }, () => 2));
  expect(world.transport.attempts).toBe(2);
  await world.end();
});

/** Breaks the contract of links on purpose: a `closed` that settles long after `close` was done. */
test('the late end of an old link does not touch its successor (failure 8)', async () => {
  const ends: ((closed: LinkClosed) => void)[] = [];
  const rejects: ((error: Error) => void)[] = [];
  const transport: Transport<string, Answer> = {
    target: 'late',
    open: async () => ({
      closed: new Promise<LinkClosed>((resolve) => ends.push(resolve)),
      request: () => new Promise<Answer>((_resolve, reject) => rejects.push(reject)),
      close: async () => undefined,
    }),
  };
  const world = new ConnectionWorld({ idleTimeoutMs: 1_000 });
  const system = new ConnectionSystem(world.clock, world.deadlines, silentLogger);
  const connection = new ManagedConnection({
    name: 'late',
    transport,
    settings: { ...defaultSettings, idleTimeoutMs: 1_000 },
    system,
    clock: world.clock,
    random: () => 0,
    logger: silentLogger,
  });
  const timedOut = expect(connection.request('one', { timeoutMs: 10 })).rejects.toThrow('No answer');
  await world.clock.run(10_000);
  await timedOut;
  expect(connection.status().state).toBe('idle.empty');
  await Promise.all([connection.connect(), world.clock.run(0)]);
  ends[0]?.({ error: new Error('late') });
  rejects[0]?.(new Error('late'));
  await world.clock.run(100);
  expect(connection.status()).toMatchObject({ state: 'ready.settling', lastError: undefined });
  await connection.close();
  system.stop();
  await world.end();
});

test('a failed connection refuses calls while it cools down, and one trial reopens it (failure 9)', async () => {
  const world = new ConnectionWorld({ reconnectAttempts: 2, cooldownMs: 1_000 });
  world.transport.opens.always({ kind: 'rejects' });
  world.call();
  await world.clock.run(500);
  expect(world.outcomes).toEqual(['CONNECTION_FAILED']);
  world.call();
  await world.clock.run(0);
  expect(world.transport.attempts).toBe(2);
  await world.clock.run(1_000);
  expect(world.state).toBe('failed.rested');
  world.call();
  world.call();
  await world.clock.run(0);
  expect(world.transport.attempts).toBe(3);
  expect(world.state).toBe('failed.coolingDown');
  world.transport.heal();
  await world.clock.run(1_000);
  world.call();
  await world.clock.run(0);
  expect(world.outcomes).toEqual([...Array.from({ length: 4 }, () => 'CONNECTION_FAILED'), 1]);
  await world.end();
});

test('a hung server is told that nobody waits any more (failure 11)', async () => {
  const world = new ConnectionWorld();
  world.transport.requests.next({ kind: 'hangs' }, 2);
  world.call({ timeoutMs: 100 });
  const cancelled = world.call();
  await world.clock.run(0);
  world.cancel(cancelled);
  await world.clock.run(100);
  expect(world.outcomes).toEqual(['CALL_TIMEOUT', 'CALL_CANCELLED']);
  expect(world.transport.link?.requests.map(({ outcome }) => outcome)).toEqual(['abandoned', 'abandoned']);
  await world.end();
});

test('a link on which something passes is not given up for being idle (failure 15)', async () => {
  const world = new ConnectionWorld({ stablePeriodMs: 10, idleTimeoutMs: 1_000 });
  world.transport.requests.next({ kind: 'answers', afterMs: 20_000 });
  world.call();
  await world.clock.run(20_500);
  expect(world.outcomes).toEqual([1]);
  expect(world.state).toBe('ready.parkable');
  for (let times = 0; times < 5; times++) {
    world.transport.link?.say();
    await world.clock.run(900);
  }
  expect(world.state).toBe('ready.parkable');
  await world.clock.run(2_000);
  expect(world.state).toBe('idle.empty');
  await world.end();
});

test('on the system clock, too, no timer is left after close', async () => {
  const timers = new Set<TimerHandle>();
  const clock: Clock = {
    now: () => systemClock.now(),
    setTimeout(callback, ms) {
      const fire = (): void => {
        timers.delete(timer);
        callback();
      };
      const timer = systemClock.setTimeout(fire, ms);
      timers.add(timer);
      return timer;
    },
    clearTimeout(timer) {
      if (timer !== undefined) timers.delete(timer);
      systemClock.clearTimeout(timer);
    },
  };
  const deadlines = new Deadlines(clock);
  const system = new ConnectionSystem(clock, deadlines, silentLogger);
  const transport = new ScriptedTransport<string, string>({ clock, reply: (message) => message });
  transport.requests.next({ kind: 'hangs' });
  const connection = new ManagedConnection({
    name: 'real time',
    transport,
    settings: { ...defaultSettings, reconnectDelayMs: 10, idleTimeoutMs: 60_000 },
    system,
    clock,
    random: Math.random,
    logger: silentLogger,
  });
  const hung = connection.request('hangs', { timeoutMs: 60_000 });
  const rejected = expect(hung).rejects.toThrow('may or may not');
  await connection.connect();
  expect(await connection.request('one', { timeoutMs: 60_000 })).toBe('one');
  expect(timers.size).toBeGreaterThan(0);
  await connection.close();
  await rejected;
  deadlines.close();
  system.stop();
  expect(timers.size).toBe(0);
});
