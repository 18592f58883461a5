import { spawnSync } from 'node:child_process';
import { pbkdf2 } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createMachine, setup } from 'xstate';
import { createRecorder } from '../../../src/inspect/index.js';
import { AskedValues, listenedTo } from '../../../src/inspect/recording/write/asked-values.js';
import { masked } from '../../../src/inspect/recording/write/masking.js';
import { RecordingFile } from '../../../src/inspect/recording/write/recording-file.js';
import { Supervisor } from '../../../src/actors/supervisor.js';
import { silentLogger } from '../../../src/observability/logger.js';
import { recordingFolder } from './recording-folder.js';

const digest = promisify(pbkdf2);
const newFile = recordingFolder();

describe('a recorder', () => {
  it('puts no recording in the place of a file that is none, also not of the one aside', async () => {
    const file = newFile();
    writeFileSync(`${file}.1`, 'a letter');
    expect(() => createRecorder({ file })).toThrow(`${file}.1 is there already, and is no recording`);
    await createRecorder({ file: `${file}.x` }).close();
    renameSync(`${file}.x`, file);
    const before = readFileSync(file, 'utf8');
    expect(() => createRecorder({ file })).toThrow(`${file}.1 is there already, and is no recording`);
    expect(readFileSync(`${file}.1`, 'utf8')).toBe('a letter');
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('waits for nobody where something stands in its place that is no file', () => {
    const file = newFile();
    expect(spawnSync('mkfifo', [file]).status).toBe(0);
    expect(() => createRecorder({ file })).toThrow(`${file} is there already, and is no recording`);
  });

  it('ends where an actor cannot be read when a part begins, and does not end the process', async () => {
    const file = newFile();
    const reasons: string[] = [];
    const recorder = createRecorder({
      file,
      maxBytes: 1,
      onStop: (reason) => {
        reasons.push(reason);
        throw new Error('nobody hears this');
      },
    });
    const supervisor = new Supervisor('system', silentLogger);
    const error = Object.defineProperty(new Error(), 'code', {
      get: () => {
        throw new Error('cannot be read');
      },
    });
    supervisor.observe(recorder.observer);
    const machine = createMachine({ id: 'one', context: { held: {} } });
    const actor = supervisor.create(machine, 'one', {});
    actor.start();
    Object.assign(actor.getSnapshot().context, { held: error });
    await wait(400);
    expect(reasons).toEqual(['cannot be read']);
    expect(recorder.status().stopped).toBe('cannot be read');
    supervisor.stop();
    await recorder.close();
  });

  it('keeps nothing of what is asked when nobody takes it: the disk may be full for months', () => {
    const machine = setup({
      types: { input: {} as { now: () => number }, context: {} as { now: () => number } },
    }).createMachine({
      id: 'one',
      context: ({ input }) => ({ now: input.now }),
      on: { tick: { guard: ({ context }) => context.now() > 0 } },
    });
    const values = new AskedValues();
    const prepared = listenedTo(machine, { now: () => 1 }, values);
    const supervisor = new Supervisor('system', silentLogger);
    const actor = supervisor.create(prepared.machine, 'one', prepared.input);
    actor.start();
    for (let event = 0; event < 100; event++) actor.send({ type: 'tick' });
    expect(values.take().asked).toEqual({ now: [1] });
    supervisor.stop();
  });
});

it('a recording has no address of what a call was about: who logs in stands in it', () => {
  const masking = masked();
  expect(masking.text('github__search', 'subject')).toBe('github__search');
  for (const address of ['https://me:pw@a.example/x', 'file:///home/me/x'])
    expect(masking.text(address, 'subject')).toMatch(/^~[0-9a-f]{8}$/);
});

describe('the file of a recording', () => {
  it('closes nothing of somebody else when the next part cannot be begun', async () => {
    const path = newFile();
    const folder = join(dirname(path), 'gone');
    mkdirSync(folder);
    const reasons: string[] = [];
    const options = {
      bytes: 1_000,
      begin: () => '{"recording":1}\n',
      onFull: () => {},
      onStop: (why: string) => reasons.push(why),
    };
    const file = new RecordingFile({ ...options, path: join(folder, 'recording.jsonl') });
    rmSync(folder, { recursive: true });
    // What is closed meanwhile has to wait for these.
    const busy = Array.from({ length: 16 }, () => digest('a', 'b', 100_000, 32, 'sha256'));
    expect(file.turn()).toBe(false);
    // The number of the file that was closed is the first that is free.
    const other = new RecordingFile({ ...options, path });
    await Promise.all(busy);
    await wait(50);
    other.add('{"end":0,"t":0}\n');
    await other.close();
    expect(reasons).toMatchObject([expect.stringContaining('ENOENT')]);
    expect(readFileSync(path, 'utf8')).toBe('{"recording":1}\n{"end":0,"t":0}\n');
  });
});
