import { accessOf } from '../extensions/extension-access.js';
import { mergeExtensions } from '../extensions/extension-merge.js';
import { viewOf } from '../extensions/extension-view.js';
import type { Extensions } from '../extensions/extensions.js';
import type { LoadedPlugin } from '../plugins/plugin.js';
import type { ChainPlugin } from '../plugins/plugin-registry.js';
import type { ChainDraft, MergeRules } from './chain-state.js';

/** What a plugin is shown of the extensions: as far as its capabilities let it see, and nothing where it is elsewhere. */
export function shownExtensions({ config }: LoadedPlugin, extensions: Extensions | undefined): Extensions | undefined {
  if (extensions === undefined || config.kind === 'external') return undefined;
  return viewOf(extensions, accessOf(config.capabilities));
}

/** Puts what a plugin wrote to the extensions into the chain; what it may not write is warned of and left out. */
export function mergeWrittenExtensions(
  chain: ChainDraft,
  written: Extensions,
  plugin: ChainPlugin,
  rules: MergeRules,
): void {
  const { config, rights } = plugin;
  const shown = shownExtensions(plugin, chain.extensions);
  const { extensions, refused } = mergeExtensions(chain.extensions, shown, written, accessOf(config.capabilities));
  if (!rights.mayModify) {
    if (extensions !== chain.extensions || refused.length > 0) warnOfIgnoredWrites(plugin, rules);
    return;
  }
  if (refused.length > 0) rules.warn(plugin, `not all that it wrote to the extensions is taken: ${refused.join('; ')}`);
  chain.extensions = extensions;
}

/** Says that a plugin's mode keeps it from changing extensions. */
export function warnOfIgnoredWrites(plugin: ChainPlugin, rules: MergeRules): void {
  rules.warn(plugin, `its mode ${plugin.config.mode} may not change extensions; what it wrote to them is ignored`);
}
