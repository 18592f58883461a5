import { messageOf } from '../errors.js';
import type { PluginResult } from '../hooks/hook-result.js';
import { frozenCopy } from '../hooks/payload-copy.js';
import type { ChainPlugin } from '../plugins/plugin-registry.js';
import type { MergeRules } from './chain-state.js';
import { denialIn, requireReadableDecision } from './modification-merge.js';
import { violationOf } from './result-merge.js';

/**
 * A result that is merged later, when its plugin may have gone on writing to what it answered: in copies.
 *
 * @throws what parts of it throw that cannot be copied, or are a decision that cannot be read. Not where the plugin blocks:
 * then they are left out
 */
export function heldResult(result: PluginResult, plugin: ChainPlugin, rules: MergeRules): PluginResult {
  const blocks = result.continueProcessing === false && plugin.rights.mayBlock;
  const held = (part: string, value: unknown): unknown => {
    try {
      return value === undefined ? undefined : frozenCopy(value).value;
    } catch (error) {
      if (!blocks) throw error;
      rules.warn(plugin, `it blocks, and its ${part} is left out: ${messageOf(error)}`);
      return undefined;
    }
  };
  const { metadata, httpHeaders, modifiedPayload, violation } = result;
  if (!blocks) requireReadableDecision(modifiedPayload, plugin, rules);
  return {
    ...result,
    metadata: held('metadata', metadata) as PluginResult['metadata'],
    httpHeaders: held('httpHeaders', httpHeaders) as PluginResult['httpHeaders'],
    // Of a modification nothing is taken but a denial.
    modifiedPayload: denialIn(modifiedPayload, rules)?.result ?? modifiedPayload,
    violation: violation === undefined ? undefined : violationOf(plugin.name, violation),
  };
}
