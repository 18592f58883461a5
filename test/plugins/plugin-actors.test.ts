import { describe, expect, it } from 'vitest';
import { type AnyActorRef, assign, setup } from 'xstate';
import { definePlugin, type PluginActors } from '../../src/index.js';
import { createLiveSource } from '../../src/inspect/live/watch/create-live-source.js';
import { createChainHarness, ManualClock } from '../../src/testing/index.js';
import { lampMachine } from '../fixtures/inspect/lamp-machine.js';
import { ReaderOfFeed } from '../fixtures/inspect/reader-of-feed.js';
import { start } from '../fixtures/manager/managers.js';
import { rejection } from '../fixtures/waiting.js';

const hooks = ['tool_pre_invoke'];

/** Rings once, after a while. */
const bellMachine = setup({
  types: { context: {} as { readonly ms: number; readonly rang: number }, input: {} as { readonly ms: number } },
  actions: { ring: assign({ rang: 1 }) },
  delays: { ringing: ({ context }) => context.ms },
}).createMachine({
  id: 'bell',
  context: ({ input }) => ({ ms: input.ms, rang: 0 }),
  initial: 'silent',
  states: { silent: { after: { ringing: { target: 'rung', actions: 'ring' } } }, rung: { type: 'final' } },
});

/** A plugin that keeps a lamp, and what it was given of the place for it. */
function keeper() {
  const seen: { actors: PluginActors; lamp: AnyActorRef }[] = [];
  const plugin = definePlugin({
    hooks: { tool_pre_invoke: () => undefined },
    initialize: ({ actors }) => void seen.push({ actors, lamp: actors.start(lampMachine, 'hall', undefined) }),
  });
  return { plugin, seen };
}

describe('the actors of a plugin', () => {
  it('are on the inspector’s feed, under the names of plugin and actor', async () => {
    const { plugin, seen } = keeper();
    await using harness = await createChainHarness({ plugins: [{ name: 'Keeper', plugin, hooks }] });
    const source = createLiveSource(harness.manager);
    const reader = new ReaderOfFeed(source);
    seen[0]?.lamp.send({ type: 'switch' });
    reader.read();

    expect(reader.actor('lamp:Keeper/hall')).toMatchObject({ machine: 'lamp', name: 'Keeper/hall', kind: 'other' });
    expect(reader.statesOf('lamp:Keeper/hall')).not.toHaveLength(0);
    source.close();
  });

  it('are told to inspectors', async () => {
    const { plugin, seen } = keeper();
    await using harness = await createChainHarness({ plugins: [{ name: 'Keeper', plugin, hooks }] });
    const heard: string[] = [];
    harness.manager.inspect((event) => {
      if (event.type === '@xstate.event')
        heard.push(`${String(Reflect.get(event.actorRef, 'id'))} ${event.event.type}`);
    });
    seen[0]?.lamp.send({ type: 'switch' });

    expect(heard).toContain('lamp:Keeper/hall switch');
  });

  it('go by the clock of the manager, and hold nothing open', async () => {
    const plugin = definePlugin({
      hooks: { tool_pre_invoke: () => undefined },
      initialize: ({ actors }) => void (bell = actors.start(bellMachine, 'door', { ms: 500 })),
    });
    let bell: AnyActorRef | undefined;
    await using harness = await createChainHarness({ plugins: [{ name: 'Bell', plugin, hooks }] });

    expect(bell?.getSnapshot().value).toBe('silent');
    expect(harness.clock.holding).toBe(0);
    harness.clock.advance(500);
    expect(bell?.getSnapshot()).toMatchObject({ value: 'rung', status: 'done' });
  });

  it('live on where a reload keeps the plugin, and end where it does not', async () => {
    const { plugin, seen } = keeper();
    const entry = (config: object) => ({ plugins: [{ name: 'Keeper', kind: 'keeper', hooks, config }] });
    const manager = await start({ config: entry({}), kinds: { keeper: plugin } });
    await manager.reload({ ...entry({}), plugin_settings: { plugin_timeout: 7 } });
    expect(seen.map(({ lamp }) => lamp.getSnapshot().status)).toEqual(['active']);

    await manager.reload(entry({ other: true }));
    expect(seen.map(({ lamp }) => lamp.getSnapshot().status)).toEqual(['stopped', 'active']);
    await manager.close();
    expect(seen.map(({ lamp }) => lamp.getSnapshot().status)).toEqual(['stopped', 'stopped']);
  });

  it('end with a plugin that throws while it starts, or while it shuts down', async () => {
    const made: AnyActorRef[] = [];
    const failing = (at: 'initialize' | 'shutdown') =>
      definePlugin({
        hooks: { tool_pre_invoke: () => undefined },
        initialize: ({ actors }) => {
          made.push(actors.start(lampMachine, 'hall', undefined));
          if (at === 'initialize') throw new Error('no');
        },
        shutdown: () => {
          throw new Error('no');
        },
      });
    const config = { plugins: [{ name: 'Fails', kind: 'fails', hooks }] };
    await rejection(start({ config, kinds: { fails: failing('initialize') } }));
    const manager = await start({ config, kinds: { fails: failing('shutdown') } });
    expect(made.map((actor) => actor.getSnapshot().status)).toEqual(['stopped', 'active']);
    await manager.close();

    expect(made.map((actor) => actor.getSnapshot().status)).toEqual(['stopped', 'stopped']);
  });

  it('end with the manager where the plugin hangs as it shuts down', async () => {
    const made: AnyActorRef[] = [];
    const plugin = definePlugin({
      hooks: { tool_pre_invoke: () => undefined },
      initialize: ({ actors }) => void made.push(actors.start(bellMachine, 'door', { ms: 1e9 })),
      shutdown: () => new Promise<void>(() => {}),
    });
    const clock = new ManualClock();
    const config = { plugins: [{ name: 'Hangs', kind: 'hangs', hooks }] };
    const manager = await start({ config, kinds: { hangs: plugin }, clock, shutdownTimeoutMs: 100 });
    const closed = manager.close();
    await clock.run(100);
    await closed;

    expect(made.map((actor) => actor.getSnapshot().status)).toEqual(['stopped']);
    expect(clock.size).toBe(0);
  });

  it('cannot be started any more once the plugin has shut down', async () => {
    const { plugin, seen } = keeper();
    await using harness = await createChainHarness({ plugins: [{ name: 'Keeper', plugin, hooks }] });
    await harness.close();

    expect(() => seen[0]?.actors.start(lampMachine, 'late', undefined)).toThrow(
      'Plugin Keeper has shut down; it can start no more actors.',
    );
  });

  it('may be one of several of a name', async () => {
    const { plugin, seen } = keeper();
    await using harness = await createChainHarness({ plugins: [{ name: 'Keeper', plugin, hooks }] });
    const other = seen[0]?.actors.start(lampMachine, 'hall', undefined);
    other?.send({ type: 'switch' });

    expect(other?.getSnapshot().value).toMatchObject({ power: 'on' });
    expect(seen[0]?.lamp.getSnapshot().value).toMatchObject({ power: 'off' });
    await harness.close();
    expect(other?.getSnapshot().status).toBe('stopped');
  });
});
