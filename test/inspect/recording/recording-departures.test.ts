import * as fc from 'fast-check';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type AnyStateMachine, assign, createMachine } from 'xstate';
import { connectionMachine, invocationMachine } from '../../../machines/index.js';
import { definePlugin } from '../../../src/index.js';
import {
  createRecorder,
  type Recording,
  type Recorder,
  readRecording,
  replayRecording,
} from '../../../src/inspect/index.js';
import { createChainHarness, replayIncident } from '../../../src/testing/index.js';
import { connectionCommands, settingsArbitrary } from '../../models/connection-commands.js';
import { ConnectionWorld } from '../../models/connection-world.js';
import { recordingFolder } from './recording-folder.js';

const newFile = recordingFolder();

/** A connection that loses its server, uses up its attempts, and is ready again in the end. */
async function incident(): Promise<string> {
  const file = newFile();
  let recorder: Recorder | undefined;
  const world = new ConnectionWorld({}, { recorderOf: (clock) => (recorder = createRecorder({ file, clock })) });
  world.call();
  await world.clock.run(6_000);
  world.fault({ on: 'open', behaviour: { kind: 'rejects', afterMs: 10 }, times: 4 });
  world.fault({ on: 'link' });
  await world.clock.run(40_000);
  world.call();
  await world.clock.run(6_000);
  await recorder?.close();
  return file;
}

/** The connection machine, with something else at paths of its declaration; undefined: nothing. */
function declaredOtherwise(changes: Readonly<Record<string, unknown>>): AnyStateMachine {
  const config = Object.entries(changes).reduce<unknown>(
    (changed, [path, value]) => withValueAt(changed, path.split('/'), value),
    connectionMachine.config,
  );
  return createMachine(config as never, connectionMachine.implementations as never);
}

function withValueAt(config: unknown, [key = '', ...rest]: readonly string[], value: unknown): unknown {
  const fields: Record<string, unknown> = { ...Object(config) };
  const changed = rest.length === 0 ? value : withValueAt(fields[key], rest, value);
  const { [key]: _, ...others } = fields;
  return changed === undefined ? others : { ...fields, [key]: changed };
}

const slower = connectionMachine.provide({ delays: { backoff: ({ context }) => context.delayMs * 1.2 } });

/** Numbers of the events at which a backoff began to run. */
function backoffs({ events }: Recording): number[] {
  return Array.from({ length: events.length }, (_, place) => place + 1).filter(
    (seq) => (events.stepAt(seq - 1).timers?.['backoff'] ?? 0) > 0,
  );
}

describe('a recording that another version replays', () => {
  it('says where a delay is another one, and in what', async () => {
    const recording = await readRecording(await incident());
    const { departures, changedMachines } = replayRecording(recording, { machines: [slower] });
    expect(departures.map(({ seq }) => seq)).toEqual(backoffs(recording));
    expect(departures.map(({ text }) => text)).toEqual([
      'connection:world waited 100 ms for "backoff", and this version waits 120 ms',
      'connection:world waited 200 ms for "backoff", and this version waits 240 ms',
    ]);
    expect(departures[0]).toMatchObject({ actor: 'connection:world', t: 6010 });
    expect(changedMachines).toEqual([]);
  });

  it('says it exactly there, whatever fails', async () => {
    await fc.assert(
      fc.asyncProperty(
        settingsArbitrary,
        fc.integer(),
        connectionCommands({ closes: true }),
        async (settings, seed, commands) => {
          const file = newFile();
          let recorder: Recorder | undefined;
          await fc.asyncModelRun(() => {
            const recorderOf = (clock: ConnectionWorld['clock']) => (recorder = createRecorder({ file, clock }));
            return { model: {}, real: new ConnectionWorld(settings, { seed, recorderOf }) };
          }, commands);
          await recorder?.close();
          const recording = await readRecording(file);
          const { departures } = replayRecording(recording, { machines: [slower] });
          expect(departures.map(({ seq }) => seq)).toEqual(backoffs(recording));
        },
      ),
      { numRuns: 20 },
    );
  });

  it('says where a transition leads elsewhere, and goes on from the recorded state', async () => {
    const elsewhere = declaredOtherwise({
      'states/reconnecting/states/backingOff/after/backoff': '#connection.failed',
    });
    const { departures, changedMachines } = replayRecording(await readRecording(await incident()), {
      machines: [elsewhere],
    });
    const text = 'connection:world went to connecting on "after backoff", and this version goes to failed.releasing';
    expect(departures.map((departure) => departure.text)).toEqual([text, text, text]);
    expect(changedMachines).toEqual(['connection']);
  });

  it('says where something else is remembered', async () => {
    const forgetful = connectionMachine.provide({
      actions: { countRest: assign({ rests: ({ context }) => context.rests + 2 }) },
    });
    const { departures } = replayRecording(await readRecording(await incident()), { machines: [forgetful] });
    expect(departures.map(({ text }) => text)).toEqual([
      'connection:world remembered the rests 1 after "releaseLink done", and this version remembers 2',
      'connection:world remembered the rests 2 after "releaseLink done", and this version remembers 3',
    ]);
  });

  it('says where a state is gone', async () => {
    const without = declaredOtherwise({
      'states/failed/states/releasing/invoke/onDone': 'rested',
      'states/failed/states/coolingDown': undefined,
    });
    const { departures } = replayRecording(await readRecording(await incident()), { machines: [without] });
    const text =
      'connection:world went to failed.coolingDown on "releaseLink done", and this version goes to failed.rested; it has no such state';
    expect(departures.map((departure) => departure.text)).toEqual([text, text]);
  });

  it('says of a machine that there is not, once for each actor', async () => {
    const file = await incident();
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll('"machine":"connection"', '"machine":"bridge"'));
    const { departures } = replayRecording(await readRecording(file));
    expect(departures.map(({ text }) => text)).toEqual([
      'connection:world is run by the machine bridge, which this version has not',
    ]);
  });

  it('says where a short life would have waited longer, or not so long', async () => {
    const file = newFile();
    const Slow = definePlugin({ hooks: { tool_pre_invoke: () => new Promise<undefined>(() => undefined) } });
    const harness = await createChainHarness({
      plugins: [{ name: 'Slow', plugin: Slow, hooks: ['tool_pre_invoke'], onError: 'ignore' }],
      pluginTimeoutMs: 5000,
    });
    const recorder = createRecorder({ file, clock: harness.clock });
    harness.manager.observe(recorder.observer);
    const invoked = harness.manager.invokeHook('tool_pre_invoke', { name: 'add', args: {} }, { requestId: '1' });
    await harness.clock.run(6000);
    await invoked;
    await harness.close();
    await recorder.close();
    const deadline = (factor: number) =>
      invocationMachine.provide({
        delays: { deadline: ({ context: { steps, index } }) => (steps[index]?.timeoutMs ?? 0) * factor },
      });
    const textsWith = async (factor: number): Promise<readonly string[]> =>
      (await replayIncident({ file, machines: [deadline(factor)] })).departures;
    expect(await textsWith(1)).toEqual([]);
    expect(await textsWith(2)).toEqual(['tool_pre_invoke#1 waited 5 s for "deadline", and this version waits 10 s']);
  });
});
