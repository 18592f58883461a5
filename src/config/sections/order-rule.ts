import { z } from 'zod';
import { serverKeys } from './configuration.js';
import { sharedPluginFields } from './plugin-entry.js';
import { describeConflict, orderConflicts, type OrderedPlugin } from './phase-order.js';
import type { ConfigRule } from './rule-context.js';
import { errorAt, warningAt } from '../problem.js';
import { asList, asRecord, isGiven, type Written } from '../written.js';

/**
 * The order that a start refuses, as far as it is written: what an external plugin leaves to its server, only a start can
 * know. A file with settings of a server is warned of: a server's plugins are called by name.
 */
export const checkOrder: ConfigRule = (config, _base, report) => {
  const plugins = asList(config['plugins']).flatMap((entry, index) => {
    const read = orderedPlugin(asRecord(entry));
    return read === undefined ? [] : [{ ...read, index }];
  });
  const isServer = serverKeys.some((key) => isGiven(config[key]));
  for (const conflict of orderConflicts(plugins)) {
    const path = ['plugins', conflict.early.index, 'mode'];
    report((isServer ? warningAt : errorAt)(path, describeConflict(conflict), 'value'));
  }
};

const ordered = z.object({
  name: z.string(),
  mode: sharedPluginFields.mode,
  priority: sharedPluginFields.priority,
  hooks: z.array(z.string()).nullish(),
});

function orderedPlugin(entry: Written): OrderedPlugin | undefined {
  if (entry['kind'] === 'external' && leavesOrderToServer(entry)) return undefined;
  const parsed = ordered.safeParse(entry);
  return parsed.success ? { ...parsed.data, hooks: parsed.data.hooks ?? [] } : undefined;
}

/** True for an external plugin whose place in its chains its server may decide. */
export function leavesOrderToServer(written: Written): boolean {
  return !['mode', 'priority', 'hooks'].every((key) => isGiven(written[key]));
}
