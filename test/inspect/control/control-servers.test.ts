import { expect, it } from 'vitest';
import { createControl } from '../../../src/inspect/live/control/control.js';
import { controlTarget } from '../../../src/inspect/live/control/control-target.js';
import { configFile } from '../../fixtures/inspect/config-file.js';
import { ServerWorld } from '../../models/server-world.js';

const github = 'connection:github';
const entries = { github: { command: 'server', args: ['1'] } };

type Control = ReturnType<typeof createControl>;

async function worldOf(servers: object = entries): Promise<{ world: ServerWorld; control: Control }> {
  const world = await ServerWorld.open({}, { servers: configFile({ mcpServers: servers }) });
  return { world, control: createControl(controlTarget(world.set)) };
}

it('the next attempt is made now, and the calls that wait are answered', async () => {
  const { world, control } = await worldOf();
  world.onSession = ({ transport }) => transport.opens.next({ kind: 'rejects' }, 2);
  const call = world.track(world.set.callTool('github', { name: 'echo' }));
  await world.clock.run(0);
  const { transport } = world.newest('github');
  expect(transport.attempts).toBe(1);
  const retry = { do: 'retry', actor: github, expect: 'reconnecting.backingOff' } as const;
  expect(await control(retry, 'session 1')).toEqual({ ok: true, said: `${github} makes its next attempt now` });
  await world.clock.run(0);
  expect([transport.attempts, call.settledAt]).toEqual([2, undefined]);
  expect(await control(retry, 'session 1')).toMatchObject({ ok: true });
  await world.clock.run(0);
  expect([transport.attempts, call.code, call.answer !== undefined]).toEqual([3, undefined, true]);
  // Its state is another one by now.
  expect(await control(retry, 'session 1')).toEqual({ ok: false, status: 409, now: 'ready.settling' });
  expect(await control({ ...retry, expect: 'ready.settling' }, 'session 1')).toEqual({
    ok: false,
    status: 400,
    said: `${github} is ready.settling, where no attempt is waited for`,
  });
  expect(await world.end()).toEqual({ timers: 0, links: 0, unsettled: 0, errors: [] });
});

it('a connection that is closed refuses the calls that wait, and opens again after a reload, not before', async () => {
  const { world, control } = await worldOf();
  world.onSession = ({ transport }) => transport.opens.next({ kind: 'rejects' });
  const waiting = [1, 2].map(() => world.track(world.set.callTool('github', { name: 'echo' })));
  await world.clock.run(0);
  const close = { do: 'close', actor: github, expect: 'reconnecting.backingOff' } as const;
  expect(await control(close, 'session 1')).toEqual({
    ok: true,
    said: `${github} is closed: 2 waiting calls are refused, 0 in flight are cut off, and nothing opens again until a reload`,
  });
  await world.clock.run(0);
  expect(waiting.map(({ code }) => code)).toEqual(['CONNECTION_CLOSED', 'CONNECTION_CLOSED']);
  await world.clock.run(120_000);
  const later = world.track(world.set.callTool('github', { name: 'echo' }));
  await world.clock.run(120_000);
  expect([later.code, world.newest('github').transport.attempts, world.sessions.length]).toEqual([
    'CONNECTION_CLOSED',
    1,
    1,
  ]);
  expect(await control(close, 'session 1')).toMatchObject({ ok: false, status: 404 });

  world.onSession = () => {};
  expect(await control({ do: 'reload' }, 'session 1')).toEqual({ ok: true, said: 'servers: 1 unchanged' });
  const again = world.track(world.set.callTool('github', { name: 'echo' }));
  await world.clock.run(0);
  expect([again.code, again.answer !== undefined, world.sessions.length]).toEqual([undefined, true, 2]);
  expect(await world.end()).toEqual({ timers: 0, links: 0, unsettled: 0, errors: [] });
});

it('what runs on it is cut off, and other servers are not touched', async () => {
  const { world, control } = await worldOf({ ...entries, other: { command: 'server', args: ['1'] } });
  world.onSession = ({ transport }) => transport.requests.always({ kind: 'answers', afterMs: 500 });
  const [call, other] = ['github', 'other'].map((name) => world.track(world.set.callTool(name, { name: 'echo' })));
  await world.clock.run(100);
  const answer = await control({ do: 'close', actor: github, expect: 'ready.settling' }, 'session 1');
  expect(answer).toMatchObject({ ok: true, said: expect.stringContaining('1 in flight are cut off') });
  await world.clock.run(1_000);
  expect([call?.code, other?.answer !== undefined]).toEqual(['CALL_OUTCOME_UNKNOWN', true]);
  await control({ do: 'reload' }, 'session 1');
  expect(world.of('other')).toHaveLength(1);
  expect(await world.end()).toEqual({ timers: 0, links: 0, unsettled: 0, errors: [] });
});

it('what is not there is said not to be', async () => {
  const { world, control } = await worldOf();
  for (const request of [
    { do: 'retry', actor: 'connection:nobody', expect: 'idle.empty' },
    { do: 'close', actor: 'invocation:1', expect: 'idle.empty' },
    { do: 'disable', plugin: 'Guard', expect: 'running.enabled' },
  ] as const)
    expect(await control(request, 'session 1')).toMatchObject({ ok: false, status: 404 });
  await world.end();
});
