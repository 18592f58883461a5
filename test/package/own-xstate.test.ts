import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { repository } from '../fixtures/manager/managers.js';

// XState is built into the package, so that what a program has installed is another copy of it.

const outputOf = async (program: string): Promise<unknown> => {
  const args = ['--input-type=module', '--eval', program];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: repository });
  return JSON.parse(stdout);
};

it('a plugin’s machine, made with the XState of the program, runs and is observed like any other', async () => {
  const program = `
    import { setup } from 'xstate';
    import { createManager, definePlugin, silentLogger } from 'gatechart';
    const lamp = setup({ delays: { glowing: 20 } }).createMachine({
      id: 'lamp',
      initial: 'off',
      states: { off: { on: { press: 'on' } }, on: { after: { glowing: 'burnt' } }, burnt: { type: 'final' } },
    });
    const stage = setup({ actors: { lamp } }).createMachine({ id: 'stage', invoke: { src: 'lamp', id: 'inner' } });
    let hall, inner;
    const keeper = definePlugin({
      hooks: { tool_pre_invoke: () => undefined },
      initialize: ({ actors }) => {
        hall = actors.start(lamp, 'hall', undefined);
        inner = actors.start(stage, 'old', undefined).getSnapshot().children.inner;
      },
    });
    const config = { plugins: [{ name: 'Keeper', kind: 'keeper', hooks: ['tool_pre_invoke'] }] };
    const manager = await createManager({ kinds: { keeper }, env: {}, config, logger: silentLogger });
    const found = {};
    const taken = [];
    manager.observe({
      made: ({ id }, machine) => void (found[id] = machine.id),
      takes: ({ id }, { type }) => void taken.push([id, type]),
      took: () => undefined,
    });
    const burnt = new Promise((resolve) => hall.subscribe({ complete: resolve }));
    hall.send({ type: 'press' });
    inner.send({ type: 'press' });
    // A manager's timers hold no process open.
    const open = setInterval(() => undefined, 1000);
    await burnt;
    clearInterval(open);
    await manager.close();
    console.log(JSON.stringify({ found, taken, hall: hall.getSnapshot().value }));
  `;
  expect(await outputOf(program)).toMatchObject({
    found: { 'lamp:Keeper/hall': 'lamp', 'stage:Keeper/old': 'stage' },
    taken: expect.arrayContaining([
      ['lamp:Keeper/hall', 'press'],
      ['inner', 'press'],
    ]),
    hall: 'burnt',
  });
});

it('a machine of gatechart/machines runs in the XState of the program', async () => {
  const program = `
    import { createActor, fromPromise } from 'xstate';
    import { reloadMachine } from 'gatechart/machines';
    const never = fromPromise(() => new Promise(() => undefined));
    const actors = Object.fromEntries(Object.keys(reloadMachine.implementations.actors).map((name) => [name, never]));
    const actor = createActor(reloadMachine.provide({ actors })).start();
    console.log(JSON.stringify(actor.getSnapshot().value));
    actor.stop();
  `;
  expect(await outputOf(program)).toBe('idle');
});
