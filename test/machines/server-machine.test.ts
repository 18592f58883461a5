import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { serverMachine } from '../../machines/index.js';
import type { Endpoint } from '../../src/serving/endpoint.js';
import { type Server, startServer, listenerSystem } from '../../src/serving/server.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { RecordingLogger } from '../../src/testing/recording-logger.js';
import { deferred } from '../../src/time/deferred.js';
import { EdgeCoverage } from '../models/edge-coverage.js';

const graceMs = 1000;

/** A server whose endpoint does what it is told to, on a manual clock. */
class World {
  readonly clock = new ManualClock();
  readonly logger = new RecordingLogger();
  readonly server: Server;
  readonly done: string[] = [];
  readonly #opened = deferred<Endpoint>();
  readonly #ended = deferred();
  readonly #idle = deferred();
  readonly #closed = deferred();
  readonly #released = deferred();
  /** What became of `started` and `closed`. */
  started: 'waiting' | 'yes' | 'no' = 'waiting';
  isClosed = false;

  constructor(inspect?: EdgeCoverage['inspect']) {
    // What fails before anybody waits for it is asked for later.
    for (const { promise } of [this.#opened, this.#idle, this.#closed, this.#released]) promise.catch(() => {});
    const actors = listenerSystem(this.clock, this.logger);
    if (inspect !== undefined) actors.inspect(inspect);
    this.server = startServer({
      name: 'test server',
      open: () => this.#note('open', this.#opened.promise),
      release: () => this.#note('release', this.#released.promise),
      graceMs,
      clock: this.clock,
      logger: this.logger,
      actors,
    });
    this.server.started.then(
      () => (this.started = 'yes'),
      () => (this.started = 'no'),
    );
    void this.server.closed.then(() => (this.isClosed = true));
  }

  readonly #endpoint: Endpoint = {
    address: 'memory',
    ended: this.#ended.promise,
    drain: () => void this.done.push('drain'),
    idle: () => this.#note('idle', this.#idle.promise),
    close: () => this.#note('close', this.#closed.promise),
  };

  #note<Value>(what: string, promise: Promise<Value>): Promise<Value> {
    this.done.push(what);
    return promise;
  }

  async take(step: Step): Promise<void> {
    if (step === 'opens') this.#opened.resolve(this.#endpoint);
    else if (step === 'fails to open') this.#opened.reject(new Error('no port'));
    else if (step === 'ends by itself') this.#ended.resolve();
    else if (step === 'is idle') this.#idle.resolve();
    else if (step === 'cannot drain') this.#idle.reject(new Error('lost count'));
    else if (step === 'has closed') this.#closed.resolve();
    else if (step === 'cannot close') this.#closed.reject(new Error('stuck'));
    else if (step === 'is released') this.#released.resolve();
    else if (step === 'cannot be released') this.#released.reject(new Error('held'));
    else if (step === 'is told to close') void this.server.close();
    await this.clock.run(step === 'time passes' ? graceMs : 0);
    this.check();
  }

  /** How often something was done. */
  count(what: string): number {
    return this.done.filter((one) => one === what).length;
  }

  /** What holds whatever happened. */
  check(): void {
    for (const once of ['open', 'drain', 'idle', 'close', 'release']) expect(this.count(once)).toBeLessThan(2);
    const { done } = this;
    if (this.count('close') > 0) expect(done.indexOf('drain')).toBeLessThan(done.indexOf('close'));
    if (this.count('release') > 0 && this.count('close') > 0)
      expect(done.indexOf('close')).toBeLessThan(done.indexOf('release'));
    // The grace period is the only timer there is, and it holds the process open.
    const isDraining = this.count('drain') === 1 && this.count('close') === 0;
    expect([this.clock.size, this.clock.holding]).toEqual(isDraining ? [1, 1] : [0, 0]);
  }

  /** Whatever was still to come comes. */
  async finish(): Promise<void> {
    for (const step of ['is told to close', 'opens', 'is idle', 'has closed', 'is released'] as const) {
      await this.take(step);
    }
  }
}

const steps = [
  'opens',
  'fails to open',
  'ends by itself',
  'is told to close',
  'is idle',
  'cannot drain',
  'time passes',
  'has closed',
  'cannot close',
  'is released',
  'cannot be released',
] as const;
type Step = (typeof steps)[number];

const anySteps = fc.array(fc.constantFrom(...steps), { maxLength: 20 });

test('whatever happens, and in whatever order, a server is closed once, what it serves is released once, and nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(anySteps, async (taken) => {
      const world = new World();
      for (const step of taken) await world.take(step);
      const opened = world.done.includes('drain') || world.started === 'yes';
      await world.finish();
      const failed = world.started === 'no' && !world.done.includes('drain');
      expect(world.isClosed).toBe(true);
      expect(world.started).not.toBe('waiting');
      expect(world.count('release')).toBe(1);
      expect(world.count('close')).toBe(failed ? 0 : 1);
      if (opened) expect(failed).toBe(false);
      expect([world.clock.size, world.done.at(-1)]).toEqual([0, 'release']);
    }),
    { numRuns: 300 },
  );
});

async function after(...taken: Step[]): Promise<World> {
  const world = new World();
  for (const step of taken) await world.take(step);
  return world;
}

test('who started a server is told the address when clients reach it', async () => {
  const world = await after();
  expect(world.started).toBe('waiting');
  await world.take('opens');
  expect(await world.server.started).toBe('memory');
  await world.finish();
});

test('a server that cannot start says why, when what it would have served is released', async () => {
  const world = await after('fails to open');
  expect([world.started, world.done]).toEqual(['waiting', ['open', 'release']]);
  await world.take('is released');
  await expect(world.server.started).rejects.toThrow('no port');
  expect([world.isClosed, world.logger.entries]).toEqual([true, []]);
});

test('a server that is closed while it starts is closed as soon as it has, and never served', async () => {
  const world = await after('is told to close');
  expect(world.done).toEqual(['open']);
  await world.finish();
  expect(world.done).toEqual(['open', 'drain', 'idle', 'close', 'release']);
  await expect(world.server.started).rejects.toMatchObject({
    code: 'SERVER_START_FAILED',
    message: 'The test server was closed before it had started',
  });
});

test('calls that run are waited for as long as the grace period lasts, and a second close changes nothing', async () => {
  const world = await after('opens', 'is told to close');
  await world.clock.run(graceMs / 2);
  await world.take('is told to close');
  await world.clock.run(graceMs / 2 - 1);
  expect(world.done).toEqual(['open', 'drain', 'idle']);
  await world.clock.run(1);
  expect(world.done).toEqual(['open', 'drain', 'idle', 'close']);
  await world.finish();
});

test('a server whose clients are gone drains and closes by itself', async () => {
  const world = await after('opens', 'ends by itself', 'is idle', 'has closed', 'is released');
  expect([world.isClosed, world.logger.lines('info')]).toEqual([true, ['the test server is closed']]);
  await expect(world.server.close()).resolves.toBeUndefined();
});

test('what does not end cleanly is told in the log, and the rest is ended all the same', async () => {
  const world = await after('opens', 'is told to close', 'cannot drain', 'cannot close', 'cannot be released');
  expect(world.isClosed).toBe(true);
  expect(world.logger.lines('error')).toEqual([
    'the connections of the test server did not end cleanly',
    'the connections of the test server did not end cleanly',
    'what the test server served did not end cleanly',
  ]);
});

test('every edge of the server machine is taken', async () => {
  const coverage = new EdgeCoverage(serverMachine);
  const world = new World(coverage.inspect);
  await world.finish();
  await fc.assert(
    fc.asyncProperty(anySteps, async (taken) => {
      const one = new World(coverage.inspect);
      for (const step of taken) await one.take(step);
      await one.finish();
    }),
    { numRuns: 300, seed: 1 },
  );
  for (const ending of ['is told to close', 'ends by itself'] as const) {
    const one = new World(coverage.inspect);
    for (const step of ['opens', ending, 'cannot drain', 'cannot close', 'cannot be released'] as const) {
      await one.take(step);
    }
    const other = new World(coverage.inspect);
    for (const step of ['opens', ending, 'time passes', 'has closed', 'is released'] as const) await other.take(step);
  }
  expect(coverage.size).toBeGreaterThan(10);
  expect(coverage.missing).toEqual([]);
});
