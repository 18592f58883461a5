import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { definePlugin } from '../../src/index.js';
import { reloadPlan } from '../../src/manager/reload/reload-plan.js';
import { loadConfig } from '../../src/config/load-config.js';
import { PluginRegistry } from '../../src/plugins/plugin-registry.js';
import { HookRegistry } from '../../src/hooks/hook-registry.js';
import { HookChains } from '../../src/invocation/hook-chains.js';
import { emptyGeneration } from '../../src/manager/reload/plugin-generation.js';
import { recordingLogger } from '../fixtures/recording-logger.js';
import { start, untypedConfig } from '../fixtures/manager/managers.js';

const many = 100;
/** Plugins that a manager starts, or ends, in one turn of the event loop. */
const inOneTurn = 8;
const names = Array.from({ length: many }, (_, index) => `plugin-${index}`);

/** Plugins that tell when they begin and end, and in which turn of the event loop. */
function told() {
  const [begun, ended, endedIn]: [{ name: string; turn: number }[], string[], number[]] = [[], [], []];
  let turn = 0;
  const Told = definePlugin({
    hooks: { tool_pre_invoke: () => undefined },
    initialize: ({ name }) => {
      begun.push({ name, turn });
      if (name.startsWith('bad')) throw new Error('no');
    },
    shutdown: ({ name }) => {
      ended.push(name);
      endedIn.push(turn);
    },
  });
  const entry = (name: string): object => ({ name, kind: 'Told', hooks: ['tool_pre_invoke'] });
  const count = (): void => {
    turn++;
    counting = setImmediate(count);
  };
  let counting = setImmediate(count);
  return {
    begun,
    ended,
    /** The turn in which each of them ended. */
    endedIn,
    kinds: { Told },
    plugins: (list: readonly string[]) => ({ plugins: list.map(entry) }),
    stop: () => clearImmediate(counting),
  };
}

/** The most that was done in one turn. */
function mostInOne(turns: readonly number[]): number {
  return Math.max(...turns.map((turn) => turns.filter((one) => one === turn).length));
}

describe('a manager with many plugins', () => {
  it('starts them in their order, and lets the event loop go on after a few', async () => {
    const { begun, kinds, plugins, stop } = told();
    await using manager = await start({ kinds, config: plugins(names) });
    stop();
    expect(begun.map(({ name }) => name)).toEqual(names);
    expect(manager.pluginNames).toEqual(names);
    expect(mostInOne(begun.map(({ turn }) => turn))).toBeLessThanOrEqual(inOneTurn);
  });

  it('ends them in their order, and lets the event loop go on after a few, when it is closed', async () => {
    const { ended, endedIn, kinds, plugins, stop } = told();
    const manager = await start({ kinds, config: plugins(names) });
    await manager.close();
    stop();
    expect(ended).toEqual(names);
    expect(mostInOne(endedIn)).toBeLessThanOrEqual(inOneTurn);
  });

  it('ends those that a reload takes out in their order, and lets the event loop go on after a few', async () => {
    const { ended, endedIn, kinds, plugins, stop } = told();
    await using manager = await start({ kinds, config: plugins(names) });
    expect((await manager.reload(untypedConfig(plugins(names.slice(90))))).removed).toEqual(names.slice(0, 90));
    stop();
    expect(ended).toEqual(names.slice(0, 90));
    expect(mostInOne(endedIn)).toBeLessThanOrEqual(inOneTurn);
  });

  it('shuts down those that started, and starts no more, when it is closed meanwhile', async () => {
    for (const turnsBefore of [0, 1, 3, 5]) {
      const { begun, ended, kinds, plugins, stop } = told();
      const manager = await start({ kinds, config: plugins([]) });
      const reload = manager.reload(untypedConfig(plugins(names)));
      const refused = expect(reload).rejects.toMatchObject({ code: 'MANAGER_CLOSED' });
      for (let turn = 0; turn < turnsBefore; turn++) await nextTurn();
      await manager.close();
      await refused;
      const started = begun.map(({ name }) => name);
      expect(started.length).toBeLessThan(many);
      expect(ended.toSorted()).toEqual(started.toSorted());
      for (let turn = 0; turn < 20; turn++) await nextTurn();
      expect(begun).toHaveLength(started.length);
      stop();
    }
  });

  it('shuts all down when one of the first cannot be started', async () => {
    const { begun, ended, endedIn, kinds, plugins, stop } = told();
    const failing = start({ kinds, config: plugins(['bad', ...names]) });
    await expect(failing).rejects.toMatchObject({ code: 'PLUGIN_LOAD_FAILED' });
    stop();
    expect(begun).toHaveLength(many + 1);
    expect(ended.toSorted()).toEqual(names.toSorted());
    expect(mostInOne(endedIn)).toBeLessThanOrEqual(inOneTurn);
  });

  it('carries out reloads one after the other, though each takes several turns', async () => {
    const { begun, ended, kinds, plugins, stop } = told();
    await using manager = await start({ kinds, config: plugins([]) });
    const [first, second] = [
      manager.reload(untypedConfig(plugins(names))),
      manager.reload(untypedConfig(plugins(names.slice(50)))),
    ];
    expect((await first).added).toEqual(names);
    expect(await second).toMatchObject({ removed: names.slice(0, 50), unchanged: names.slice(50) });
    stop();
    expect(begun).toHaveLength(many);
    expect(ended.toSorted()).toEqual(names.slice(0, 50).toSorted());
  });
});

describe('a change of one plugin among many that do not run', () => {
  it('looks at each of them a few times, however many there are', () => {
    const entries = names.map((name) => ({ name, kind: 'Told', hooks: ['tool_pre_invoke'], mode: 'disabled' }));
    const { config } = loadConfig({ plugins: entries }, { env: {} });
    let reads = 0;
    const configs = config.plugins.map((entry) => ({
      ...entry,
      get name() {
        reads++;
        return entry.name;
      },
    }));
    const hooks = new HookRegistry();
    const chains = { policies: {}, defaultPolicy: 'allow' as const, logger: recordingLogger() };
    const before = emptyGeneration(
      config,
      (plugins, { settings }) =>
        new HookChains(hooks, new PluginRegistry(plugins, settings), { ...chains, manager: settings }),
    );
    const plan = reloadPlan({ ...before, configs }, config, config.plugins, 'plugin-0');
    expect(plan.entries.map(({ step }) => step)).toEqual(['off', ...names.slice(1).map(() => 'leave')]);
    expect(reads).toBeLessThanOrEqual(2 * many);
  });
});
