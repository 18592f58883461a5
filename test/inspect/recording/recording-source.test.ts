import { expect, it } from 'vitest';
import { createRecorder, type Recorder } from '../../../src/inspect/index.js';
import { openRecording } from '../../../src/inspect/recording/source/recording-source.js';
import { ConnectionWorld } from '../../models/connection-world.js';
import { recordingFolder } from './recording-folder.js';

const newFile = recordingFolder();

/** A connection whose server goes away time and again; so many calls between. */
async function recorded(rounds: number, calls: number): Promise<string> {
  const file = newFile('incident');
  let recorder: Recorder | undefined;
  const world = new ConnectionWorld(
    { cooldownMs: 500 },
    { recorderOf: (clock) => (recorder = createRecorder({ file, clock })) },
  );
  for (let round = 0; round < rounds; round++) {
    for (let call = 0; call < calls; call++) world.call();
    await world.clock.run(10);
    world.fault({ on: 'open', behaviour: { kind: 'rejects', afterMs: 10 }, times: 3 });
    world.fault({ on: 'link' });
    await world.clock.run(8_000);
  }
  await world.end();
  await recorder?.close();
  return file;
}

it('opens before the first event, and tells what there is', async () => {
  const source = await openRecording(await recorded(2, 3));
  const { source: kind, recording, control } = source.hello();
  expect([kind, control, source.seq, source.now()]).toEqual(['recording', false, 0, 0]);
  expect(recording).toMatchObject({
    file: expect.stringContaining('incident'),
    departures: [],
    madeBy: expect.stringContaining('gatechart'),
  });
  expect(recording?.cutOff).toBe(undefined);
  expect(recording?.tape.ribbons['connection:world']?.map(([, state]) => state).slice(0, 3)).toEqual([
    'idle.empty',
    'connecting',
    'ready.settling',
  ]);
  expect([...source.snapshot()]).toEqual([{ v: 1, type: 'snapshot', seq: 0, t: 0, actors: [], more: false }]);
});

it('tells every event, and the state of all at any of them', async () => {
  const { recording, hello } = await openRecording(await recorded(2, 3)).then((source) => ({
    recording: source.recording,
    hello: source.hello(),
  }));
  const { events } = recording.steps(1, 10_000);
  expect(events.map(({ s }) => s)).toEqual(
    Array.from({ length: hello.recording?.events ?? 0 }, (_, index) => index + 1),
  );
  const refused = events.find(({ a, e }) => a === 'connection:world' && e === 'openLink failed');
  expect(refused).toMatchObject({
    from: 'connecting',
    to: 'reconnecting.releasing',
    guard: { attemptsLeft: true },
    odd: true,
  });
  const seq = (refused?.s ?? 0) + 1;
  const step = recording.step(seq);
  expect(step?.event).toMatchObject({ e: 'releaseLink done', to: 'reconnecting.backingOff' });
  const connection = step?.actors.find(({ id }) => id === 'connection:world');
  expect(connection).toMatchObject({
    at: 'reconnecting.backingOff',
    kind: 'connection',
    name: 'world',
    attempt: [2, 3],
  });
  const { t = 0 } = step ?? {};
  expect(connection?.timer).toEqual({ event: 'after backoff', due: t + 200, of: 200 });
  expect(step?.changed.map(({ name }) => name)).toEqual(['delayMs', 'dueAt']);
  expect([recording.step(0), recording.step(events.length + 1), recording.step(1.5)]).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
});

it('runs until an actor is in a state, something fails, or a guard says no', async () => {
  const { recording } = await openRecording(await recorded(2, 3));
  const { events } = recording.steps(1, 10_000);
  const first = (found: (event: (typeof events)[number]) => boolean): number | undefined => events.find(found)?.s;
  const failed = first(({ a, to }) => a === 'connection:world' && to.startsWith('failed'));
  expect(recording.until({ actor: 'connection:world', state: 'failed' }, 0).seq).toBe(failed);
  expect(recording.until({ next: 'failure' }, 0).seq).toBe(failed);
  expect(recording.until({ next: 'departure' }, 0).seq).toBe(undefined);
  expect(recording.until({ guard: 'attemptsLeft' }, 0).seq).toBe(
    first(({ guard }) => guard?.['attemptsLeft'] === false),
  );
  expect(recording.until({ actor: 'connection:world', state: 'failed' }, failed ?? 0).seq).toBeGreaterThan(failed ?? 0);
  expect(recording.until({ actor: 'connection:world', state: 'nowhere' }, 0).seq).toBe(undefined);
});

it('is at any event of a long recording at once, back and forth', async () => {
  const { recording, hello } = await openRecording(await recorded(120, 40)).then((source) => ({
    recording: source.recording,
    hello: source.hello(),
  }));
  const { events = 0 } = hello.recording ?? {};
  expect(events).toBeGreaterThan(10_000);
  const whole = recording.steps(1, events).events;
  const times: number[] = [];
  for (let round = 0; round < 60; round++) {
    const seq = 1 + ((round * 7919 * 31) % events);
    const before = performance.now();
    const step = recording.step(seq);
    times.push(performance.now() - before);
    expect(step?.event).toEqual(whole[seq - 1]);
  }
  const sorted = times.sort((a, b) => a - b);
  expect(sorted[sorted.length >> 1]).toBeLessThan(50);
});

it('is written as a test that asks for it by its name, whatever that is', async () => {
  const { recording } = await openRecording(await recorded(1, 1));
  const text = recording.test(4);
  expect(text).toContain("import { replayIncident } from 'gatechart/testing';");
  expect(text).toMatch(/replayIncident\({ file: new URL\('\.\/incident-\d+\.jsonl', import\.meta\.url\), to: 4 }\)/);
});
