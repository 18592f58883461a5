import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Supervisor } from '../../src/actors/supervisor.js';
import { PluginLife } from '../../src/manager/plugin-life.js';
import type { StartedPlugin } from '../../src/manager/plugin-starter.js';
import { loadedPlugin } from '../../src/plugins/plugin-loader.js';
import { ManualClock, RecordingLogger } from '../../src/testing/index.js';
import { deferred } from '../../src/time/deferred.js';
import { memoryConfig } from '../fixtures/hosting/memory-host.js';

const startTimeoutMs = 3000;
const shutdownTimeoutMs = 1000;

/** One plugin on a manual clock, whose code does what a test says, when it says it. */
class World {
  readonly clock = new ManualClock();
  readonly logger = new RecordingLogger();
  readonly life: PluginLife;
  shutDowns = 0;
  started: 'pending' | 'running' | 'disabled' | 'refused' = 'pending';
  ended = false;
  /** When it was closed, and when it began to shut down. */
  closedAt: number | undefined;
  shutDownAt: number | undefined;
  loading: 'pending' | 'loaded' | 'disabled' | 'failed' = 'pending';
  isOver = false;
  readonly #load = deferred<StartedPlugin>();
  readonly #shutDown = deferred();
  readonly #runsHere: boolean;
  readonly #system: Supervisor;

  constructor(runsHere: boolean) {
    const { clock, logger } = this;
    // It may throw before it is asked to shut down.
    this.#shutDown.promise.catch(() => {});
    this.#runsHere = runsHere;
    this.#system = new Supervisor('plugins', logger, clock);
    const load = (): Promise<StartedPlugin> => this.#load.promise;
    const limits = { startTimeoutMs, shutdownTimeoutMs };
    this.life = new PluginLife({ name: 'P', runsHere, load }, { system: this.#system, clock, logger, ...limits });
    this.life.start().then(
      ({ state }) => (this.started = state),
      () => (this.started = 'refused'),
    );
  }

  async take(step: Step): Promise<void> {
    const { logger } = this;
    switch (step.type) {
      case 'loads': {
        const entry = memoryConfig('P', []);
        const instance = {
          handler: () => undefined,
          shutdown: () => {
            this.shutDowns++;
            this.shutDownAt = this.clock.now();
            return this.#shutDown.promise;
          },
        };
        const plugin = loadedPlugin({ name: 'P', config: {}, entry, logger }, instance, 'strict');
        this.#settle('loaded');
        this.#load.resolve({ state: 'running', plugin });
        break;
      }
      case 'isDisabled':
        this.#settle('disabled');
        this.#load.resolve({ state: 'disabled', config: memoryConfig('P', [], 'disabled') });
        break;
      case 'fails':
        this.#settle('failed');
        this.#load.reject(new Error('no'));
        break;
      case 'shutsDown':
        this.isOver = true;
        this.#shutDown.resolve();
        break;
      case 'throws':
        this.isOver = true;
        this.#shutDown.reject(new Error('not now'));
        break;
      case 'close':
        this.closedAt ??= this.clock.now();
        void this.life.close().then(() => (this.ended = true));
        break;
      case 'wait':
        await this.clock.run(step.ms);
    }
    await this.clock.run(0);
    this.check();
  }

  check(): void {
    const { clock, closedAt, loading, shutDownAt } = this;
    const now = clock.now();
    expect(this.shutDowns).toBeLessThanOrEqual(1);
    // It is told of as running only where nobody has given it up, and shut down only where it is not, or not any more.
    if (this.started === 'running') expect(this.shutDowns).toBe(closedAt === undefined ? 0 : 1);
    else expect(this.shutDowns).toBe(loading === 'loaded' ? 1 : 0);
    // Nobody waits longer than they said; the time for one that lives elsewhere is kept by the call to its server.
    if (loading === 'pending' && closedAt === undefined && (!this.#runsHere || now < startTimeoutMs))
      expect(this.started).toBe('pending');
    if (loading !== 'pending' || closedAt !== undefined || (this.#runsHere && now >= startTimeoutMs))
      expect(this.started).not.toBe('pending');
    const waitedFor = Math.max(closedAt ?? now, shutDownAt ?? 0);
    if (closedAt !== undefined && now - waitedFor >= shutdownTimeoutMs) expect(this.ended).toBe(true);
    if (closedAt !== undefined && (this.isOver || this.shutDowns === 0) && loading !== 'pending')
      expect(this.ended).toBe(true);
    expect(clock.size).toBeLessThanOrEqual(1);
    if (this.started === 'running' && closedAt === undefined) expect(clock.size).toBe(0);
    expect(this.logger.entries.map(({ message }) => message)).not.toContain('actor failed');
  }

  /** Nothing is left once loading and shutdown have ended, however they did. */
  async end(): Promise<void> {
    if (this.loading === 'pending') await this.take({ type: 'loads' });
    await this.take({ type: 'close' });
    await this.take({ type: 'shutsDown' });
    expect([this.ended, this.clock.size, this.#system.size]).toEqual([true, 0, 0]);
  }

  #settle(how: 'loaded' | 'disabled' | 'failed'): void {
    if (this.loading === 'pending') this.loading = how;
  }
}

const steps = fc.oneof(
  { arbitrary: fc.constant({ type: 'loads' as const }), weight: 2 },
  fc.constant({ type: 'isDisabled' as const }),
  fc.constant({ type: 'fails' as const }),
  fc.constant({ type: 'shutsDown' as const }),
  fc.constant({ type: 'throws' as const }),
  { arbitrary: fc.constant({ type: 'close' as const }), weight: 2 },
  {
    arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(1, 500, 1000, 2999, 3000) }),
    weight: 3,
  },
);
type Step = typeof steps extends fc.Arbitrary<infer One> ? One : never;

test('whatever a plugin does, and whenever it is closed, what was loaded is shut down once, nobody waits too long, and nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(fc.boolean(), fc.array(steps, { maxLength: 12 }), async (runsHere, taken) => {
      const world = new World(runsHere);
      await world.clock.run(0);
      world.check();
      for (const step of taken) await world.take(step);
      await world.end();
    }),
    { numRuns: 500 },
  );
});
