import { expect, test } from 'vitest';
import { downstreamSessionMachine } from '../../machines/index.js';
import { EdgeCoverage } from '../models/edge-coverage.js';
import { ServerWorld } from '../models/server-world.js';

const file = { a: { command: 'server', args: ['1'] } };

/** A call that takes so long, and a session that is retired under it. */
async function retireUnderACall(ms: number, drains: readonly number[], coverage: EdgeCoverage): Promise<ServerWorld> {
  const world = await ServerWorld.open(file, { inspector: coverage.inspect, drainMs: drains[0] ?? 0 });
  world.onSession = ({ transport }) => transport.requests.always({ kind: 'answers', afterMs: ms });
  world.track(world.set.callTool('a', { name: 'echo' }));
  await world.clock.run(10);
  await world.set.reload({ mcpServers: {} });
  await world.clock.run(10);
  if (drains[1] !== undefined) world.track(world.set.close({ drainMs: drains[1] }).then(() => ({})));
  await world.clock.run(100_000);
  return world;
}

test('a session is closed when its calls have ended, or their time has', async () => {
  const coverage = new EdgeCoverage(downstreamSessionMachine);
  const inTime = await retireUnderACall(500, [30_000], coverage);
  expect(inTime.outcomes[0]).toMatchObject({ code: undefined, answer: { version: '1' } });
  expect(inTime.logger.lines('warn').join()).not.toContain('under its calls');
  await inTime.end();

  const late = await retireUnderACall(5_000, [1_000], coverage);
  expect(late.outcomes[0]).toMatchObject({ code: 'CALL_OUTCOME_UNKNOWN', settledAt: 1_010 });
  expect(late.logger.lines('warn').join()).toContain('a session with a is closed under its calls');
  await late.end();

  const sooner = await retireUnderACall(5_000, [30_000, 100], coverage);
  expect(sooner.outcomes[0]).toMatchObject({ code: 'CALL_OUTCOME_UNKNOWN', settledAt: 120 });
  expect(await sooner.end()).toMatchObject({ timers: 0, links: 0, unsettled: 0 });
  expect(coverage.missing).toEqual([]);
});
