import { expect, it } from 'vitest';
import type { Connection } from '../../src/connection/connection-api.js';
import { ConnectionSet, defaultConnectionSettings } from '../../src/connection/connection-set.js';
import { ConnectionSystem } from '../../src/connection/connection-system.js';
import { SharedConnections } from '../../src/connection/shared-connections.js';
import { ManualClock, RecordingLogger, ScriptedTransport, seededRandom } from '../../src/testing/index.js';
import { Deadlines } from '../../src/time/deadlines.js';
import { rejection } from '../fixtures/waiting.js';

/** Sets of connections, such as managers have, over servers that answer after a tenth of a second. */
function world() {
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const system = new ConnectionSystem(clock, new Deadlines(clock), logger);
  const settings = { ...defaultConnectionSettings, jitter: 0 };
  const shared = new SharedConnections<string, string>();
  const transports: ScriptedTransport<string, string>[] = [];
  const open = (reachedBy: unknown): Connection<string, string> => {
    const set = new ConnectionSet({ settings, system, clock, random: seededRandom(1), logger });
    const transport = new ScriptedTransport<string, string>({ clock, reply: (message) => `re: ${message}` });
    transport.requests.always({ kind: 'answers', afterMs: 100 });
    transport.closes.always({ kind: 'closes', afterMs: 50 });
    transports.push(transport);
    const reconnects = { reconnectAttempts: 3, reconnectDelayMs: 100 };
    return set.open('server', transport, reconnects, (make) => shared.obtain(reachedBy, make));
  };
  return { clock, shared, system, transports, open, opened: () => transports.map(({ attempts }) => attempts) };
}

const call = { timeoutMs: 1000 };

it('those who reach a server in the same way have one connection, and others have another', async () => {
  const { clock, shared, open, opened } = world();
  const reachedBy = { url: 'http://a', tls: { ca: ['x'] } };
  const all = [open(reachedBy), open(structuredClone(reachedBy)), open({ ...reachedBy, tls: undefined })];
  expect(shared.size).toBe(2);
  const answers = Promise.all(all.map((one) => one.request('hello', call)));
  await clock.run(100);
  expect(await answers).toEqual(['re: hello', 're: hello', 're: hello']);
  expect(opened()).toEqual([1, 0, 1]);
  await Promise.all([...all.map((one) => one.close()), clock.run(1000)]);
  expect([shared.size, clock.size]).toEqual([0, 0]);
});

it('one that was closed for good is not given to whoever asks next', async () => {
  const { clock, shared, system, open, opened } = world();
  const first = open('a');
  const answer = first.request('hello', call);
  await clock.run(100);
  expect(await answer).toBe('re: hello');
  void system.find('connection:server')?.close();
  await clock.run(1000);
  expect(await rejection(first.request('late', call))).toMatchObject({ code: 'CONNECTION_CLOSED' });
  const second = open('a');
  const again = second.request('hello', call);
  await clock.run(100);
  expect([await again, opened()]).toEqual(['re: hello', [1, 1]]);
  await Promise.all([first.close(), second.close(), clock.run(1000)]);
  expect([shared.size, clock.size]).toEqual([0, 0]);
});

it('one who leaves ends the own calls and no others, and the last one ends the connection', async () => {
  const { clock, transports, open } = world();
  const [first, second] = [open('a'), open('a')];
  const cancelled = rejection(first.request('mine', call));
  const answered = second.request('yours', call);
  await clock.run(50);
  await first.close();
  expect(await cancelled).toMatchObject({ code: 'CALL_CANCELLED', cause: { code: 'CONNECTION_CLOSED' } });
  expect(first.status()).toMatchObject({ state: 'closed', waiting: 0, inFlight: 0 });
  expect(second.status()).toMatchObject({ state: 'ready.settling', inFlight: 1 });
  await clock.run(50);
  expect(await answered).toBe('re: yours');
  for (const refused of [first.request('late', call), first.connect()])
    expect(await rejection(refused)).toMatchObject({ code: 'CONNECTION_CLOSED' });
  // A second time, which must not count as somebody else's.
  await first.close();
  const again = second.request('again', call);
  await clock.run(100);
  expect(await again).toBe('re: again');
  await Promise.all([second.close(), clock.run(1000)]);
  expect(transports[0]?.living).toBe(0);
  expect(clock.size).toBe(0);
});

it('who asks while the connection is being closed gets a new one', async () => {
  const { clock, shared, open, opened } = world();
  const first = open('a');
  void first.connect();
  await clock.run(0);
  const closing = first.close();
  const second = open('a');
  await second.connect();
  await Promise.all([closing, clock.run(1000)]);
  const answer = second.request('hello', call);
  await clock.run(100);
  expect(await answer).toBe('re: hello');
  expect([shared.size, ...opened()]).toEqual([1, 1, 1]);
  await Promise.all([second.close(), clock.run(1000)]);
});

it('a call over a shared connection is cancelled by its caller as over any other', async () => {
  const { clock, open } = world();
  const connection = open('a');
  const reason = new Error('no longer wanted');
  const controller = new AbortController();
  const cancelled = rejection(connection.request('hello', { ...call, signal: controller.signal }));
  await clock.run(50);
  controller.abort(reason);
  expect(await cancelled).toMatchObject({ code: 'CALL_CANCELLED', cause: reason });
  const early = rejection(connection.request('hello', { ...call, signal: controller.signal }));
  expect(await early).toMatchObject({ code: 'CALL_CANCELLED', cause: reason });
  await Promise.all([connection.close(), clock.run(1000)]);
});
