import { expect, it } from 'vitest';
import type { LiveSource, RecordingSource, Until } from '../../../src/inspect/live/feed/live-source.js';
import type { StepMessage } from '../../../src/inspect/live/feed/feed-recording.js';
import { SampleSource } from '../../fixtures/inspect/sample-source.js';
import { ServedSource } from '../../fixtures/inspect/served-source.js';

/** What a recording was asked. */
const asked: unknown[] = [];

const recording: RecordingSource = {
  step: (seq) => (seq > 10 ? undefined : stepAt(seq)),
  steps: (from, count) => {
    asked.push([from, count]);
    return { v: 1, type: 'steps', events: [] };
  },
  until: (what: Until, from) => {
    asked.push([what, from]);
    return { v: 1, type: 'until', seq: 7 };
  },
  test: (seq) => `test('to ${seq}', () => {}); // </script>\n`,
};

function stepAt(seq: number): StepMessage {
  const event = { s: seq, t: 0, a: 'connection:a', e: 'close', from: 'idle', to: 'closed' };
  return { v: 1, type: 'step', seq, t: 0, event, actors: [], changed: [] };
}

class SampleRecording extends SampleSource {
  override readonly recording: LiveSource['recording'] = recording;
}

it('the events of a recording are asked for by number', async () => {
  const one = await ServedSource.start(new SampleRecording());
  const key = await one.key();
  expect(JSON.parse((await one.ask('/step?seq=3', { key })).body)).toMatchObject({ type: 'step', seq: 3 });
  expect((await one.ask('/step?seq=11', { key })).status).toBe(404);
  expect((await one.ask('/steps?from=2&count=500', { key })).status).toBe(200);
  expect(asked.splice(0)).toEqual([[2, 500]]);
  const test = await one.ask('/test?seq=4', { key });
  expect([test.headers['content-type'], test.headers['x-content-type-options'], test.body]).toEqual([
    'text/plain; charset=utf-8',
    'nosniff',
    "test('to 4', () => {}); // </script>\n",
  ]);
});

it('it is run to a state, to what comes next, and to a guard', async () => {
  const one = await ServedSource.start(new SampleRecording());
  const key = await one.key();
  for (const query of ['actor=connection:a&state=ready', 'next=block', 'guard=queueFull'])
    expect(JSON.parse((await one.ask(`/until?from=1&${query}`, { key })).body)).toMatchObject({ seq: 7 });
  expect(asked.splice(0)).toEqual([
    [{ actor: 'connection:a', state: 'ready' }, 1],
    [{ next: 'block' }, 1],
    [{ guard: 'queueFull' }, 1],
  ]);
});

it.each([
  '/step',
  '/step?seq=',
  '/step?seq=x',
  '/step?seq=-1',
  '/step?seq=1&seq=2',
  '/step?seq=1&more=1',
  '/steps?from=1',
  '/steps?from=1&count=0',
  '/steps?from=1&count=1001',
  '/until?from=1',
  '/until?from=1&next=nothing',
  '/until?from=1&next=block&guard=g',
  '/until?from=1&next=block&state=ready',
  '/until?from=1&actor=a',
  '/until?next=block',
  '/test?seq=1.5',
])('what is not understood is refused: %s', async (path) => {
  const one = await ServedSource.start(new SampleRecording());
  const { status, body } = await one.ask(path, { key: await one.key() });
  expect([status, Object.keys(JSON.parse(body))]).toEqual([400, ['error']]);
  expect(asked.splice(0)).toEqual([]);
});

it('a recording is for those who were let in', async () => {
  const one = await ServedSource.start(new SampleRecording());
  for (const path of ['/step?seq=1', '/steps?from=1&count=1', '/until?from=1&next=block', '/test?seq=1'])
    expect((await one.ask(path)).status).toBe(401);
});

it('the layout of each chart is given', async () => {
  const one = await ServedSource.start(new SampleSource());
  const reply = await one.ask('/charts/connection.json', { key: await one.key() });
  expect([reply.status, reply.headers['content-type']]).toEqual([200, 'application/json; charset=utf-8']);
  expect(JSON.parse(reply.body)).toMatchObject({
    full: { size: expect.anything() },
    tall: expect.anything(),
    wide: expect.anything(),
  });
});
