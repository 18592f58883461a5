import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { definePlugin } from '../../../src/index.js';
import { createRecorder, type RecorderOptions, readRecording, replayRecording } from '../../../src/inspect/index.js';
import { recordingIn } from '../../../src/inspect/recording/read/read-recording.js';
import { isGatechartError } from '../../../src/errors.js';
import { type ChainHarness, createChainHarness } from '../../../src/testing/index.js';
import { ConnectionWorld } from '../../models/connection-world.js';
import { recordingFolder } from './recording-folder.js';

const newFile = recordingFolder();

/** A connection with calls, its link lost and opened again, and closed. */
async function recorded(options: Omit<RecorderOptions, 'file'> = {}): Promise<string> {
  const file = newFile();
  let recorder: ReturnType<typeof createRecorder> | undefined;
  const world = new ConnectionWorld(
    {},
    { recorderOf: (clock) => (recorder = createRecorder({ ...options, file, clock })) },
  );
  for (let round = 0; round < 2; round++) {
    world.call();
    world.fault({ on: 'link' });
    await world.clock.run(2_000);
  }
  await world.end();
  await recorder?.close();
  return file;
}

async function withRecorder(options: RecorderOptions, run: (harness: ChainHarness<[]>) => Promise<void>) {
  const Pass = definePlugin({ hooks: { tool_pre_invoke: () => undefined } });
  const harness = await createChainHarness({ plugins: [{ name: 'Pass', plugin: Pass, hooks: ['tool_pre_invoke'] }] });
  const recorder = createRecorder({ ...options, clock: harness.clock });
  harness.manager.observe(recorder.observer);
  await run(harness);
  await harness.close();
  await recorder.close();
  return recorder;
}

const invoke = ({ manager }: ChainHarness<[]>) =>
  manager.invokeHook('tool_pre_invoke', { name: 'add', args: {} }, { requestId: '1' });

describe('a recording that was cut off', () => {
  it('is read to its last whole line, wherever that was', async () => {
    const file = await recorded();
    const bytes = readFileSync(file);
    const whole = recordingIn(file, bytes);
    expect(whole.cutOff).toBe(undefined);
    const header = bytes.indexOf(10) + 1;
    for (let end = header; end < bytes.length; end++) {
      const cut = bytes.subarray(0, end);
      const recording = recordingIn(file, cut);
      expect(recording.cutOff).toBe(cut.lastIndexOf(10) + 1);
      const lines = cut
        .subarray(0, recording.cutOff)
        .toString()
        .split('\n')
        .filter((line) => /^\{"n":\d+,"s":.*"e":/.test(line));
      if (end % 50 === 0) {
        expect(recording.events.length).toBeGreaterThanOrEqual(lines.length);
        expect(replayRecording(recording).departures).toEqual([]);
      }
    }
    expect(() => recordingIn(file, bytes.subarray(0, header - 1))).toThrow('found no whole line');
  });
});

describe('a file that is no recording', () => {
  it('is refused with the line and what was expected, whatever a line says', async () => {
    const file = await recorded();
    const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
    const garbage = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record({ n: fc.anything(), s: fc.anything(), t: fc.anything(), e: fc.anything(), to: fc.anything() })
        .map((value) => JSON.stringify(value) ?? ''),
      fc.constantFrom(
        '{"path":9,"after":77,"e":{"type":"a"},"to":"b"}',
        '{"n":1,"s":1,"t":1,"p":99,"d":[]}',
        '{"gap":[1],"why":"x"}',
      ),
      fc
        .record({
          n: fc.constantFrom(1, 99),
          s: fc.nat(),
          t: fc.nat(),
          e: fc.record({ type: fc.string(), $: fc.string() }),
          to: fc.string(),
        })
        .map((value) => JSON.stringify(value)),
    );
    fc.assert(
      fc.property(garbage, fc.nat(lines.length), (line, place) => {
        const text = [...lines.slice(0, place), line.replaceAll('\n', ' '), ...lines.slice(place)].join('\n');
        try {
          replayRecording(recordingIn('incident.jsonl', Buffer.from(`${text}\n`)));
        } catch (error) {
          if (!isGatechartError(error)) throw error;
          expect(error.code).toBe('RECORDING_INVALID');
          expect(error.message).toMatch(/^incident\.jsonl(, line \d+)?: /);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['{"recording":2}', 'incident.jsonl, line 1: recording: expected 1, the version that is read here, found a number'],
    ['{"n":1}', 'incident.jsonl, line 1: s: expected a whole number from 0, found nothing'],
    ['nothing', 'incident.jsonl, line 1: expected a line of JSON, found something else'],
    ['[]', 'incident.jsonl, line 1: expected an object, found a list'],
    ['', 'incident.jsonl, line 1: expected a line of JSON, found something else'],
  ])('%s', (line, message) => {
    expect(() => recordingIn('/somewhere/incident.jsonl', Buffer.from(`${line}\n`))).toThrow(message);
  });

  it('has fields that nobody knows', async () => {
    const file = await recorded();
    const text = readFileSync(file, 'utf8').replace('"to":"idle.empty"', '"to":"idle.empty","too":1');
    expect(() => recordingIn(file, Buffer.from(text))).toThrow(/line \d+: found the unknown field "too"/);
  });

  it('is not there', async () => {
    await expect(readRecording('/nowhere/incident.jsonl')).rejects.toMatchObject({ code: 'RECORDING_INVALID' });
  });
});

describe('the file of a recorder', () => {
  it('can be read by its owner alone', async () => {
    expect(statSync(await recorded()).mode & 0o777).toBe(0o600);
  });

  it('takes the place of a recording, which is put aside, and of nothing else', async () => {
    const file = await recorded();
    const before = readFileSync(file, 'utf8');
    await createRecorder({ file }).close();
    expect(readFileSync(`${file}.1`, 'utf8')).toBe(before);
    writeFileSync(file, 'a letter');
    expect(() => createRecorder({ file })).toThrow(`${file} is there already, and is no recording`);
    expect(readFileSync(file, 'utf8')).toBe('a letter');
    expect(() => createRecorder({ file: '/nowhere/at/all' })).toThrow('/nowhere/at/all cannot be written');
  });

  it('is put aside when it is large, and each part can be replayed alone and with the other', async () => {
    const file = newFile();
    const recorder = await withRecorder({ file, maxBytes: 2_000 }, async (harness) => {
      for (let round = 0; round < 300; round++) {
        await invoke(harness);
        await wait(5);
      }
    });
    const both = await readRecording(file);
    const alone = await readRecording(`${file}.1`);
    const last = recordingIn(file, readFileSync(file));
    expect(both.hasPartBefore).toBe(true);
    expect(both.events.length).toBe(alone.events.length + last.events.length);
    expect(last.header.part).toBe(alone.header.part + 1);
    expect(last.header.part).toBeGreaterThan(1);
    expect(both.events.seq.at(-1)).toBe(recorder.status().events);
    for (const recording of [both, alone, last]) expect(replayRecording(recording).departures).toEqual([]);
    for (const part of [file, `${file}.1`]) expect(statSync(part).size).toBeLessThan(20_000);
    expect(existsSync(`${file}.2`)).toBe(false);
  });

  it('drops what the disk is too slow for, says how much, and goes on', async () => {
    const file = newFile();
    const recorder = await withRecorder({ file }, async (harness) => {
      // Without a pause, nothing can be written meanwhile.
      for (let round = 0; round < 120_000; round++) await invoke(harness);
      await wait(400);
      await invoke(harness);
    });
    const { lost, events } = recorder.status();
    expect(lost).toBeGreaterThan(0);
    const recording = await readRecording(file);
    expect(recording.events.length).toBe(events);
    expect(recording.gaps).toMatchObject([{ why: 'the disk was too slow' }]);
    expect(replayRecording(recording).departures).toEqual([]);
    const { length } = recording.events;
    expect(recording.events.stepAt(length - 1).to).toBe('stopped');
  }, 60_000);

  it('is left where it can hold no more, which harms nobody else', async () => {
    const file = newFile();
    // The file may have 16 KB, and who writes more is told so.
    const script = `
      import { createManager, definePlugin, silentLogger } from 'gatechart';
      import { createRecorder } from 'gatechart/inspect';
      const Pass = definePlugin({ hooks: { tool_pre_invoke: () => undefined } });
      const recorder = createRecorder({ file: ${JSON.stringify(file)}, onStop: (reason) => console.log('stopped: ' + reason) });
      const config = { plugins: [{ name: 'P', kind: 'Pass', hooks: ['tool_pre_invoke'], mode: 'enforce' }] };
      const manager = await createManager({ config, kinds: { Pass }, logger: silentLogger, env: {}, recorder });
      for (let i = 0; i < 1000; i++) {
        const { continueProcessing } = await manager.invokeHook('tool_pre_invoke', { name: 'a', args: {} }, { requestId: '1' });
        if (!continueProcessing) throw new Error('blocked');
      }
      await new Promise((resolve) => setTimeout(resolve, 300));
      await manager.close();
      await recorder.close();
      console.log(JSON.stringify(recorder.status()));`;
    const { stdout, stderr } = spawnSync(
      'bash',
      ['-c', `trap '' XFSZ; ulimit -f 16; exec "$0" --input-type=module -e "$1"`, process.execPath, script],
      { encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    expect(stdout).toContain('stopped: EFBIG');
    expect((await readRecording(file)).cutOff).toBeGreaterThan(0);
  });
});
