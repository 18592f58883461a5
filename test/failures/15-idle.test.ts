import { expect, it } from 'vitest';
import { serve } from '../fixtures/transports/http-links.js';
import { callTool, external, http, start, stdio } from '../fixtures/manager/managers.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { rejection, until } from '../fixtures/waiting.js';
import { isRunning } from '../fixtures/processes/process-table.js';

const connection = { idleTimeoutMs: 500, stablePeriodMs: 10 };

it('a connection counts as idle by its own traffic: calls keep it, a long call too; silence parks it; a call brings it back', async () => {
  const server = await serve();
  const sessions = () => server.seen.filter(({ message }) => message?.method === 'initialize').length;
  const clock = new ManualClock();
  const manager = await start({ config: external(http(server.url)), connection, clock });
  for (let call = 0; call < 8; call++) {
    await callTool(manager, 'echo');
    await clock.run(400);
  }
  const giveUp = new AbortController();
  const long = rejection(callTool(manager, 'sleep', { ms: 60_000, label: 'idle' }, { signal: giveUp.signal }));
  await until('the long call is there', () => JSON.stringify(server.seen).includes('60000'));
  await clock.run(2_400);
  expect(manager.connections[0]?.state).toBe('ready.parkable');
  giveUp.abort();
  await long;
  expect(sessions()).toBe(1);
  expect(server.count('DELETE')).toBe(0);

  await clock.run(1_000);
  await until('the connection is parked', () => manager.connections[0]?.state === 'idle.empty');
  expect(server.count('DELETE')).toBe(1);
  expect((await callTool(manager, 'pid')).metadata).toEqual({ pid: process.pid });
  expect(sessions()).toBe(2);
});

it('a parked stdio plugin has no process, and gets a new one with the next call', async () => {
  const manager = await start({ config: external(stdio()), connection: { ...connection, idleTimeoutMs: 200 } });
  const first = Number((await callTool(manager, 'pid')).metadata['pid']);
  await until('the connection is parked', () => manager.connections[0]?.state === 'idle.empty');
  expect(isRunning(first)).toBe(false);
  expect((await callTool(manager, 'pid')).metadata['pid']).not.toBe(first);
});

it('without the setting nothing is ever parked', async () => {
  const server = await serve();
  const manager = await start({ config: external(http(server.url)), connection: { stablePeriodMs: 10 } });
  await until('the link has held', () => manager.connections[0]?.state === 'ready.stable');
  expect(manager.connections[0]?.nextTimerInMs).toBeUndefined();
});
