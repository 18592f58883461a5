import { expect, test } from 'vitest';
import { ConnectionSystem } from '../../src/connection/connection-system.js';
import { ManagedConnection } from '../../src/connection/managed-connection.js';
import { type Link, type LinkClosed, LinkError } from '../../src/transports/transport.js';
import { type Answer, ConnectionWorld, defaultSettings } from '../models/connection-world.js';

/** Breaks the contract of transports on purpose. */
test.each([
  {
    what: 'opens throws',
    transport: {
      open: () => {
        throw new Error('broken');
      },
    },
    error: /broken/,
  },
  {
    what: 'sends throws',
    transport: {
      open: async () =>
        linkWith({
          request: () => {
            throw new Error('broken');
          },
        }),
    },
    error: /broken/,
  },
  {
    what: 'closes rejects',
    transport: { open: async () => linkWith({ close: () => Promise.reject(new Error('broken')) }) },
    error: /may or may not/,
  },
])('a transport that $what fails its calls, not the connection', async ({ transport, error }) => {
  const world = new ConnectionWorld();
  const system = new ConnectionSystem(world.clock, world.deadlines, world.logger);
  const connection = new ManagedConnection<string, Answer>({
    name: 'broken',
    transport: { target: 'broken', ...transport },
    settings: { ...defaultSettings, reconnectAttempts: 1 },
    system,
    clock: world.clock,
    random: () => 0,
    logger: world.logger,
  });
  const failed = expect(connection.request('one', { timeoutMs: 1_000 })).rejects.toThrow(error);
  await world.clock.run(0);
  const closing = connection.close();
  await world.clock.run(0);
  await failed;
  await closing;
  expect(connection.status().state).toBe('closed');
  expect(world.logger.lines('error')).toEqual([]);
  system.stop();
  await world.end();
});

function linkWith(parts: Partial<Link<string, Answer>>): Link<string, Answer> {
  return {
    closed: new Promise(() => undefined),
    request: () => new Promise(() => undefined),
    close: async () => undefined,
    ...parts,
  };
}

/** Links that break their contract: they leave their requests pending when they end, and settle them later. */
test.each(['answers', 'loses its session'] as const)(
  'a call that %s on a link that is long gone is not heard (failures 2 and 8)',
  async (late) => {
    const world = new ConnectionWorld();
    const system = new ConnectionSystem(world.clock, world.deadlines, world.logger);
    const requests: { resolve(answer: Answer): void; reject(error: Error): void }[] = [];
    const ends: ((closed: LinkClosed) => void)[] = [];
    const connection = new ManagedConnection<string, Answer>({
      name: 'late',
      transport: {
        target: 'late',
        open: async () =>
          linkWith({
            closed: new Promise((resolve) => ends.push(resolve)),
            request: () => new Promise((resolve, reject) => requests.push({ resolve, reject })),
          }),
      },
      settings: defaultSettings,
      system,
      clock: world.clock,
      random: () => 0,
      logger: world.logger,
    });
    const answered = connection.request('one', { timeoutMs: 10_000, replay: 'once' });
    await world.clock.run(0);
    ends[0]?.({ error: new Error('died') });
    await world.clock.run(100);
    expect(requests).toHaveLength(2);
    if (late === 'answers') requests[0]?.resolve({ link: 1, message: 'stale' });
    else requests[0]?.reject(new LinkError('sessionLost', 'stale'));
    await world.clock.run(0);
    expect(connection.status()).toMatchObject({ state: 'ready.settling', inFlight: 1 });
    requests[1]?.resolve({ link: 2, message: 'fresh' });
    expect(await answered).toEqual({ link: 2, message: 'fresh' });
    await connection.close();
    system.stop();
    await world.end();
  },
);
