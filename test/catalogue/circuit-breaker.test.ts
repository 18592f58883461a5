import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HookOutcome, PluginManager } from '../../src/index.js';
import { createLiveSource } from '../../src/inspect/live/watch/create-live-source.js';
import { ManualClock } from '../../src/testing/index.js';
import { managerOf } from '../fixtures/catalogue/one-plugin.js';
import { ReaderOfFeed } from '../fixtures/inspect/reader-of-feed.js';
import { rejection } from '../fixtures/waiting.js';

const hooks = ['tool_pre_invoke', 'tool_post_invoke'];
const quick = { consecutive_failure_threshold: 2, cooldown_seconds: 10 };

/** One breaker on a manual clock, and a tool that answers as a test says. */
class Guarded implements AsyncDisposable {
  readonly clock = new ManualClock();
  #requests = 0;

  constructor(
    readonly manager: PluginManager,
    clock: ManualClock,
  ) {
    this.clock = clock;
  }

  static async start(config: object = {}): Promise<Guarded> {
    const clock = new ManualClock();
    return new Guarded(await managerOf('circuit-breaker', hooks, config, { clock }), clock);
  }

  /** A call that is answered at once, if it passes. */
  async call(name: string, isError: unknown): Promise<HookOutcome> {
    const context = { requestId: String(++this.#requests) };
    const before = await this.begin(name, context);
    return before.continueProcessing ? this.answer(name, isError, context) : before;
  }

  begin(name: string, context = { requestId: String(++this.#requests) }): Promise<HookOutcome> {
    return this.manager.invokeHook('tool_pre_invoke', { name, args: {} }, context);
  }

  answer(name: string, isError: unknown, context: { requestId: string }): Promise<HookOutcome> {
    const result = isError === undefined ? 'text' : { content: [], isError };
    return this.manager.invokeHook('tool_post_invoke', { name, result }, context);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.manager.close();
  }
}

describe('the circuit breaker', () => {
  it('refuses the calls of a tool that fails in a row, and of no other, until the cooldown is over', async () => {
    await using guarded = await Guarded.start(quick);
    await guarded.call('bad', true);
    await guarded.call('bad', true);
    guarded.clock.advance(2_500);
    const until = Date.now() / 1000 + 7.5;
    const { continueProcessing, violation } = await guarded.call('bad', true);

    expect(continueProcessing).toBe(false);
    expect(violation).toMatchObject({
      code: 'CIRCUIT_OPEN',
      reason: 'Circuit open',
      details: { retry_after_seconds: 7.5, open_until: expect.closeTo(until, 0) },
    });
    expect(await guarded.call('good', false)).toMatchObject({ continueProcessing: true });
    guarded.clock.advance(7_500);
    expect(await guarded.call('bad', false)).toMatchObject({ continueProcessing: true });
  });

  it('lets one probe pass after the cooldown, and refuses others until it is answered', async () => {
    await using guarded = await Guarded.start(quick);
    await guarded.call('bad', true);
    await guarded.call('bad', true);
    guarded.clock.advance(10_000);
    const probe = { requestId: 'probe' };
    await guarded.begin('bad', probe);

    expect((await guarded.begin('bad')).violation).toMatchObject({
      code: 'CIRCUIT_HALF_OPEN_PROBE_IN_FLIGHT',
      details: { retry_after_seconds: 1 },
    });
    const answered = await guarded.answer('bad', false, probe);
    expect(answered.metadata).toMatchObject({ circuit_half_open: false, circuit_open_until: 0 });
    expect(await guarded.begin('bad')).toMatchObject({ continueProcessing: true });
  });

  it('does not wait longer than a cooldown for a probe that is never answered', async () => {
    await using guarded = await Guarded.start(quick);
    await guarded.call('bad', true);
    await guarded.call('bad', true);
    guarded.clock.advance(10_000);
    const lost = { requestId: 'lost' };
    await guarded.begin('bad', lost);
    guarded.clock.advance(10_000);
    expect((await guarded.begin('bad')).violation).toMatchObject({ code: 'CIRCUIT_OPEN' });
    guarded.clock.advance(10_000);
    await guarded.begin('bad', { requestId: 'second' });
    // The first probe is late: it says nothing any more.
    await guarded.answer('bad', false, lost);
    expect((await guarded.begin('bad')).violation).toMatchObject({ code: 'CIRCUIT_HALF_OPEN_PROBE_IN_FLIGHT' });
  });

  it('goes by what holds for the tool', async () => {
    await using guarded = await Guarded.start({
      ...quick,
      tool_overrides: { frail: { consecutive_failure_threshold: 1 } },
    });
    await guarded.call('frail', true);
    await guarded.call('firm', true);

    expect(await guarded.begin('frail')).toMatchObject({ continueProcessing: false });
    expect(await guarded.begin('firm')).toMatchObject({ continueProcessing: true });
  });

  it('opens by the share of failures once there were calls enough, and forgets those that are over', async () => {
    await using guarded = await Guarded.start({ min_calls: 4, consecutive_failure_threshold: 100, window_seconds: 10 });
    for (const failed of [true, false, true]) await guarded.call('t', failed);
    guarded.clock.advance(10_001);
    const figures = (await guarded.call('t', true)).metadata;
    expect(figures).toMatchObject({ circuit_calls_in_window: 1, circuit_failure_rate: 1 });
    for (const failed of [false, false]) await guarded.call('t', failed);
    expect(await guarded.call('t', true)).toMatchObject({
      metadata: { circuit_failure_rate: 0.5, circuit_retry_after_seconds: 60, circuit_half_open: false },
    });
    expect(await guarded.begin('t')).toMatchObject({ violation: { code: 'CIRCUIT_OPEN' } });
  });

  it('is seen by inspectors, tool by tool', async () => {
    await using guarded = await Guarded.start(quick);
    const source = createLiveSource(guarded.manager);
    const reader = new ReaderOfFeed(source);
    const id = 'circuitBreaker:Guard/bad';
    await guarded.call('bad', true);
    reader.read();
    expect(reader.actor(id)).toMatchObject({ machine: 'circuitBreaker', name: 'Guard/bad', at: 'closed' });
    await guarded.call('bad', true);
    reader.read();
    expect(reader.actor(id)).toMatchObject({ at: 'open' });
    guarded.clock.advance(10_000);
    reader.read();
    expect(reader.actor(id)).toMatchObject({ at: 'halfOpen.waiting' });
    await guarded.begin('bad');
    reader.read();
    expect(reader.actor(id)).toMatchObject({ at: 'halfOpen.probing' });
    source.close();
  });

  it('keeps no more tools than it says, whatever names agents make up, and none that is open is forgotten', async () => {
    await using guarded = await Guarded.start(quick);
    const living = new Set<string>();
    guarded.manager.inspect((event) => {
      if (event.type !== '@xstate.snapshot') return;
      const id = String(Reflect.get(event.actorRef, 'id'));
      if (!id.startsWith('circuitBreaker:')) return;
      if (event.snapshot.status === 'active') living.add(id);
      else living.delete(id);
    });
    await guarded.call('bad', true);
    await guarded.call('bad', true);
    for (let index = 0; index < 1_200; index++) await guarded.call(`made up ${index}`, index % 3 === 0);

    expect(living.size).toBe(1_000);
    expect((await guarded.begin('bad')).violation?.code).toBe('CIRCUIT_OPEN');
  });

  it('refuses new tools while as many as it keeps are open', async () => {
    await using guarded = await Guarded.start({ consecutive_failure_threshold: 1, cooldown_seconds: 10 });
    for (let index = 0; index < 1_000; index++) await guarded.call(`t${index}`, true);

    expect((await guarded.begin('one more')).violation?.code).toBe('CIRCUIT_BREAKER_FULL');
    expect(await guarded.answer('one more', true, { requestId: 'x' })).toMatchObject({ continueProcessing: true });
    guarded.clock.advance(10_000);
    await guarded.call('t0', false);
    expect(await guarded.begin('one more')).toMatchObject({ continueProcessing: true });
  });

  it('leaves no timer behind', async () => {
    const guarded = await Guarded.start(quick);
    await guarded.call('bad', true);
    await guarded.call('bad', true);
    expect(guarded.clock.holding).toBe(0);
    await guarded.manager.close();

    expect(guarded.clock.size).toBe(0);
  });

  it.each([
    [{ error_rate_threshold: 1.5 }, 'config.error_rate_threshold: '],
    [{ min_calls: 0 }, 'config.min_calls: '],
    [{ cooldown: 3 }, 'config.cooldown: unknown key'],
    [{ tool_overrides: { t: { colour: 1 } } }, 'config.tool_overrides.t.colour: unknown key'],
  ])('refuses the configuration %j', async (config, message) => {
    const error = await rejection(managerOf('circuit-breaker', hooks, config));
    expect(error).toMatchObject({ code: 'PLUGIN_LOAD_FAILED', message: expect.stringContaining(message) });
  });

  it('takes whatever a tool answers, changes nothing of it, and never fails', async () => {
    await using guarded = await Guarded.start({
      consecutive_failure_threshold: 1_000_000,
      error_rate_threshold: 1,
      min_calls: 10_000,
    });
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.jsonValue(), async (name, result) => {
        const context = { requestId: 'r' };
        expect(await guarded.begin(name, context)).toMatchObject({
          continueProcessing: true,
          modifiedPayload: undefined,
        });
        const outcome = await guarded.manager.invokeHook('tool_post_invoke', { name, result }, context);
        expect(outcome).toMatchObject({ continueProcessing: true, modifiedPayload: undefined });
      }),
    );
  });
});

it('a server whose tool fails does not keep others from theirs of the same name', async () => {
  await using manager = await managerOf('circuit-breaker', hooks, { consecutive_failure_threshold: 1 });
  const codeOn = async (serverId: string | undefined): Promise<string | undefined> =>
    (await manager.invokeHook('tool_pre_invoke', { name: 'search', args: {} }, { requestId: 'r', serverId })).violation
      ?.code;

  const result = { content: [], isError: true };
  await manager.invokeHook('tool_post_invoke', { name: 'search', result }, { requestId: 'r', serverId: 'hostile' });
  await expect(codeOn('hostile')).resolves.toBe('CIRCUIT_OPEN');
  await expect(codeOn('other')).resolves.toBeUndefined();
  await expect(codeOn(undefined)).resolves.toBeUndefined();
});
