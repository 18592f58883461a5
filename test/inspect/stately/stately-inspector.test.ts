import { createInspector } from '@statelyai/inspect';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, type AnyStateNode, createMachine, type InspectionEvent } from 'xstate';
import { InspectionTree, joinedInspector } from '../../../src/actors/inspection-tree.js';
import { createManagerPool, definePlugin, silentLogger } from '../../../src/index.js';
import { machineCatalogue } from '../../../src/inspect/charts/catalogue.js';
import { cleanups } from '../../fixtures/cleanups.js';
import { scriptedGateway } from '../../fixtures/gateway/scripted-gateway.js';
import { callTool, external, start, stdio, untypedConfig } from '../../fixtures/manager/managers.js';
import { startNode } from '../../fixtures/processes/processes.js';
import { recordingLogger } from '../../fixtures/recording-logger.js';

type Sent = Parameters<Parameters<typeof createInspector>[0]['send']>[0];
type SentActor = Extract<Sent, { type: '@xstate.actor' }>;

/** Stately's own inspector, and all that it sends to wherever it is looked at. */
function statelyInspector() {
  const sent: Sent[] = [];
  const { inspect } = createInspector({ send: (event) => void sent.push(event) });
  /** It sends when nothing else is to be done. */
  const sentSoFar = async (): Promise<Sent[]> => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return sent;
  };
  const actors = async (): Promise<SentActor[]> =>
    (await sentSoFar()).filter((event) => event.type === '@xstate.actor');
  return { inspect, sent: sentSoFar, actors };
}

/** Holds what was sent to be one tree: each actor told once and before all else of it, below one that is known. */
function expectOneTree(sent: readonly Sent[], root: string): void {
  const known = new Map<string, SentActor>();
  for (const event of sent) {
    expect(event.rootId).toBe(sent[0]?.sessionId);
    if (event.type !== '@xstate.actor') {
      expect(known.keys()).toContain(event.sessionId);
      continue;
    }
    expect([...known.keys()]).not.toContain(event.sessionId);
    if (known.size === 0) expect(event).toMatchObject({ name: root, parentId: undefined });
    else expect([...known.keys()]).toContain(event.parentId);
    known.set(event.sessionId, event);
  }
}

describe("Stately's inspector on a manager", () => {
  it('gets a tree of all actors, with ids of their own, from one that has begun already too', async () => {
    const manager = await start({ config: external(stdio()) });
    await callTool(manager, 'echo');
    const { inspect, sent, actors } = statelyInspector();
    manager.inspect(inspect);
    const names = new Set((await actors()).map(({ name }) => name));
    expect([...names]).toEqual(
      expect.arrayContaining(['manager', 'connections', 'calls', 'plugin:Guard', 'connection:Guard']),
    );
    await callTool(manager, 'echo');
    await manager.close();
    expectOneTree(await sent(), 'manager');
    const later = (await actors()).map(({ name }) => name);
    expect(later).toEqual(expect.arrayContaining(['tool_pre_invoke#2', 'Guard#3']));
    const values = (await sent()).flatMap((event) => (event.type === '@xstate.snapshot' ? [event.snapshot] : []));
    expect(values).toContainEqual(expect.objectContaining({ status: 'done', value: 'answered' }));
  });

  it('gets what each machine declares, of those that are run from a table too', async () => {
    const { inspect, actors } = statelyInspector();
    const manager = await start({ config: external(stdio()), inspector: inspect });
    await callTool(manager, 'echo');
    const definitions = new Map((await actors()).map(({ name, definition }) => [name, definition ?? '']));
    for (const [name, machine] of [
      ['tool_pre_invoke#1', 'invocation'],
      ['Guard#1', 'call'],
      ['connection:Guard', 'connection'],
      ['plugin:Guard', 'plugin'],
    ] as const) {
      const known = machineCatalogue.get(machine)?.machine;
      if (known === undefined) throw new Error(`no machine ${machine}`);
      const told = createMachine(JSON.parse(definitions.get(name) ?? '{}') as object);
      expect(edgesOf(told)).toEqual(edgesOf(known));
    }
  });

  it('tells several managers apart', async () => {
    const { inspect, actors } = statelyInspector();
    const managers = [await start({ config: external(stdio()) }), await start({ config: external(stdio()) })];
    for (const manager of managers) manager.inspect(inspect);
    for (const manager of managers) await callTool(manager, 'echo');
    const told = await actors();
    expect(new Set(told.map(({ sessionId }) => sessionId)).size).toBe(told.length);
    expect(new Set(told.map(({ rootId }) => rootId)).size).toBe(2);
    expect(told.filter(({ name }) => name === 'tool_pre_invoke#1')).toHaveLength(2);
  });

  it('leaves when it is told to', async () => {
    const { inspect, sent } = statelyInspector();
    const manager = await start({ config: external(stdio()) });
    const watching = manager.inspect(inspect);
    watching.unsubscribe();
    const before = (await sent()).length;
    await callTool(manager, 'echo');
    expect((await sent()).length).toBe(before);
  });

  it('is not told what is nobody else’s business', async () => {
    const { inspect, sent } = statelyInspector();
    const kind = definePlugin({
      hooks: {
        tool_pre_invoke: () => {
          throw new Error('s3cret-error');
        },
      },
    });
    const plugin = { name: 'P', kind: 'kind', hooks: ['tool_pre_invoke'], config: { key: 's3cret-key' } };
    const manager = await start({ kinds: { kind }, config: { plugins: [plugin] }, inspector: inspect });
    await callTool(manager, 'echo', { text: 's3cret-payload' }).catch(() => undefined);
    await manager.close();
    expect(JSON.stringify(await sent())).not.toContain('s3cret');
  });
});

it('a gateway is one tree, its plugins included', async () => {
  const plugins = await start({ config: external(stdio()) });
  const { gateway } = await scriptedGateway({}, { plugins });
  const { inspect, sent, actors } = statelyInspector();
  gateway.inspect(inspect);
  expectOneTree(await sent(), 'gateway');
  expect((await actors()).map(({ name }) => name)).toEqual(expect.arrayContaining(['gateway', 'plugin:Guard']));
});

it('a pool is one tree, with all its managers, those to come included', async () => {
  const pool = await createManagerPool({
    base: untypedConfig(external(stdio())),
    overridesFor: () => undefined,
    logger: silentLogger,
    env: { PATH: process.env['PATH'] },
  });
  cleanups.push(() => pool.close());
  await pool.use('a', (manager) => callTool(manager, 'echo'));
  const { inspect, sent, actors } = statelyInspector();
  pool.inspect(inspect);
  await pool.use('b', (manager) => callTool(manager, 'echo'));
  const told = await sent();
  expectOneTree(told, (await actors())[0]?.name ?? '');
  const names = (await actors()).map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['connection:Guard', 'tool_pre_invoke#1']));
  expect(names.filter((name) => name === 'plugin:Guard')).toHaveLength(2);
});

it.each([...machineCatalogue])(
  'the definition of %s is whole after Stately has written it',
  async (id, { machine }) => {
    const { inspect, actors } = statelyInspector();
    const tree = joinedInspector(inspect, 'system');
    if (!(tree instanceof InspectionTree)) throw new Error('an observer is told of a tree');
    const snapshot = { status: 'active', output: undefined, error: undefined } as const;
    const actor = { sessionId: id, logic: machine, getSnapshot: () => snapshot };
    tree.found(actor);
    const [told] = (await actors()).filter(({ name }) => name === id);
    const definition = told?.definition ?? '';
    expect(definition).not.toMatch(/\[Object\]|\[Array\]|\[Circular\]/);
    expect(edgesOf(createMachine(JSON.parse(definition) as object))).toEqual(edgesOf(machine));
  },
);

it('the state of an actor is told as data: errors by name and code, and nothing that is code', async () => {
  const { inspect, actors } = statelyInspector();
  const tree = joinedInspector(inspect, 'system');
  if (!(tree instanceof InspectionTree)) throw new Error('an observer is told of a tree');
  const error = Object.assign(new Error('s3cret'), { code: 'LINK_LOST' });
  const context = { lastError: error, tries: 3, settle: () => 's3cret' };
  const snapshot = { status: 'active', value: 'x', context, output: undefined, error: undefined, machine: {} } as const;
  tree.found({ sessionId: 'one', getSnapshot: () => snapshot });
  const [, told] = await actors();
  expect(told?.snapshot).toEqual({
    status: 'active',
    value: 'x',
    context: { lastError: { name: 'Error', code: 'LINK_LOST' }, tries: 3, settle: '(function)' },
    output: undefined,
    error: undefined,
  });
});

it('the example prints the actors of a manager, and the states of their machines', async () => {
  const { code, stdout, stderr } = await startNode(['docs/examples/inspect/stately.js']).ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n')).toEqual(
    expect.arrayContaining([
      'manager ',
      'plugin:Masker draining failed loading retiring running stopped',
      'tool_pre_invoke#1 cancelled choosing completed concurrent denied failed halted running timedOut',
    ]),
  );
});

it('what is no inspector is refused, and one that throws breaks nothing', async () => {
  const logger = recordingLogger();
  const manager = await start({ config: external(stdio()), logger });
  const whole = createInspector({ send: () => undefined });
  expect(() => manager.inspect(whole as object)).toThrow(/of @statelyai\/inspect it is `inspector.inspect`/);
  const next = (event: InspectionEvent): void => {
    if (event.type !== '@xstate.actor') throw new Error('not my day');
  };
  manager.inspect({ next });
  expect((await callTool(manager, 'pid')).metadata['pid']).toBeTypeOf('number');
  expect(logger.lines).toContainEqual(expect.objectContaining({ level: 'warn', message: 'an inspector threw' }));
});

/** Every transition of a machine in words, in an order of its own: from where, on what, if what, to where, doing what. */
function edgesOf(machine: AnyStateMachine): string[] {
  return nodesOf(machine.root)
    .toSorted((one, other) => (one.id < other.id ? -1 : 1))
    .flatMap((node) => [
      `${node.id} ${node.type} ${node.description ?? ''} ${JSON.stringify([node.entry, node.exit].map(namesOf))}`,
      ...node.invoke.map(({ src, id }) => `${node.id} invokes ${JSON.stringify(src)} ${id}`),
      ...[...node.transitions.values(), node.always ?? []]
        .toSorted(([one], [other]) => ((one?.eventType ?? '') < (other?.eventType ?? '') ? -1 : 1))
        .flat()
        .map(({ eventType, guard, target, actions, reenter }) =>
          JSON.stringify([eventType, namesOf([guard]), target?.map(({ id }) => id), namesOf(actions), reenter]),
        ),
    ]);
}

function nodesOf(node: AnyStateNode): AnyStateNode[] {
  return [node, ...Object.values(node.states).flatMap(nodesOf)];
}

function namesOf(declared: readonly unknown[]): unknown[] {
  return declared.map((one) => (typeof one === 'object' && one !== null && 'type' in one ? one.type : one));
}
