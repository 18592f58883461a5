import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Supervisor } from '../../src/actors/supervisor.js';
import { ClosedGates } from '../../src/manager/lives/closed-gates.js';
import { PluginLife } from '../../src/manager/lives/plugin-life.js';
import type { StartedPlugin } from '../../src/manager/lives/plugin-starter.js';
import { ActorsOfPlugin } from '../../src/plugins/plugin-actors.js';
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
  readonly gates = new ClosedGates();
  /** Undefined: a plugin that its error disabled is not tried again. */
  readonly #retryAfterMs: number | undefined;
  /** Whether it takes part in chains, as we see it; and when it began to cool down. */
  gate: 'open' | 'held' | 'coolingDown' | 'rested' | 'trial' = 'open';
  #coolingSince = 0;
  retiredAt: number | undefined;
  callsEnded = false;
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
  /** Settles when the calls have ended that it has when it retires. */
  readonly #calls = deferred();
  readonly #runsHere: boolean;
  readonly #system: Supervisor;

  constructor(runsHere: boolean, retryAfter: number | undefined) {
    this.#retryAfterMs = retryAfter;
    const { clock, logger } = this;
    // It may throw before it is asked to shut down.
    this.#shutDown.promise.catch(() => {});
    this.#runsHere = runsHere;
    this.#system = new Supervisor('plugins', logger, clock);
    const load = (): Promise<StartedPlugin> => this.#load.promise;
    const limits = { startTimeoutMs, shutdownTimeoutMs };
    const retryAfterMs = (): number | undefined => this.#retryAfterMs;
    this.life = new PluginLife(
      { name: 'P', label: 'P', runsHere, load },
      { system: this.#system, clock, logger, gates: this.gates, retryAfterMs, ...limits },
    );
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
        const plugin = loadedPlugin(
          {
            name: 'P',
            config: {},
            entry,
            logger,
            clock: this.clock,
            random: () => 0,
            baseDir: '/',
            ssrfProtection: true,
            actors: new ActorsOfPlugin('P', this.#system),
          },
          instance,
          'strict',
        );
        this.#settle('loaded');
        const isCutOff = (): boolean => false;
        const under = (): StartedPlugin => ({ state: 'running', plugin, under, isCutOff });
        this.#load.resolve({ state: 'running', plugin, under, isCutOff });
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
      case 'tells the gate':
        this.#tellGate(step.what);
        break;
      case 'retires':
        if (!this.isRunning) break;
        this.retiredAt = this.clock.now();
        void this.life.retire({ ended: this.#calls.promise, cancel: () => {} }).then(() => (this.ended = true));
        break;
      case 'isIdle':
        this.callsEnded = true;
        this.#calls.resolve();
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
    const { callsEnded, clock, closedAt, loading, retiredAt, shutDownAt } = this;
    const now = clock.now();
    if (this.gate === 'coolingDown' && now - this.#coolingSince >= (this.#retryAfterMs ?? 0)) this.gate = 'rested';
    expect(this.shutDowns).toBeLessThanOrEqual(1);
    // It is told of as running only where nobody has given it up, and shut down only where it is not, or not any more.
    const isBusy = retiredAt !== undefined && !callsEnded && now - retiredAt < shutdownTimeoutMs;
    const isWanted = closedAt === undefined && (retiredAt === undefined || isBusy);
    if (this.started === 'running') expect(this.shutDowns).toBe(isWanted ? 0 : 1);
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
    if (retiredAt !== undefined && now - retiredAt >= 2 * shutdownTimeoutMs) expect(this.ended).toBe(true);
    expect(clock.size).toBeLessThanOrEqual(1);
    if (this.isRunning) expect(clock.size).toBe(this.gate === 'coolingDown' ? 1 : 0);
    // Chains ask the gates of plugins only while one is counted.
    expect(this.gates.closed).toBe(this.isRunning && this.gate !== 'open' ? 1 : 0);
    expect(this.logger.entries.map(({ message }) => message)).not.toContain('actor failed');
  }

  /** Whether chains may have it. */
  get isRunning(): boolean {
    return this.started === 'running' && this.closedAt === undefined && this.retiredAt === undefined;
  }

  #tellGate(what: GateStep): void {
    const { life, isRunning, gate } = this;
    const now = { open: 'open', held: 'closed', coolingDown: 'closed', rested: 'trial', trial: 'closed' } as const;
    if (what === 'disable') life.disable();
    else if (what === 'enable') life.enable();
    else if (what === 'failed') life.gate.failed(new Error('broken'));
    else if (what === 'succeeded') life.gate.succeeded();
    else if (what === 'unused') life.gate.unused();
    else expect(life.gate.admit()).toBe(isRunning ? now[gate] : 'closed');
    if (!isRunning) return;
    if (what === 'disable') this.gate = 'held';
    else if (what === 'enable') this.gate = 'open';
    else if (what === 'admit' && gate === 'rested') this.gate = 'trial';
    else if (what === 'succeeded' && gate === 'trial') this.gate = 'open';
    else if (what === 'unused' && gate === 'trial') this.gate = 'rested';
    else if (what === 'failed' && (gate === 'open' || gate === 'trial')) {
      this.gate = this.#retryAfterMs === undefined ? 'held' : 'coolingDown';
      this.#coolingSince = this.clock.now();
    }
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

const gateSteps = ['disable', 'enable', 'failed', 'succeeded', 'unused', 'admit'] as const;
type GateStep = (typeof gateSteps)[number];

const steps = fc.oneof(
  { arbitrary: fc.constant({ type: 'loads' as const }), weight: 2 },
  fc.constant({ type: 'isDisabled' as const }),
  fc.constant({ type: 'fails' as const }),
  fc.constant({ type: 'shutsDown' as const }),
  fc.constant({ type: 'throws' as const }),
  fc.constant({ type: 'close' as const }),
  fc.constant({ type: 'retires' as const }),
  fc.constant({ type: 'isIdle' as const }),
  {
    arbitrary: fc.record({ type: fc.constant('tells the gate' as const), what: fc.constantFrom(...gateSteps) }),
    weight: 6,
  },
  {
    arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(1, 500, 1000, 2999, 3000) }),
    weight: 3,
  },
);
/** Milliseconds until one that failed is tried again. */
const retryAfter = fc.constantFrom(undefined, 700);
type Step = typeof steps extends fc.Arbitrary<infer One> ? One : never;

test('whatever a plugin does, and whenever it is closed, what was loaded is shut down once, nobody waits too long, and nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(fc.boolean(), retryAfter, fc.array(steps, { maxLength: 20 }), async (runsHere, after, taken) => {
      const world = new World(runsHere, after);
      await world.clock.run(0);
      world.check();
      for (const step of taken) await world.take(step);
      await world.end();
    }),
    { numRuns: 1000 },
  );
});
