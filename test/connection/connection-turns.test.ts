import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultConnectionSettings } from '../../src/connection/connection-set.js';
import { ConnectionSystem } from '../../src/connection/connection-system.js';
import { ManagedConnection } from '../../src/connection/managed-connection.js';
import { Turns } from '../../src/connection/turns.js';
import { ManualClock, RecordingLogger, ScriptedTransport, seededRandom } from '../../src/testing/index.js';
import { Deadlines } from '../../src/time/deadlines.js';

const behaviours = fc.oneof(
  fc.record({
    kind: fc.constant('opens' as const),
    afterMs: fc.nat(500),
    livesMs: fc.option(fc.nat(2_000), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('rejects' as const), afterMs: fc.nat(500) }),
  fc.constant({ kind: 'hangs' as const }),
);

test('however many connections open and open again, no more than may are opening at a time, and each gets its turn', async () => {
  const plans = fc.array(fc.record({ atMs: fc.nat(3_000), opens: fc.array(behaviours, { maxLength: 4 }) }), {
    minLength: 1,
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 3 }), plans, fc.nat(), async (most, plan, seed) => {
      const clock = new ManualClock();
      const deadlines = new Deadlines(clock);
      const logger = new RecordingLogger();
      const system = new ConnectionSystem(clock, deadlines, logger);
      const turns = new Turns(most);
      let highest = 0;
      const transports = plan.map(
        () => new ScriptedTransport<string, string>({ clock, reply: (message) => message, startsServer: true }),
      );
      const opening = (): number => transports.reduce((sum, { openings }) => sum + openings.length, 0);
      const connections = transports.map((transport, index) => {
        for (const behaviour of plan[index]?.opens ?? []) transport.opens.next(behaviour);
        const open = transport.open.bind(transport);
        return new ManagedConnection<string, string>({
          name: `server ${index}`,
          transport: {
            target: transport.target,
            startsServer: true,
            open: (signal) => {
              const link = open(signal);
              highest = Math.max(highest, opening());
              return link;
            },
          },
          settings: { ...defaultConnectionSettings, connectTimeoutMs: 800, reconnectAttempts: 3, reconnectDelayMs: 50 },
          system,
          clock,
          random: seededRandom(seed),
          logger,
          turns,
        });
      });
      const calls = connections.map(async (connection, index) => {
        await new Promise<void>((resolve) => clock.setTimeout(resolve, plan[index]?.atMs ?? 0));
        return connection.request('hello', { timeoutMs: 600_000 }).then(
          () => 'answered',
          () => 'refused',
        );
      });
      await clock.run(120_000);
      expect((await Promise.all(calls)).length).toBe(plan.length);
      expect(transports.filter(({ attempts }) => attempts === 0)).toEqual([]);
      expect(highest).toBeLessThanOrEqual(most);
      const closing = Promise.all(connections.map((connection) => connection.close()));
      await clock.run(1_000);
      await closing;
      expect(turns.taken).toBe(0);
      system.stop();
      deadlines.close();
      expect(clock.size).toBe(0);
    }),
    { numRuns: 150 },
  );
});

test('who does not wait any more for a turn is passed over', async () => {
  const turns = new Turns(1);
  const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()];
  const end = await turns.take(first.signal);
  const given = [turns.take(second.signal).catch(() => undefined), turns.take(third.signal)] as const;
  second.abort(new Error('not any more'));
  end();
  expect(await given[0]).toBe(undefined);
  (await given[1])();
  expect(turns.taken).toBe(0);
});
