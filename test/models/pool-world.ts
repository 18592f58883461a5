import { expect } from 'vitest';
import {
  createManagerPool,
  definePlugin,
  isGatechartError,
  type Inspector,
  type ManagerPool,
} from '../../src/index.js';
import { ManualClock, RecordingLogger } from '../../src/testing/index.js';
import { type Deferred, deferred } from '../../src/time/deferred.js';

export const times = { ttlMs: 1000, drainMs: 500, startTimeoutMs: 3000 };
export const keys = ['a', 'b', 'c'] as const;
type Key = (typeof keys)[number];

/** What a test, or chance, does with a pool. What is pending is taken oldest first. */
export type PoolStep =
  | { readonly type: 'call' | 'hold' | 'use' | 'get' | 'invalidate' | 'change' | 'outdate'; readonly key: Key }
  | { readonly type: 'invalidateAll' | 'close' | 'drain' }
  | { readonly type: 'overrides.come' | 'overrides.fail' | 'build.ends' | 'build.fails' | 'release' }
  | { readonly type: 'wait'; readonly ms: number };

interface Pending extends Deferred<void> {
  readonly key: string;
  readonly since: number;
}

/** A plugin of some manager: what it was built with, and what has become of it. */
interface Instance {
  readonly key: string;
  readonly version: number;
  started: boolean;
  shutDowns: number;
}

/** A pool of real managers on a manual clock, whose overrides and builds take as long as a test says. */
export class PoolWorld {
  readonly clock = new ManualClock();
  readonly logger = new RecordingLogger();
  readonly asks: Pending[] = [];
  readonly builds: Pending[] = [];
  readonly held: Deferred<void>[] = [];
  readonly instances = new Map<object, Instance>();
  /** The newest overrides of each key, and those that who asks from now on must see. */
  readonly versions: Record<string, number> = { a: 0, b: 0, c: 0 };
  readonly required: Record<string, number> = { a: 0, b: 0, c: 0 };
  /** Calls that are not settled. */
  open = 0;
  /** What went wrong that should not. */
  readonly failures: unknown[] = [];
  closing = false;
  closed = false;
  pool!: ManagerPool;

  private constructor(readonly max: number) {}

  static async start(max: number, inspector?: Inspector): Promise<PoolWorld> {
    const world = new PoolWorld(max);
    world.pool = await createManagerPool({
      base: {
        plugins: [{ name: 'P', kind: 'p', hooks: ['tool_pre_invoke'] }],
        plugin_settings: { plugin_timeout: 600 },
      },
      kinds: { p: world.#plugin() },
      env: {},
      clock: world.clock,
      logger: world.logger,
      ...times,
      max,
      ...(inspector && { inspector }),
      overridesFor: async (key) => {
        // What holds when it is asked for: it may be outdated when it comes.
        const version = world.versions[key] ?? 0;
        await world.#pending(world.asks, key);
        return [{ name: 'P', config: { key, version } }];
      },
    });
    return world;
  }

  async take(step: PoolStep): Promise<void> {
    const { pool } = this;
    switch (step.type) {
      case 'call':
      case 'hold':
        this.#call(step.type, step.key);
        break;
      case 'use': {
        const used = pool.use(step.key, async (manager) => {
          const released = deferred();
          this.held.push(released);
          await released.promise;
          await manager.invokeHook('tool_pre_invoke', { name: 'call', args: {} }, { requestId: 'r' });
        });
        this.#settles(used, times.drainMs);
        break;
      }
      case 'get':
        this.#settles(pool.get(step.key));
        break;
      case 'invalidate':
        this.required[step.key] = this.versions[step.key] ?? 0;
        pool.invalidate(step.key);
        break;
      case 'invalidateAll':
        Object.assign(this.required, this.versions);
        pool.invalidateAll();
        break;
      case 'change':
        this.versions[step.key] = (this.versions[step.key] ?? 0) + 1;
        break;
      case 'outdate':
        this.versions[step.key] = (this.versions[step.key] ?? 0) + 1;
        this.required[step.key] = this.versions[step.key] ?? 0;
        pool.invalidate(step.key);
        break;
      case 'overrides.come':
        this.asks.shift()?.resolve();
        break;
      case 'overrides.fail':
        this.asks.shift()?.reject(new Error('no overrides'));
        break;
      case 'build.ends':
        this.builds.shift()?.resolve();
        break;
      case 'build.fails':
        this.builds.shift()?.reject(new Error('no plugin'));
        break;
      case 'release':
        this.held.shift()?.resolve();
        break;
      case 'close':
      case 'drain':
        this.closing = true;
        void pool.close(step.type === 'close' ? {} : { drainMs: 300 }).then(() => (this.closed = true));
        break;
      case 'wait':
        await this.clock.run(step.ms);
    }
    await this.clock.run(0);
    this.check();
  }

  /** What holds at any time. */
  check(): void {
    const { max } = this;
    expect(this.failures).toEqual([]);
    const statuses = this.pool.statuses();
    expect(this.pool.size).toBeLessThanOrEqual(max);
    // A build that takes too long is given up, and its plugin shut down when it has started after all.
    const inTime = this.builds.filter(({ since }) => this.clock.now() - since < times.startTimeoutMs);
    expect(new Set(inTime.map(({ key }) => key)).size).toBe(inTime.length);
    for (const { shutDowns } of this.instances.values()) expect(shutDowns).toBeLessThanOrEqual(1);
    expect(this.logger.entries.map(({ message }) => message)).not.toContain('actor failed');
    // No manager is forgotten: each is that of a key, or is being retired.
    const living = [...this.instances.values()].filter(({ started, shutDowns }) => started && shutDowns === 0);
    expect(living.length).toBeLessThanOrEqual(statuses.length);
    const retiring = statuses.filter(({ state }) => state === 'draining' || state === 'closing');
    expect(living.length - retiring.length).toBeLessThanOrEqual(max);
    if (this.closed) expect(statuses).toEqual([]);
  }

  /** Everything ends, and nothing is left. */
  async end(): Promise<void> {
    await this.take({ type: 'close' });
    while (this.builds.length > 0) await this.take({ type: 'build.ends' });
    while (this.held.length > 0) await this.take({ type: 'release' });
    while (this.asks.length > 0) await this.take({ type: 'overrides.come' });
    await this.take({ type: 'wait', ms: 20_000 });
    expect([this.closed, this.open, this.clock.size]).toEqual([true, 0, 0]);
    for (const { started, shutDowns } of this.instances.values()) expect(shutDowns).toBe(started ? 1 : 0);
  }

  #plugin() {
    const of = (plugin: object): Instance => {
      const instance = this.instances.get(plugin);
      if (instance === undefined) throw new Error('a plugin was used that was never built');
      return instance;
    };
    return definePlugin({
      hooks: {
        tool_pre_invoke: async ({ name }, { plugin }) => {
          expect(of(plugin)).toMatchObject({ started: true, shutDowns: 0 });
          if (name === 'hold') {
            const released = deferred();
            this.held.push(released);
            await released.promise;
          }
          return { metadata: { version: of(plugin).version } };
        },
      },
      initialize: async (plugin) => {
        const { key, version } = plugin.config;
        const instance = { key: String(key), version: Number(version), started: false, shutDowns: 0 };
        this.instances.set(plugin, instance);
        await this.#pending(this.builds, instance.key);
        instance.started = true;
      },
      shutdown: (plugin) => void of(plugin).shutDowns++,
    });
  }

  #pending(list: Pending[], key: string): Promise<void> {
    const pending = { ...deferred(), key, since: this.clock.now() };
    list.push(pending);
    return pending.promise;
  }

  /** It sees the overrides of when it was made, or newer ones. */
  #call(name: 'call' | 'hold', key: Key): void {
    const required = this.required[key] ?? 0;
    const called = this.pool.invokeHook(key, 'tool_pre_invoke', { name, args: {} }, { requestId: 'r' });
    const seen = called.then(({ metadata }) => {
      expect([key, Number(metadata['version']) >= required]).toEqual([key, true]);
    });
    this.#settles(seen, name === 'hold' ? times.drainMs : undefined);
  }

  /** @param closedAfterMs how long it has to go on at least before its manager may be closed; undefined: for ever */
  #settles(promise: Promise<unknown>, closedAfterMs = Number.POSITIVE_INFINITY): void {
    this.open++;
    const since = this.clock.now();
    const settled = (): void => void this.open--;
    promise.then(settled, (error: unknown) => {
      settled();
      this.#checkError(error, this.clock.now() - since >= closedAfterMs);
    });
  }

  #checkError(error: unknown, mayBeClosed: boolean): void {
    if (error instanceof Error && error.message === 'no overrides') return;
    const code = isGatechartError(error) ? error.code : undefined;
    const allowed: string[] = [
      'PLUGIN_LOAD_FAILED',
      'CONFIG_UNREADABLE',
      ...(this.closing || mayBeClosed ? ['MANAGER_CLOSED'] : []),
    ];
    if (code === undefined || !allowed.includes(code)) this.failures.push(error);
  }
}
