import { modeTraits, type PluginModeName, pluginModeNames } from '../../../../config/sections/plugin-modes.js';
import { type ModeRights, pluginModes } from '../../../../plugins/plugin-mode.js';
import type { PluginState } from '../../feed/feed-states.js';
import type { Order } from '../parts/control-order.js';

/** What can be done with a plugin as it stands now; undefined where nothing can. */
export function switchOrder(plugin: PluginState): Order | undefined {
  const { name, at } = plugin;
  const [first, second] = at.split('.');
  if (first !== 'running') return undefined;
  if (second === 'disabled') {
    return {
      label: 'Enable',
      title: `Enable ${name}?`,
      request: { do: 'enable', plugin: name, expect: at },
      consequence: `${name} takes part in its chains again, from the next invocation on.`,
      grave: false,
    };
  }
  return {
    label: 'Disable',
    title: `Disable ${name}?`,
    request: { do: 'disable', plugin: name, expect: at },
    consequence: `Chains leave ${name} out until somebody enables it: what it would block goes through.`,
    grave: true,
  };
}

/** The other modes that a plugin can be given, those of the generation that it has; none where its mode is not known. */
export function otherModes({ mode }: PluginState): readonly PluginModeName[] {
  const current = pluginModeNames.find((name) => name === mode);
  if (current === undefined) return [];
  const { generation } = modeTraits[current];
  const isOffered = (name: PluginModeName): boolean =>
    current === 'disabled' || name === 'disabled' || modeTraits[name].generation === generation;
  return pluginModeNames.filter((name) => name !== current && isOffered(name));
}

export function modeOrder({ name, at, mode }: PluginState, to: PluginModeName): Order {
  const before = pluginModeNames.find((one) => one === mode);
  const lost = before === undefined ? [] : lostRights(pluginModes[before], pluginModes[to]);
  const means = to === 'disabled' ? 'it is shut down, and its chains go without it' : lostText(lost);
  return {
    label: `Set to ${to}`,
    title: `Set ${name} to ${to}?`,
    request: { do: 'setMode', plugin: name, mode: to, expect: at },
    consequence: `${name} goes from ${mode} to ${to}: ${means}.`,
    grave: to === 'disabled' || lost.length > 0,
  };
}

function lostRights(before: ModeRights, after: ModeRights): readonly string[] {
  return [
    ...(before.mayBlock && !after.mayBlock ? ['block'] : []),
    ...(before.mayModify && !after.mayModify ? ['change a payload'] : []),
  ];
}

function lostText(lost: readonly string[]): string {
  return lost.length === 0 ? 'from the next invocation on' : `it can no longer ${lost.join(' or ')}`;
}

export const reloadOrder: Order = {
  label: 'Reload',
  title: 'Reload the configuration?',
  request: { do: 'reload' },
  consequence: 'The configuration is read again. It takes effect as a whole, or not at all if anything in it is wrong.',
  grave: false,
};
