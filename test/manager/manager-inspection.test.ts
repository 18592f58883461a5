import { expect, it } from 'vitest';
import { definePlugin, type InspectionEvent } from '../../src/index.js';
import { callTool, external, start, stdio } from '../fixtures/manager/managers.js';
import { recordingLogger } from '../fixtures/recording-logger.js';

/** Collects the states that each actor was seen in, by the actor's name. */
function watcher() {
  const states = new Map<string, string[]>();
  const inspector = (event: InspectionEvent): void => {
    if (event.type !== '@xstate.snapshot' || !('id' in event.actorRef) || !('value' in event.snapshot)) return;
    const id = String(event.actorRef.id);
    const value: unknown = event.snapshot.value;
    const state = typeof value === 'string' ? value : JSON.stringify(value);
    const seen = states.get(id) ?? [];
    if (seen.at(-1) !== state) states.set(id, [...seen, state]);
  };
  return { states, inspector };
}

it('connections, calls, invocations and plugins are actors with names, states and ends that an inspector sees', async () => {
  const { states, inspector } = watcher();
  const manager = await start({ config: external(stdio()), inspector });
  await callTool(manager, 'echo');
  await manager.close();
  expect([...states.keys()].filter((id) => !id.startsWith('x:'))).toEqual(
    expect.arrayContaining(['plugin:Guard', 'connection:Guard', 'Guard#1', 'Guard#2', 'tool_pre_invoke#1']),
  );
  expect(states.get('connection:Guard')).toEqual([
    '{"idle":"empty"}',
    'connecting',
    '{"ready":"settling"}',
    'closing',
    'closed',
  ]);
  expect(states.get('plugin:Guard')).toEqual(['{"loading":"awaited"}', '{"running":"enabled"}', 'draining', 'stopped']);
  expect(states.get('Guard#1')).toEqual(['waiting', 'inFlight', 'answered']);
  expect(states.get('Guard#2')?.at(-1)).toBe('answered');
  expect(states.get('tool_pre_invoke#1')?.at(-1)).toBe('completed');
});

it('an inspector may come late and leave early', async () => {
  const { states, inspector } = watcher();
  const manager = await start({ config: external(stdio()) });
  await callTool(manager, 'echo');
  const subscription = manager.inspect(inspector);
  await callTool(manager, 'echo');
  subscription.unsubscribe();
  await callTool(manager, 'echo');
  expect([...states.keys()]).toEqual(expect.arrayContaining(['tool_pre_invoke#2', 'Guard#3']));
  expect([...states.keys()]).not.toContain('tool_pre_invoke#1');
  expect([...states.keys()]).not.toContain('tool_pre_invoke#3');
});

it('an inspector that throws breaks nothing and is told in the log', async () => {
  const logger = recordingLogger();
  const manager = await start({
    config: external(stdio()),
    logger,
    inspector: () => {
      throw new Error('not my day');
    },
  });
  expect((await callTool(manager, 'pid')).metadata['pid']).toBeTypeOf('number');
  await manager.close();
  expect(logger.lines).toContainEqual(expect.objectContaining({ level: 'warn', message: 'an inspector threw' }));
});

it('a hook that runs inside another hook gets an actor of its own', async () => {
  const { states, inspector } = watcher();
  const inner: { call?: () => Promise<unknown> } = {};
  const nesting = definePlugin({ hooks: { tool_pre_invoke: () => inner.call?.().then(() => undefined) } });
  const looking = definePlugin({ hooks: { prompt_pre_fetch: () => ({}) } });
  const manager = await start({
    kinds: { nesting, looking },
    config: {
      plugins: [
        { name: 'N', kind: 'nesting', hooks: ['tool_pre_invoke'] },
        { name: 'L', kind: 'looking', hooks: ['prompt_pre_fetch'] },
      ],
    },
    inspector,
  });
  inner.call = () => manager.invokeHook('prompt_pre_fetch', { promptId: 'p' }, { requestId: '1' });
  await callTool(manager, 't');
  expect(states.get('tool_pre_invoke#1')?.at(-1)).toBe('completed');
  expect(states.get('prompt_pre_fetch#2')?.at(-1)).toBe('completed');
});
