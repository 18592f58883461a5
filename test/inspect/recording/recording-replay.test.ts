import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readRecording, type Replay, replayRecording } from '../../../src/inspect/index.js';
import { machineCatalogue } from '../../../src/inspect/charts/catalogue.js';
import { scenarioArbitrary } from '../../models/chain-generator.js';
import { payloads } from '../../models/chain-scenario.js';
import { connectionCommands, settingsArbitrary } from '../../models/connection-commands.js';
import { ConnectionWorld } from '../../models/connection-world.js';
import { ScenarioRun } from '../../models/scenario-run.js';
import { recorderBeside, replayedStates } from './live-states.js';
import { type Happening, live } from './machine-lives.js';
import { recordingFolder } from './recording-folder.js';

const newFile = recordingFolder();

async function replayOf(file: string): Promise<Replay> {
  return replayRecording(await readRecording(file));
}

describe('a recording is replayed to the same states and contexts in the same order', () => {
  it('of a connection and its calls, whatever fails', async () => {
    await fc.assert(
      fc.asyncProperty(
        settingsArbitrary,
        fc.integer(),
        connectionCommands({ closes: true }),
        async (settings, seed, commands) => {
          const file = newFile();
          let beside: ReturnType<typeof recorderBeside> | undefined;
          await fc.asyncModelRun(() => {
            const recorderOf = (clock: ConnectionWorld['clock']) => (beside = recorderBeside(file, clock));
            return { model: {}, real: new ConnectionWorld(settings, { seed, recorderOf }) };
          }, commands);
          await beside?.recorder.close();
          const replay = await replayOf(file);
          expect(replay.departures).toEqual([]);
          expect(replayedStates(replay)).toEqual(beside?.states());
          expect(replay.recording.events.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 30 },
    );
  });

  it('of chains, whatever their plugins do', async () => {
    await fc.assert(
      fc.asyncProperty(scenarioArbitrary, async (scenario) => {
        const file = newFile();
        const run = await ScenarioRun.of(scenario);
        const { recorder, states, observer } = recorderBeside(file, run.harness.clock);
        run.harness.manager.observe(observer);
        const payload = payloads[scenario.hook] as Parameters<typeof run.invoke>[1];
        await run.invoke(0, payload);
        await run.invoke(1, payload);
        await run.harness.close();
        await recorder.close();
        const replay = await replayOf(file);
        expect(replay.departures).toEqual([]);
        expect(replayedStates(replay)).toEqual(states());
      }),
      { numRuns: 40 },
    );
  });

  const happening: fc.Arbitrary<Happening> = fc.oneof(
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('event' as const), which: fc.nat(20), value: fc.nat(200) }) },
    {
      weight: 2,
      arbitrary: fc.record({ kind: fc.constantFrom('done' as const, 'failed' as const), value: fc.nat(200) }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('time' as const), ms: fc.integer({ min: 0, max: 400 }) }) },
  );

  it.each([...machineCatalogue.keys()])('of an actor of %s, whatever happens to it', async (machine) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(happening, { maxLength: 30, size: 'max' }),
        fc.integer(),
        fc.boolean(),
        async (happenings, seed, payloads) => {
          const file = newFile();
          let beside: ReturnType<typeof recorderBeside> | undefined;
          await live(machine, happenings, seed, (clock) => (beside = recorderBeside(file, clock, payloads)).observer);
          await beside?.recorder.close();
          const replay = await replayOf(file);
          expect(replay.departures).toEqual([]);
          expect(replayedStates(replay)).toEqual(beside?.states());
        },
      ),
      { numRuns: 40 },
    );
  });
});
