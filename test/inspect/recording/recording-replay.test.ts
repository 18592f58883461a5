import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readRecording, replayRecording } from '../../../src/inspect/index.js';
import { connectionCommands, settingsArbitrary } from '../../models/connection-commands.js';
import { ConnectionWorld } from '../../models/connection-world.js';
import { recorderBeside, replayedStates } from './live-states.js';

const folder = mkdtempSync(join(tmpdir(), 'gatechart-recording-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const newFile = (): string => join(folder, `recording-${++files}.jsonl`);

describe('a recording of a connection', () => {
  it('is replayed to the same states, contexts and outcomes in the same order, whatever fails', async () => {
    await fc.assert(
      fc.asyncProperty(settingsArbitrary, fc.integer(), connectionCommands({ closes: true }), async (settings, seed, commands) => {
        const file = newFile();
        let beside: ReturnType<typeof recorderBeside> | undefined;
        await fc.asyncModelRun(() => {
          const world = new ConnectionWorld(settings, {
            seed,
            recorderOf: (clock) => (beside = recorderBeside(file, clock)),
          });
          return { model: {}, real: world };
        }, commands);
        await beside?.recorder.close();
        const replay = replayRecording(await readRecording(file));
        expect(replay.departures).toEqual([]);
        expect(replayedStates(replay)).toEqual(beside?.states);
      }),
      { numRuns: 60 },
    );
  });
});
