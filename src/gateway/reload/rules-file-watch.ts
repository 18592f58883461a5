import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { lookAt } from '../../config/reload/config-watch.js';
import { expandHome } from '../../config/source/path-base.js';
import type { RulesSource } from './rules-in-force.js';

/** A rules file that is to be followed. */
export interface FollowedRules {
  readonly file: string;
  /** What it looked like before it was read. */
  readonly seen: string | undefined;
}

/** The file that rules come from, as it is now; undefined for rules that are data, and for none. */
export function rulesFileOf(source: RulesSource | undefined): FollowedRules | undefined {
  if (typeof source !== 'string' && !(source instanceof URL)) return undefined;
  const file = typeof source === 'string' ? resolve(expandHome(source)) : fileURLToPath(source);
  return { file, seen: lookAt(file) };
}
