import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { ConnectionSystem } from '../../src/connection/connection-system.js';
import { ManagedConnection } from '../../src/connection/managed-connection.js';
import { silentLogger } from '../../src/index.js';
import { systemClock } from '../../src/time/clock.js';
import { Deadlines } from '../../src/time/deadlines.js';
import type { PluginCall } from '../../src/wire/protobuf/plugin-messages.js';
import { createUnixTransport } from '../../src/transports/unix/unix-transport.js';
import { ScriptedServer } from '../fixtures/unix/scripted-server.js';

const settings = {
  connectTimeoutMs: 1000,
  reconnectAttempts: 3,
  reconnectDelayMs: 10,
  jitter: 0,
  stablePeriodMs: 1000,
  cooldownMs: 1000,
  idleTimeoutMs: undefined,
  maxWaiting: 10,
};

const callOf = (text: string): PluginCall => ({
  method: 'InvokeHook',
  bytes: Buffer.from(text),
  timeoutMs: 10_000,
  read: (bytes) => ({ kind: 'hook', document: { said: Buffer.from(bytes).toString() } }),
});

it('a call on one connection of a link is executed once, whatever becomes of another connection', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gc-unix-'));
  const path = join(folder, 's');
  const server = new ScriptedServer();
  await server.listen(path);
  const system = new ConnectionSystem(systemClock, new Deadlines(systemClock), silentLogger);
  const connection = new ManagedConnection({
    name: 'Guard',
    transport: createUnixTransport({ path }),
    settings,
    system,
    clock: systemClock,
    random: Math.random,
    logger: silentLogger,
  });
  const send = (text: string) => connection.request(callOf(text), { timeoutMs: 10_000, replay: 'once' });
  const first = send('first');
  await vi.waitFor(() => expect(server.received).toHaveLength(1));
  const second = send('second');
  await vi.waitFor(() => expect(server.received).toHaveLength(2));
  server.hangUp(1);
  // The one that was lost is sent once more, over a link of its own.
  await vi.waitFor(() => expect(server.received).toHaveLength(3));
  const third = send('third');
  await vi.waitFor(() => expect(server.received).toHaveLength(4));
  server.heal();
  const said = (await Promise.all([first, second, third])).map((answer) => answer.kind === 'hook' && answer.document);
  expect(said).toEqual(['first', 'second', 'third'].map((text) => ({ said: text })));
  expect(server.received.map(String)).toEqual(['first', 'second', 'second', 'third']);
  await connection.close();
  await vi.waitFor(() => expect(server.clients).toBe(0));
  system.stop();
  await server.close();
  await rm(folder, { recursive: true });
});
