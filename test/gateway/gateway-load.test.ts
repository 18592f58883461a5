import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/testing/index.js';
import { cleanups } from '../fixtures/cleanups.js';
import { descendantsOf, openHandles } from '../fixtures/processes/process-table.js';
import { eventually } from '../fixtures/waiting.js';
import { openAndDrop } from '../soak/gateway/dropped-sessions.js';
import { GatewayWorld, type GatewayWorldOptions } from '../soak/gateway/gateway-world.js';
import { heapInUse } from '../soak/heap-in-use.js';

/** Megabytes that code which is compiled on the way, and what the test keeps, may take. */
const slack = 12;

async function open(options: GatewayWorldOptions): Promise<GatewayWorld> {
  const world = await GatewayWorld.open(options);
  cleanups.push(async () => void (await world.close()));
  return world;
}

test('a thousand calls at once over twenty servers, three of them in trouble: each is answered with what it asked, or told honestly why not, and nothing is left', async () => {
  const [processes, handles] = [descendantsOf(process.pid), openHandles()];
  const world = await open({ servers: 10, clients: 25, random: seededRandom(7) });
  const trouble = new AbortController();
  const flapping = world.flap(trouble.signal);
  await world.wave(1_000);
  const heap = heapInUse();
  for (let wave = 0; wave < 2; wave++) await world.wave(250);
  trouble.abort();
  await flapping;
  expect(world.calls.problems).toEqual([]);
  expect([world.calls.open, world.gateway.calls]).toEqual([0, 0]);
  expect(heapInUse()).toBeLessThan(heap + slack);
  expect(await world.close()).toEqual({ connections: 0 });
  expect(descendantsOf(process.pid)).toEqual(processes);
  await eventually('nothing is left open', () => openHandles().length <= handles.length);
}, 60_000);

test('a thousand sessions that are opened and dropped, most of them abruptly, leave nothing, and their calls are let go', async () => {
  const [processes, handles] = [descendantsOf(process.pid), openHandles()];
  const world = await open({ servers: 4, clients: 1, random: seededRandom(7), sessionIdleMs: 2_000 });
  const { address } = world.server;
  await openAndDrop(address, 200, 20, seededRandom(1));
  const settled = async (): Promise<number> => {
    await eventually('the sessions are over', () => world.gateway.clients <= 1 && world.gateway.calls === 0);
    await delay(100);
    return heapInUse();
  };
  const heap = await settled();
  const ways = await openAndDrop(address, 800, 20, seededRandom(2));
  expect(Object.values(ways).every((count) => count > 50)).toBe(true);
  expect(await settled()).toBeLessThan(heap + slack);
  // Whoever stays is not in the way of all this, and not forgotten.
  await world.wave(20);
  expect(world.calls.problems).toEqual([]);
  expect(await world.close()).toEqual({ connections: 0 });
  expect(descendantsOf(process.pid)).toEqual(processes);
  await eventually('nothing is left open', () => openHandles().length <= handles.length);
}, 60_000);
