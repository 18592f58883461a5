import { expect, it } from 'vitest';
import { ConnectionWorld } from '../models/connection-world.js';
import { serve } from '../fixtures/transports/http-links.js';
import { callTool, external, start } from '../fixtures/manager/managers.js';
import { freePort } from '../fixtures/processes/processes.js';
import { connectGuard } from '../fixtures/hosting/served-guard.js';

it.each(['stdio', 'http', 'unix', 'grpc'])(
  'a server that is killed under load and back soon is found again before any call is refused (%s)',
  async (transport) => {
    const { manager, serve: serveAgain, pidOf, pid, states } = await connectGuard(transport);
    const stop = new AbortController();
    const failures: unknown[] = [];
    const answered = new Set<unknown>();
    const load = Array.from({ length: 16 }, async () => {
      while (!stop.signal.aborted) {
        await callTool(manager, 't').then(
          ({ metadata }) => answered.add(metadata['pid']),
          (error: unknown) => failures.push(error instanceof Error && 'code' in error ? error.code : error),
        );
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    });
    let killed = pid;
    for (let kill = 0; kill < 2; kill++) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      process.kill(killed, 'SIGKILL');
      await serveAgain();
      killed = await pidOf();
    }
    await new Promise((resolve) => setTimeout(resolve, 300));
    stop.abort();
    await Promise.all(load);
    // A call that was cut off twice has an unknown outcome, which is another matter.
    expect(failures.filter((code) => code !== 'CALL_OUTCOME_UNKNOWN')).toEqual([]);
    expect(answered.size).toBe(3);
    expect(states()).not.toContain('failed');
  },
  40_000,
);

it('attempts go on for the window after a loss, however few are configured', async () => {
  const world = new ConnectionWorld({ reconnectAttempts: 3, reconnectWindowMs: 5_000, stablePeriodMs: 60_000 });
  world.call();
  await world.clock.run(100);
  world.transport.opens.always({ kind: 'rejects' });
  world.transport.link?.end();
  const waiting = world.call();
  await world.clock.run(4_800);
  expect(world.state).toMatch(/^reconnecting|^connecting/);
  world.check();
  world.transport.heal();
  await world.clock.run(2_000);
  expect(waiting.answer?.link).toBe(2);
  await world.end();
});

it.each([0, 1])('%i attempts are no more than that, window or not', async (reconnectAttempts) => {
  const world = new ConnectionWorld({ reconnectAttempts, reconnectWindowMs: 5_000 });
  world.call();
  await world.clock.run(6_000);
  world.transport.opens.always({ kind: 'rejects' });
  world.transport.link?.end();
  await world.clock.run(1_000);
  expect(world.transport.attempts).toBe(1 + reconnectAttempts);
  expect(world.state).toBe('failed.coolingDown');
  await world.end();
});

it('a first start that fails does not wait for the window', async () => {
  const world = new ConnectionWorld({ reconnectAttempts: 3, reconnectWindowMs: 5_000 });
  world.transport.opens.always({ kind: 'rejects' });
  world.call();
  await world.clock.run(500);
  expect(world.outcomes).toEqual(['CONNECTION_FAILED']);
  await world.end();
});

it('each rest is twice as long as the one before, up to the longest, until a link has held', async () => {
  const world = new ConnectionWorld({ reconnectAttempts: 1, cooldownMs: 1_000, maxCooldownMs: 5_000 });
  const rests = async (count: number): Promise<number[]> => {
    const lengths: number[] = [];
    for (let rest = 0; rest < count; rest++) {
      world.call();
      await world.clock.run(0);
      lengths.push(Math.round(world.connection.status().nextTimerInMs ?? 0));
      await world.clock.run(5_000);
    }
    return lengths;
  };
  world.transport.opens.always({ kind: 'rejects' });
  expect(await rests(5)).toEqual([1_000, 2_000, 4_000, 5_000, 5_000]);
  world.transport.heal();
  world.call();
  await world.clock.run(6_000);
  world.transport.opens.always({ kind: 'rejects' });
  world.transport.link?.end();
  await world.clock.run(0);
  await world.clock.run(5_000);
  expect(await rests(2)).toEqual([1_000, 2_000].map((ms) => ms * 2));
  await world.end();
});

it('a server that is up again within a second of its connection giving up is tried after a second', async () => {
  const port = await freePort();
  const first = await serve({ port });
  const manager = await start({
    config: external({ proto: 'STREAMABLEHTTP', url: first.url, reconnect_attempts: 2, reconnect_delay: 0.01 }),
    connection: { reconnectWindowMs: 0 },
  });
  await callTool(manager, 'echo');
  await first.close();
  const lost = performance.now();
  while (manager.connections[0]?.state !== 'failed.coolingDown') {
    await callTool(manager, 'echo').catch(() => undefined);
    if (performance.now() - lost > 5_000) throw new Error('it does not give up');
  }
  await serve({ port });
  const gaveUp = performance.now();
  let answered = false;
  while (!answered) {
    answered = await callTool(manager, 'pid').then(
      () => true,
      () => false,
    );
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(performance.now() - gaveUp).toBeLessThan(2_500);
}, 20_000);
