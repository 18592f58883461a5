import type { PluginState } from '../../feed/feed-states.js';

/** How a plugin stands, whatever sub-state it is in. */
export type PluginStanding = 'runs' | 'off' | 'starts' | 'ends' | 'failed';

export function standingOf({ at, mode }: PluginState): PluginStanding {
  const [first, second] = at.split('.');
  if (first === 'failed') return 'failed';
  if (first === 'off' || second === 'disabled' || mode === 'disabled') return 'off';
  if (first === 'running') return 'runs';
  return first === 'loading' ? 'starts' : 'ends';
}

/** The state in words: `runs`, `off after an error`. */
export function stateText(plugin: PluginState): string {
  switch (standingOf(plugin)) {
    case 'runs':
      return 'runs';
    case 'starts':
      return 'is starting';
    case 'ends':
      return plugin.at.startsWith('stopped') ? 'stopped' : 'is ending';
    case 'failed':
      return 'could not be loaded';
    case 'off':
      return offText(plugin);
  }
}

function offText({ at, error, mode }: PluginState): string {
  if (at.endsWith('.trial')) return 'off, one call tries it';
  if (at.endsWith('.rested')) return 'off, the next call tries it';
  if (error !== undefined) return 'off after an error';
  return mode === 'disabled' ? 'off by its mode' : 'off';
}

/** The verdict over all: `10 plugins run, 1 is off.` */
export function pluginsVerdict(plugins: readonly PluginState[]): string {
  if (plugins.length === 0) return 'No plugin is configured.';
  const counts = new Map<PluginStanding, number>();
  for (const plugin of plugins) counts.set(standingOf(plugin), (counts.get(standingOf(plugin)) ?? 0) + 1);
  const count = (standing: PluginStanding): number => counts.get(standing) ?? 0;
  const runs = count('runs');
  const sentence = [
    `${runs === 0 ? 'No' : runs} ${runs === 1 ? 'plugin runs' : runs === 0 ? 'plugin runs' : 'plugins run'}`,
    ...(count('off') > 0 ? [`${count('off')} ${count('off') === 1 ? 'is' : 'are'} off`] : []),
    ...(count('failed') > 0 ? [`${count('failed')} could not be loaded`] : []),
    ...(count('starts') > 0 ? [`${count('starts')} ${count('starts') === 1 ? 'is' : 'are'} starting`] : []),
    ...(count('ends') > 0 ? [`${count('ends')} ${count('ends') === 1 ? 'is' : 'are'} ending`] : []),
  ];
  return `${sentence.join(', ')}.`;
}

/** In the order in which they run; those that never do stand where they would. */
export function inOrder(plugins: readonly PluginState[]): readonly PluginState[] {
  return plugins.toSorted((one, other) => one.place - other.place);
}
