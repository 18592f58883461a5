import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Supervisor } from '../../actors/supervisor.js';
import { type ConfigWatch, lookAt, watchConfig } from '../../config/reload/config-watch.js';
import { expandHome } from '../../config/source/path-base.js';
import { messageOf } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import type { Clock } from '../../time/clock.js';
import type { RulesInForce, RulesSource } from './rules-in-force.js';

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

export interface RulesFileWatchDependencies {
  readonly rules: RulesInForce;
  readonly system: Supervisor;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Puts a file of rules in force whenever it changes. One that cannot be used changes nothing, and is told. */
export function followRules({ file, seen }: FollowedRules, dependencies: RulesFileWatchDependencies): ConfigWatch {
  const { rules, system, clock, logger } = dependencies;
  const reload = (): Promise<void> => {
    try {
      rules.reload();
      logger.info({ file }, 'other rules are in force');
    } catch (error) {
      logger.error({ file }, `the old rules stay in force: ${messageOf(error)}`);
    }
    return Promise.resolve();
  };
  return watchConfig({ file, seen, reload, system, clock, logger });
}
