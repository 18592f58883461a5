import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  createManager,
  definePlugin,
  isGatechartError,
  type PluginManager,
  type ReloadReport,
  silentLogger,
} from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { type Deferred, deferred } from '../../src/time/deferred.js';

const names = ['a', 'b', 'c', 'd'] as const;
const shutdownTimeoutMs = 1000;

/** What an entry may say; where `version` changes, the plugin has to start anew. */
const anyEntry = fc.record({
  version: fc.nat({ max: 1 }),
  priority: fc.nat({ max: 2 }),
  mode: fc.constantFrom('enforce', 'permissive', 'transform', 'concurrent', 'disabled'),
  tags: fc.subarray(['x']),
  breaks: fc.integer({ min: 0, max: 11 }).map((chance) => chance === 0),
});
type Entry = typeof anyEntry extends fc.Arbitrary<infer One> ? One : never;

const anyConfig = fc.record({ a: anyEntry, b: anyEntry, c: anyEntry, d: anyEntry }, { requiredKeys: [] });
type Config = Partial<Record<(typeof names)[number], Entry>>;

function written(config: Config): object {
  const entries = Object.entries(config).map(([name, { version, priority, mode, tags, breaks }]) => ({
    name,
    kind: 'witness',
    hooks: ['tool_pre_invoke'],
    priority,
    mode,
    tags,
    config: { version, breaks },
  }));
  return { plugins: entries };
}

/** A call, and what it has to find: the plugins that were in force when it began. */
interface Call {
  readonly gate: Deferred<void>;
  readonly expected: readonly string[];
  readonly generation: Map<string, number>;
  readonly begunAt: number;
  outcome: 'pending' | 'answered' | 'cancelled' | 'closed';
}

class World {
  readonly clock = new ManualClock();
  readonly alive = new Set<number>();
  readonly calls: Call[] = [];
  readonly reloads: Promise<void>[] = [];
  readonly calledWhenGone: string[] = [];
  manager!: PluginManager;
  isClosed = false;
  #instances = 0;
  /** Which instances were seen of each plugin, by the configuration that was in force. */
  readonly #seen = new Map<unknown, Map<string, number>>();

  readonly #witness = definePlugin<{ version: number; breaks: boolean }>({
    hooks: {
      tool_pre_invoke: async (payload, { plugin }) => {
        const call = this.calls[Number(payload.name)];
        const instance = this.#instanceOf.get(plugin) ?? -1;
        if (!this.alive.has(instance)) this.calledWhenGone.push(plugin.name);
        await call?.gate.promise;
        // It is not shut down before those who call it are answered, or have had their time.
        if (!this.alive.has(instance) && !this.isClosed && call !== undefined)
          expect(this.clock.now() - call.begunAt).toBeGreaterThanOrEqual(shutdownTimeoutMs);
        return { metadata: { [plugin.name]: `${instance}v${plugin.config.version}` } };
      },
    },
    initialize: async (setup) => {
      await Promise.resolve();
      if (setup.config.breaks) throw new Error('broken');
      this.alive.add(++this.#instances);
      this.#instanceOf.set(setup, this.#instances);
    },
    shutdown: (setup) => {
      const instance = this.#instanceOf.get(setup) ?? -1;
      expect(this.alive.delete(instance)).toBe(true);
    },
  });
  readonly #instanceOf = new WeakMap<object, number>();

  async start(): Promise<void> {
    this.manager = await createManager({
      kinds: { witness: this.#witness },
      config: { plugins: [] },
      logger: silentLogger,
      clock: this.clock,
      shutdownTimeoutMs,
      env: {},
    });
  }

  async take(step: Step): Promise<void> {
    switch (step.type) {
      case 'call':
        this.#call();
        break;
      case 'answer':
        this.calls.filter(({ outcome }) => outcome === 'pending')[step.which]?.gate.resolve();
        break;
      case 'reload':
        this.reloads.push(this.#reload(step.config));
        break;
      case 'mode':
        this.reloads.push(
          this.manager.setMode(step.name, step.mode).then(undefined, (error: unknown) => refused(error)),
        );
        break;
      case 'wait':
        await this.clock.run(step.ms);
    }
    // As far as things go without time.
    for (let turns = 0; turns < step.turns; turns++) await Promise.resolve();
  }

  #call(): void {
    const { configs } = this.manager;
    const on = configs.filter(({ mode }) => mode !== 'disabled');
    const expected = on.map(({ name, config }) => `${name}v${String(config?.['version'])}`);
    const generation = this.#seen.get(configs) ?? new Map<string, number>();
    this.#seen.set(configs, generation);
    const begunAt = this.clock.now();
    const call: Call = { gate: deferred(), expected: expected.sort(), generation, begunAt, outcome: 'pending' };
    const index = this.calls.push(call) - 1;
    this.manager.invokeHook('tool_pre_invoke', { name: String(index), args: {} }, { requestId: String(index) }).then(
      ({ metadata }) => this.#answered(call, metadata),
      (error: unknown) => {
        expect(call.outcome).toBe('pending');
        const code = isGatechartError(error) && error.code;
        if (code === 'PLUGIN_RETIRED') {
          expect(this.clock.now() - begunAt).toBeGreaterThanOrEqual(shutdownTimeoutMs);
          call.outcome = 'cancelled';
          return;
        }
        expect([code, this.isClosed]).toEqual(['MANAGER_CLOSED', true]);
        call.outcome = 'closed';
      },
    );
  }

  /** It saw the plugins of one configuration: the one that was in force when it began. */
  #answered(call: Call, metadata: Readonly<Record<string, unknown>>): void {
    expect(call.outcome).toBe('pending');
    call.outcome = 'answered';
    const seen = Object.entries(metadata).map(([name, said]) => {
      const [instance, version] = String(said).split('v');
      // Whoever began on the same configuration met the same instance.
      expect(call.generation.get(name) ?? Number(instance)).toBe(Number(instance));
      call.generation.set(name, Number(instance));
      return `${name}v${version}`;
    });
    expect(seen.sort()).toEqual(call.expected);
  }

  async #reload(config: Config): Promise<void> {
    const { manager } = this;
    let report: ReloadReport;
    try {
      report = await manager.reload(written(config));
    } catch (error) {
      return refused(error);
    }
    const { added, removed, replaced, changed, unchanged, skipped } = report;
    const running = [...added, ...replaced, ...changed, ...unchanged];
    expect([...running, ...removed]).toHaveLength(new Set([...running, ...removed]).size);
    expect(Object.keys(config)).toEqual(expect.arrayContaining(running));
    expect(skipped).toEqual([]);
  }

  async end(): Promise<void> {
    this.isClosed = true;
    const closing = this.manager.close();
    await this.clock.run(10 * shutdownTimeoutMs);
    await closing;
    await Promise.all(this.reloads);
    await this.clock.run(0);
    expect(this.calls.map(({ outcome }) => outcome)).not.toContain('pending');
    expect(this.calledWhenGone).toEqual([]);
    expect([...this.alive]).toEqual([]);
    expect(this.clock.size).toBe(0);
  }
}

function refused(error: unknown): void {
  expect(isGatechartError(error)).toBe(true);
  if (!isGatechartError(error)) return;
  expect(['PLUGIN_LOAD_FAILED', 'MANAGER_CLOSED', 'PLUGIN_NOT_FOUND']).toContain(error.code);
}

const turns = fc.constantFrom(0, 3, 20, 200);
const anyStep = fc.oneof(
  { arbitrary: fc.record({ type: fc.constant('call' as const), turns }), weight: 6 },
  { arbitrary: fc.record({ type: fc.constant('answer' as const), which: fc.nat({ max: 3 }), turns }), weight: 5 },
  { arbitrary: fc.record({ type: fc.constant('reload' as const), config: anyConfig, turns }), weight: 4 },
  fc.record({
    type: fc.constant('mode' as const),
    name: fc.constantFrom(...names),
    mode: fc.constantFrom('enforce' as const, 'audit' as const, 'disabled' as const),
    turns,
  }),
  { arbitrary: fc.record({ type: fc.constant('wait' as const), ms: fc.constantFrom(1, 500, 1000), turns }), weight: 2 },
);
type Step = typeof anyStep extends fc.Arbitrary<infer One> ? One : never;

/** A call waits in `b` until both have been shut down; `d` would be next. */
const goneBeforeTheirTurn: Step[] = [
  { type: 'reload', config: { b: plain(), d: plain() }, turns: 0 },
  { type: 'call', turns: 200 },
  { type: 'reload', config: {}, turns: 0 },
  { type: 'call', turns: 0 },
  { type: 'wait', ms: 1000, turns: 0 },
  { type: 'answer', which: 0, turns: 3 },
];

function plain(): Entry {
  return { version: 0, priority: 0, mode: 'enforce', tags: [], breaks: false };
}

test('whatever is edited while calls are in flight, each call sees one configuration, none is lost, and nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 20 }), async (steps) => {
      const world = new World();
      await world.start();
      for (const step of steps) await world.take(step);
      await world.end();
    }),
    { numRuns: 150, examples: [[goneBeforeTheirTurn]] },
  );
});

test('a plugin whose entry asks nothing else of its start is the same instance, whatever else is edited', async () => {
  const sameStart = fc
    .tuple(anyConfig, anyConfig)
    .map(([before, after]) => [withoutBreaks(before), withoutBreaks(after)]);
  await fc.assert(
    fc.asyncProperty(sameStart, async ([before = {}, after = {}]) => {
      const world = new World();
      await world.start();
      await world.manager.reload(written(before));
      const met = async (): Promise<Readonly<Record<string, unknown>>> => {
        const context = { requestId: '1' };
        return (await world.manager.invokeHook('tool_pre_invoke', { name: 'x', args: {} }, context)).metadata;
      };
      const first = await met();
      const report = await world.manager.reload(written(after));
      const second = await met();
      for (const name of names) {
        const [old, next] = [before[name], after[name]];
        const ran = old !== undefined && old.mode !== 'disabled';
        const runs = next !== undefined && next.mode !== 'disabled';
        expect([name in first, name in second]).toEqual([ran, runs]);
        expect(report.added.includes(name)).toBe(runs && !ran);
        expect(report.removed.includes(name)).toBe(ran && !runs);
        if (!ran || !runs) continue;
        expect(report.replaced.includes(name)).toBe(old.version !== next.version);
        expect(second[name] === first[name]).toBe(old.version === next.version);
        const isSame = JSON.stringify(old) === JSON.stringify(next);
        expect(report.unchanged.includes(name)).toBe(isSame);
        expect(report.changed.includes(name)).toBe(!isSame && old.version === next.version);
      }
      await world.end();
    }),
    { numRuns: 150 },
  );
});

function withoutBreaks(config: Config): Config {
  return Object.fromEntries(Object.entries(config).map(([name, entry]) => [name, { ...entry, breaks: false }]));
}
