import { EventEmitter } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { replay } from '../../../src/cli/replay.js';
import { machineFingerprints } from '../../../src/inspect/live/watch/machine-fingerprints.js';
import { EventTable } from '../../../src/inspect/recording/read/event-table.js';
import { recordingIn } from '../../../src/inspect/recording/read/read-recording.js';
import { replayRecording } from '../../../src/inspect/recording/replay/replay-recording.js';
import { recordingFolder } from './recording-folder.js';

const newFile = recordingFolder();

const header = {
  recording: 1,
  madeBy: 'gatechart 0.1.0',
  run: 'r',
  part: 1,
  epoch: 0,
  clock: 0,
  payloads: 'redacted',
  machines: machineFingerprints(),
};
const replayed = (...lines: object[]) =>
  replayRecording(
    recordingIn('incident.jsonl', Buffer.from([header, ...lines].map((line) => `${JSON.stringify(line)}\n`).join(''))),
  );
const actor = (input: unknown, machine = 'connection') => ({
  actor: 1,
  id: 'connection:one',
  machine,
  s: 0,
  t: 0,
  input,
});
const start = { n: 1, s: 1, t: 1, e: { type: 'xstate.init' }, to: 'idle' };

describe('a recording that somebody has made up', () => {
  it.each([
    ['an input of another kind', [actor(null), start]],
    ['an input that holds what no recording has', [actor({ settings: { $: 'unheard' } }), start]],
    ['a machine of everybody', [actor({}, '__proto__'), start]],
  ])('%s is a departure, and no crash', (_what, lines) => {
    const { departures } = replayed(...lines);
    expect(departures).toMatchObject([{ seq: 1, actor: 'connection:one' }]);
  });

  it('has no key twice, the first of which nobody would see', () => {
    const twice = JSON.stringify(start).replace('{"type"', '{"type":"close","type"');
    const text = `${JSON.stringify(header)}\n${JSON.stringify(actor({}))}\n${twice}\n`;
    expect(() => recordingIn('incident.jsonl', Buffer.from(text))).toThrow(
      'incident.jsonl, line 3: e.type: found this key twice, expected it once',
    );
    const spaced = JSON.stringify(start, undefined, 1).replaceAll('\n', '');
    expect(recordingIn('incident.jsonl', Buffer.from(text.replace(twice, spaced))).actors).toHaveLength(1);
  });

  it('has no answers that no recording has', () => {
    expect(() => replayed(actor({}), { ...start, asked: { now: [{ $: 'unheard' }] } })).toThrow(
      'incident.jsonl, line 3: asked: found the value "unheard" under $',
    );
  });

  it('may call all of its actors the same, and is read in a bounded time', () => {
    const startedAt = performance.now();
    const { actors } = recordingIn(
      'incident.jsonl',
      Buffer.from(
        [header, ...Array.from({ length: 30_000 }, (_none, n) => ({ ...actor({}), actor: n, id: 'one' }))]
          .map((line) => `${JSON.stringify(line)}\n`)
          .join(''),
      ),
    );
    expect(actors.slice(0, 3).map(({ id }) => id)).toEqual(['one', 'one~2', 'one~3']);
    expect(new Set(actors.map(({ id }) => id)).size).toBe(30_000);
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });

  it('has no more events than can be held, whatever its lines come to', () => {
    const table = new EventTable(2);
    const step = { event: { type: 'a' }, to: 'b', isShared: false };
    table.add(1, 0, 0, step);
    table.add(2, 0, 0, step);
    expect(() => table.add(3, 0, 0, step)).toThrow('the recording has more than 2 events');
  });

  it('was begun at a moment that there is', () => {
    const text = `${JSON.stringify({ ...header, epoch: 1e300 })}\n`;
    expect(() => recordingIn('incident.jsonl', Buffer.from(text))).toThrow('epoch: expected a moment');
  });

  it('says nothing to the terminal that it is printed on', async () => {
    const file = newFile();
    const odd = '\u001b]0;owned\u0007\u009b2J\u202e';
    const lines = [
      { ...header, madeBy: `gatechart ${odd}` },
      { ...actor({}, `one${odd}`), id: `one${odd}` },
      { ...start, e: { type: `go${odd}`, index: odd }, to: odd },
      { gap: [2, 3], why: odd },
    ];
    for (const text of [lines.map((line) => `${JSON.stringify(line)}\n`).join(''), `{"recording":1,"${odd}":1}\n`]) {
      writeFileSync(file, text);
      let printed = '';
      const stdout = new Writable({ write: (chunk, _encoding, done) => ((printed += String(chunk)), done()) });
      const io = { stdin: Readable.from([]), stdout, stderr: stdout, env: {}, signals: new EventEmitter() };
      await replay(file, {}, io);
      expect(printed.length).toBeGreaterThan(20);
      expect(printed.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u202e]/u);
    }
  });
});
