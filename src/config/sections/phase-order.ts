import { modeTraits, type PluginModeName } from './plugin-modes.js';

/** What decides when a plugin runs. */
export interface OrderedPlugin {
  readonly name: string;
  readonly mode: PluginModeName;
  readonly priority: number;
  readonly hooks: readonly string[];
}

/** Two plugins on one hook that would run in the wrong order. */
export interface OrderConflict<Plugin extends OrderedPlugin> {
  readonly hook: string;
  /** Runs first here, by its priority. */
  readonly early: Plugin;
  /** Runs first in `cpex`, by the phase of its mode. */
  readonly late: Plugin;
}

/**
 * Where plugins would run in another order than in `cpex`, which runs its modes in phases and goes by priority only within
 * a phase: the first such pair of each hook. Hooks on which only modes of 1.0.0 are have none.
 *
 * @param plugins in the order of the configuration
 */
export function orderConflicts<Plugin extends OrderedPlugin>(plugins: readonly Plugin[]): OrderConflict<Plugin>[] {
  const conflicts: OrderConflict<Plugin>[] = [];
  const running = plugins.filter(({ mode }) => modeTraits[mode].phase !== undefined);
  const inOrder = [...running].sort((a, b) => a.priority - b.priority);
  const chains = new Map<string, Plugin[]>();
  for (const plugin of inOrder) {
    for (const hook of new Set(plugin.hooks)) {
      const chain = chains.get(hook);
      if (chain === undefined) chains.set(hook, [plugin]);
      else chain.push(plugin);
    }
  }
  for (const [hook, chain] of chains) {
    if (!chain.some(({ mode }) => modeTraits[mode].generation === 'cpex')) continue;
    const at = chain.findIndex((plugin, index) => index > 0 && phaseOf(plugin) < phaseOf(chain[index - 1]));
    const [early, late] = [chain[at - 1], chain[at]];
    if (early !== undefined && late !== undefined) conflicts.push({ hook, early, late });
  }
  return conflicts;
}

/** In a sentence, with what to do about it. */
export function describeConflict({ hook, early, late }: OrderConflict<OrderedPlugin>): string {
  const named = ({ name, mode, priority }: OrderedPlugin): string => `${name} (${mode}, priority ${priority})`;
  return (
    `on ${hook} plugin ${named(early)} would run before ${named(late)}, which modes of cpex run the other way round, ` +
    'whatever the priorities; phases are not supported yet, so give priorities that have the same order'
  );
}

function phaseOf(plugin: OrderedPlugin | undefined): number {
  return plugin === undefined ? 0 : (modeTraits[plugin.mode].phase ?? 0);
}
