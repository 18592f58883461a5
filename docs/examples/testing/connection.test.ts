import { createConnectionHarness } from 'gatechart/testing';
import { expect, test } from 'vitest';

const reply = (message: string, link: number) => `${message}, answered on link ${link}`;

test('a server that restarts under a call costs one reconnect', async () => {
  await using harness = createConnectionHarness({ reply });
  harness.transport.requests.next({ kind: 'endsLink' });
  const call = harness.connection.request('hello', { timeoutMs: 30_000, replay: 'once' });
  expect(await harness.after(1_000, call)).toBe('hello, answered on link 2');
  expect(harness.transport.attempts).toBe(2);
});

test('a call that may have been executed is not sent again unless that was allowed', async () => {
  await using harness = createConnectionHarness({ reply });
  harness.transport.requests.next({ kind: 'endsLink' });
  const call = harness.connection.request('pay', { timeoutMs: 30_000, replay: 'never' });
  await expect(harness.after(1_000, call)).rejects.toMatchObject({ code: 'CALL_OUTCOME_UNKNOWN' });
});

test('a server that stays away is left alone between trials', async () => {
  await using harness = createConnectionHarness({ reply, settings: { cooldownMs: 10_000 } });
  const { clock, connection, transport } = harness;
  transport.opens.always({ kind: 'rejects' });
  const call = connection.request('hello', { timeoutMs: 30_000 });
  await expect(harness.after(1_000, call)).rejects.toMatchObject({ code: 'CONNECTION_FAILED' });
  expect(connection.status().state).toBe('failed.coolingDown');
  transport.heal();
  await clock.run(10_000);
  expect(await harness.after(0, connection.request('again', { timeoutMs: 1_000 }))).toBe('again, answered on link 1');
});
