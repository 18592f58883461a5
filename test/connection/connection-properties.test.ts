import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { connectionMachine } from '../../machines/index.js';
import { Turns } from '../../src/connection/turns.js';
import { GatechartError } from '../../src/errors.js';
import { connectionCommands, settingsArbitrary } from '../models/connection-commands.js';
import { ConnectionWorld, type Tracked } from '../models/connection-world.js';
import { EdgeCoverage } from '../models/edge-coverage.js';

test('whatever happens, a connection keeps its promises, and when it is closed nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(
      settingsArbitrary,
      fc.nat(),
      fc.boolean(),
      connectionCommands({ closes: true }),
      async (settings, seed, takesTurns, commands) => {
        const turns = new Turns(1);
        const world = new ConnectionWorld(settings, takesTurns ? { seed, turns } : { seed });
        await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
        await world.end();
        expect(turns.taken).toBe(0);
      },
    ),
    { numRuns: 250 },
  );
});

test('a link that opens after its opening was given up does not hold the close, though its ping would hang', async () => {
  const times = {
    connectTimeoutMs: 873,
    pingTimeoutMs: 1,
    reconnectDelayMs: 0,
    stablePeriodMs: 0,
    reconnectWindowMs: 0,
  };
  const rests = { cooldownMs: 0, maxCooldownMs: 0, jitter: 0 };
  const world = new ConnectionWorld({ ...times, ...rests, reconnectAttempts: 2, suspectAfter: 1, maxWaiting: 0 });
  world.fault({ on: 'request', behaviour: { kind: 'isCutOff', afterMs: 1 }, times: 1 });
  world.fault({ on: 'open', behaviour: { kind: 'opensLate', afterMs: 872 }, times: 2 });
  world.call({ timeoutMs: 873, replay: 'once' });
  world.fault({ on: 'ping', behaviour: { kind: 'hangs' }, times: 2 });
  await world.clock.run(874);
  await world.end();
});

test('whatever happened, once the world has healed a new call is answered', async () => {
  await fc.assert(
    fc.asyncProperty(
      settingsArbitrary,
      fc.nat(),
      connectionCommands({ closes: false }),
      async (settings, seed, commands) => {
        const world = new ConnectionWorld(settings, { seed });
        await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
        world.transport.heal();
        await world.clock.run(world.healingMs);
        world.check();
        expect(world.state).toMatch(/^(idle\.empty|ready\..*|failed\.(coolingDown|rested))$/);
        if (world.state === 'failed.coolingDown') {
          await world.clock.run(world.connection.status().nextTimerInMs ?? 0);
          expect(world.state).toBe('failed.rested');
        }
        const call = world.call();
        await world.clock.run(0);
        expect(call.answer?.message).toBe(call.message);
        expect(world.state).toMatch(/^ready/);
        await world.end();
      },
    ),
    { numRuns: 120 },
  );
});

test('every edge of the connection machine is taken', async () => {
  const coverage = new EdgeCoverage(connectionMachine);
  await fc.assert(
    fc.asyncProperty(
      settingsArbitrary,
      fc.nat(),
      connectionCommands({ closes: true }),
      async (settings, seed, commands) => {
        const world = new ConnectionWorld(settings, { seed, inspector: coverage.inspect });
        await fc.asyncModelRun(() => ({ model: {}, real: world }), commands);
        await world.end();
      },
    ),
    { numRuns: 200, seed: 1 },
  );
  await callWhileTheLinkBecomesReady(coverage);
  await callWhileAnUnusedLinkIsEnded(coverage);
  await openInTurns(coverage);
  await openWithoutALogin(coverage);
  await retryInTurns(coverage);
  for (const reconnectAttempts of [0, 3]) {
    for (const ending of suspicionEndings) await suspectUntil(ending, reconnectAttempts, coverage);
  }
  expect(coverage.missing).toEqual([]);
});

/** Another attempt would not be told anything else before somebody has logged in. */
async function openWithoutALogin(coverage: EdgeCoverage): Promise<void> {
  const world = new ConnectionWorld({ reconnectAttempts: 3 }, { inspector: coverage.inspect, hasLogin: true });
  world.transport.opens.next({ kind: 'waits' });
  const call = world.call();
  await world.clock.run(0);
  world.transport.openings[0]?.reject(new GatechartError('LOGIN_NEEDED', 'log in'));
  await world.clock.run(0);
  expect([call.code, world.state, world.transport.attempts]).toEqual(['CONNECTION_FAILED', 'failed.rested', 1]);
  // The login may have been made meanwhile, so that the next call looks at once.
  world.transport.opens.next({ kind: 'opens' });
  const second = world.call();
  await world.clock.run(0);
  expect([second.answer?.link, world.transport.attempts]).toEqual([1, 2]);
  await world.end();
}

test('a server that asks for a login is tried again as others are where nobody can log in', async () => {
  const world = new ConnectionWorld({ reconnectAttempts: 3, reconnectDelayMs: 100, jitter: 0 });
  world.transport.opens.next({ kind: 'waits' });
  const call = world.call();
  await world.clock.run(0);
  world.transport.openings[0]?.reject(new GatechartError('LOGIN_NEEDED', 'log in'));
  await world.clock.run(0);
  expect(world.state).toBe('reconnecting.backingOff');
  world.transport.opens.next({ kind: 'opens' });
  await world.clock.run(100);
  expect([call.answer?.link, world.transport.attempts]).toEqual([1, 2]);
  await world.end();
});

/** After a backoff, while it cools down, and after that. */
async function retryInTurns(coverage: EdgeCoverage): Promise<void> {
  for (const options of [{}, { turns: new Turns(1) }]) {
    const settings = { reconnectAttempts: 2, reconnectDelayMs: 1_000, cooldownMs: 10_000 };
    const world = new ConnectionWorld(settings, { inspector: coverage.inspect, ...options });
    world.transport.opens.next({ kind: 'rejects' }, 3);
    const call = world.call();
    await world.clock.run(0);
    expect([world.state, world.transport.attempts]).toEqual(['reconnecting.backingOff', 1]);
    world.retry();
    await world.clock.run(0);
    expect([call.code, world.state, world.transport.attempts]).toEqual(['CONNECTION_FAILED', 'failed.coolingDown', 2]);
    world.retry();
    await world.clock.run(0);
    expect([world.state, world.transport.attempts]).toEqual(['failed.coolingDown', 3]);
    await world.clock.run(30_000);
    expect(world.state).toBe('failed.rested');
    world.retry();
    await world.clock.run(0);
    expect([world.state, world.transport.attempts]).toEqual(['ready.settling', 4]);
    world.check();
    await world.end();
  }
}

test('a retry where nothing is waited for has no effect', async () => {
  const world = new ConnectionWorld();
  world.retry();
  await world.clock.run(0);
  expect([world.state, world.transport.attempts]).toEqual(['idle.empty', 0]);
  world.transport.opens.next({ kind: 'waits' });
  world.call();
  world.retry();
  await world.clock.run(0);
  expect([world.state, world.transport.attempts]).toEqual(['connecting', 1]);
  world.transport.openings[0]?.open();
  await world.clock.run(0);
  expect(world.state).toBe('ready.settling');
  world.retry();
  await world.clock.run(0);
  expect([world.state, world.transport.attempts]).toEqual(['ready.settling', 1]);
  await world.end();
  world.retry();
});

/** First, after a backoff, and after a rest. */
async function openInTurns(coverage: EdgeCoverage): Promise<void> {
  const settings = { reconnectAttempts: 2, cooldownMs: 1_000 };
  const turns = new Turns(1);
  const world = new ConnectionWorld(settings, { inspector: coverage.inspect, turns });
  const end = await turns.take(new AbortController().signal);
  world.transport.opens.next({ kind: 'rejects' }, 2);
  const first = world.call();
  await world.clock.run(10_000);
  world.check();
  expect(world.state).toBe('queued');
  end();
  await world.clock.run(2_000);
  expect([first.code, world.state]).toEqual(['CONNECTION_FAILED', 'failed.rested']);
  const second = world.call();
  await world.clock.run(0);
  expect([second.answer?.link, turns.taken]).toEqual([1, 0]);
  await world.end();
}

/** An observer of the actor system is the only one who can ask while the machine is on its way from state to state. */
async function callWhileTheLinkBecomesReady(coverage: EdgeCoverage): Promise<void> {
  let second: Tracked | undefined;
  const world: ConnectionWorld = new ConnectionWorld(
    {},
    {
      inspector(event) {
        coverage.inspect(event);
        if (event.type === '@xstate.microstep' && world.transport.links.length > 0) second ??= world.call();
      },
    },
  );
  const first = world.call();
  await world.clock.run(0);
  expect([first.answer?.link, second?.answer?.link]).toEqual([1, 1]);
  await world.end();
}

const suspicionEndings = ['ends', 'retires', 'ping fails', 'ping hangs', 'ping answers'] as const;

/** How a suspicion ends, whatever chance brings: three calls have to time out before it begins. */
async function suspectUntil(
  ending: (typeof suspicionEndings)[number],
  reconnectAttempts: number,
  coverage: EdgeCoverage,
): Promise<void> {
  const world = new ConnectionWorld({ reconnectAttempts }, { inspector: coverage.inspect });
  world.transport.requests.next({ kind: 'hangs' }, 4);
  world.transport.pings.next({ kind: ending === 'ping fails' ? 'fails' : 'hangs' });
  if (ending === 'ping answers') world.transport.pings.always({ kind: 'answers' });
  const long = world.call({ timeoutMs: 50_000, replay: 'once' });
  for (let calls = 0; calls < 3; calls++) world.call({ timeoutMs: 100 });
  await world.clock.run(100);
  if (ending === 'ends') world.transport.link?.end();
  if (ending === 'retires') world.transport.link?.retire();
  await world.clock.run(0);
  world.check();
  await world.clock.run(1_000);
  world.check();
  expect(world.states).toContain('suspect');
  if (reconnectAttempts > 0) expect(world.state).toMatch(/^ready/);
  // A link that goes on with its calls does not lose them.
  const keepsLink = ending === 'retires' || ending === 'ping answers';
  expect(long.answer?.link ?? long.code).toBe(
    keepsLink ? undefined : reconnectAttempts === 0 ? 'CALL_OUTCOME_UNKNOWN' : 2,
  );
  await world.end();
}

async function callWhileAnUnusedLinkIsEnded(coverage: EdgeCoverage): Promise<void> {
  const settings = { stablePeriodMs: 10, idleTimeoutMs: 100 };
  const world = new ConnectionWorld(settings, { inspector: coverage.inspect });
  world.transport.closes.next({ kind: 'waits' });
  world.call();
  await world.clock.run(1_000);
  expect(world.state).toBe('idle.releasing');
  world.call();
  await world.clock.run(1_000);
  expect(world.state).toBe('reconnecting.releasing');
  world.transport.link?.finishClosing();
  await world.clock.run(0);
  expect(world.outcomes).toEqual([1, 2]);
  await world.end();
}
