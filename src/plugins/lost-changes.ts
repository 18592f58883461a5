import { modeTraits, pluginModeNames, type PluginModeName } from '../config/sections/plugin-modes.js';
import type { PluginInstance } from './plugin.js';
import { pluginModes } from './plugin-mode.js';

/**
 * What is lost of a plugin that changes payloads in a mode that takes no change, and what to write instead: words that
 * follow its name. Undefined where nothing is lost, also because it never runs.
 */
export function lostChanges(plugin: Pick<PluginInstance, 'changesPayloads'>, mode: PluginModeName): string | undefined {
  if (!losesChanges(mode) || !changes(plugin)) return undefined;
  const others = pluginModeNames
    .filter((name) => pluginModes[name].mayModify && modeTraits[name].generation === modeTraits[mode].generation)
    .map((name) => `\`mode: ${name}\``);
  const taken = pluginModes[mode].mayBlock ? 'no change is taken' : 'neither a change nor a block is taken';
  return `changes payloads, and in \`mode: ${mode}\` ${taken}: what it would mask, replace or remove passes as it came; write ${others.join(' or ')}`;
}

/** Whether a plugin runs in this mode and what it changes is not taken. */
export function losesChanges(mode: PluginModeName): boolean {
  const { mayModify, schedule } = pluginModes[mode];
  return !mayModify && schedule !== 'never';
}

/** Of a plugin that cannot say it the worse is assumed. */
function changes(plugin: Pick<PluginInstance, 'changesPayloads'>): boolean {
  try {
    const answer: unknown = plugin.changesPayloads?.() ?? false;
    return answer !== false;
  } catch {
    return true;
  }
}
