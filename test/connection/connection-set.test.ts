import { expect, it } from 'vitest';
import { ConnectionSet, defaultConnectionSettings } from '../../src/connection/connection-set.js';
import { ConnectionSystem } from '../../src/connection/connection-system.js';
import { ManualClock, RecordingLogger, ScriptedTransport, seededRandom } from '../../src/testing/index.js';
import { Deadlines } from '../../src/time/deadlines.js';

function connectionSet() {
  const clock = new ManualClock();
  const logger = new RecordingLogger();
  const system = new ConnectionSystem(clock, new Deadlines(clock), logger);
  const settings = { ...defaultConnectionSettings, jitter: 0 };
  const set = new ConnectionSet({ settings, system, clock, random: seededRandom(1), logger });
  const open = (name: string, { reconnectDelayMs = 100, reconnectAttempts = 3, ...window } = {}) => {
    const transport = new ScriptedTransport<string, string>({ clock, reply: (message) => `${name}: ${message}` });
    return { transport, connection: set.open(name, transport, { reconnectAttempts, reconnectDelayMs, ...window }) };
  };
  return { clock, set, open };
}

const states = (set: ConnectionSet): Record<string, string> =>
  Object.fromEntries(set.statuses().map(({ name, state }) => [name, state]));

it('tells of its connections by name, in the order they were made, from before their first call to after their end', async () => {
  const { clock, set, open } = connectionSet();
  const { connection } = open('b');
  const { connection: other } = open('a');
  expect(Object.keys(states(set))).toEqual(['b', 'a']);
  expect(states(set)).toEqual({ b: 'idle.empty', a: 'idle.empty' });

  const answer = connection.request('hello', { timeoutMs: 1000 });
  await clock.run(0);
  expect(await answer).toBe('b: hello');
  expect(states(set)).toEqual({ b: 'ready.settling', a: 'idle.empty' });

  const closing = Promise.all([connection.close(), other.close()]);
  await clock.run(1000);
  await closing;
  expect(states(set)).toEqual({ b: 'closed', a: 'closed' });
  expect(clock.size).toBe(0);
});

it('closes a connection that is to be forgotten, and no other', async () => {
  const { clock, set, open } = connectionSet();
  const { connection, transport } = open('a');
  const { connection: other } = open('b');
  void connection.connect();
  await clock.run(0);
  const forgetting = set.forget('a');
  expect(states(set)).toEqual({ b: 'idle.empty' });
  await clock.run(1000);
  await forgetting;
  expect(connection.status().state).toBe('closed');
  expect(transport.living).toBe(0);
  await set.forget('a');
  expect(other.status().state).toBe('idle.empty');
  await other.close();
});

it('gives each connection its own reconnects, and the rest that all have in common', async () => {
  const { clock, set, open } = connectionSet();
  const { transport, connection } = open('a', { reconnectAttempts: 2, reconnectDelayMs: 700 });
  transport.opens.next({ kind: 'rejects' }, 2);
  const failed = expect(connection.connect()).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
  await clock.run(0);
  expect(set.statuses()).toMatchObject([{ attempt: 1, nextTimerInMs: 700, state: 'reconnecting.backingOff' }]);
  await clock.run(700);
  await failed;
  expect(set.statuses()).toMatchObject([{ nextTimerInMs: defaultConnectionSettings.cooldownMs }]);
  await connection.close();
});
