import { setTimeout as delay } from 'node:timers/promises';
import { defaultReplayLimits } from '../../../src/serving/http/session-replay.js';
import { commandLine, serversBelow } from '../../fixtures/processes/process-table.js';
import type { Random } from '../../../src/time/clock.js';
import { openAndDrop } from './dropped-sessions.js';
import { HeapWatch } from '../heap-watch.js';
import { GatewayWorld } from './gateway-world.js';

/**
 * A thousand calls at once through a gateway with twenty servers, again and again, three of the servers in trouble, while
 * other clients come and go.
 *
 * @returns whether no call was lost, answered with another's answer, or executed more often than allowed, and nothing is left
 */
export async function soakGateway(durationMs: number, random: Random): Promise<boolean> {
  const began = performance.now();
  const elapsed = (): number => performance.now() - began;
  const world = await GatewayWorld.open({ servers: 10, clients: 25, random, sessionIdleMs: 10_000 });
  const { address } = world.server;
  const trouble = new AbortController();
  const flapping = world.flap(trouble.signal);
  let dropped = 0;
  const passing = passBy();
  const heap = new HeapWatch();
  let calls = 0;
  while (elapsed() < durationMs) {
    const start = performance.now();
    await world.wave(1_000);
    calls += 1_000;
    const took = (performance.now() - start) / 1_000;
    const megabytes = heap.look().toFixed(1);
    console.log(
      `${(elapsed() / 1_000).toFixed(0)} s: ${calls} calls, the last 1000 in ${took.toFixed(1)} s; ${dropped} sessions dropped; heap ${megabytes} MB`,
    );
  }
  trouble.abort();
  await Promise.all([flapping, passing]);
  // What is kept of answers, in case their streams break off, is more where more calls were made lately.
  await delay(defaultReplayLimits.keptMs + 1_000);
  heap.look();
  const { problems } = world.calls;
  if (world.calls.open > 0) problems.push(`${world.calls.open} calls were never settled`);
  const { connections } = await world.close();
  if (connections > 0) problems.push(`${connections} connections to servers are left`);
  for (const pid of serversBelow()) problems.push(`process ${pid} is left: ${commandLine(pid)}`);
  if (heap.grows) problems.push('the heap grows');

  console.table(world.calls.outcomes);
  const { settled, last } = heap.ends;
  console.log(
    `heap after garbage collection: ${settled.toFixed(1)} MB after a fifth of the time, ${last.toFixed(1)} MB a minute after the last call`,
  );
  for (const problem of problems.slice(0, 50)) console.error(problem);
  console.log(problems.length === 0 ? 'nothing lost, nothing wrong, nothing left' : `${problems.length} PROBLEMS`);
  return problems.length === 0;

  async function passBy(): Promise<void> {
    while (!trouble.signal.aborted) {
      await openAndDrop(address, 20, 4, random);
      dropped += 20;
    }
  }
}
