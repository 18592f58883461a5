import { isDeepStrictEqual } from 'node:util';
import type { ConfigIssue } from '../../config/config-issue.js';
import type { Config } from '../../config/sections/configuration.js';
import type { ManagerSettings } from '../../config/sections/plugin-settings.js';

type ServerSection = ReloadReport['restartNeeded'][number];

/** The sections of servers, by what they say. */
const sections: Readonly<Record<ServerSection, (config: Config) => unknown>> = {
  server_settings: ({ server }) => server,
  grpc_server_settings: ({ grpcServer }) => grpcServer,
  unix_socket_server_settings: ({ unixSocketServerPath, unixSocketServerLimits, unixSocketServerExposeConfig }) => [
    unixSocketServerPath,
    unixSocketServerLimits,
    unixSocketServerExposeConfig,
  ],
};

/** What a reload did, by the names of plugins in the order of their entries. Frozen. */
export interface ReloadReport {
  /** They run, and did not before. */
  readonly added: readonly string[];
  /** They ran, and do no more: their entries are gone, or say `mode: disabled`. */
  readonly removed: readonly string[];
  /** They were started anew, because what they start with has changed. */
  readonly replaced: readonly string[];
  /** The same instances go on, in another mode, order, or whatever else takes no start. */
  readonly changed: readonly string[];
  /** The same instances go on, and nothing has changed for them. */
  readonly unchanged: readonly string[];
  /** They could not be started, and `skip_unloadable_plugins` lets the rest go on. */
  readonly skipped: readonly string[];
  /** Those of `plugin_settings` that changed, by their names in {@link ManagerSettings}. */
  readonly settings: readonly (keyof ManagerSettings)[];
  /** Sections that changed and have no effect until the process that serves the plugins is started again. */
  readonly restartNeeded: readonly ('server_settings' | 'grpc_server_settings' | 'unix_socket_server_settings')[];
  /** What in the configuration has no effect. */
  readonly warnings: readonly ConfigIssue[];
}

/** What became of the plugins. */
export type PluginChanges = Pick<ReloadReport, 'added' | 'removed' | 'replaced' | 'changed' | 'unchanged' | 'skipped'>;

export function reloadReport(
  changes: PluginChanges,
  before: Config,
  after: Config,
  warnings: readonly ConfigIssue[],
): ReloadReport {
  const { added, removed, replaced, changed, unchanged, skipped } = changes;
  return Object.freeze({
    added: Object.freeze([...added]),
    removed: Object.freeze([...removed]),
    replaced: Object.freeze([...replaced]),
    changed: Object.freeze([...changed]),
    unchanged: Object.freeze([...unchanged]),
    skipped: Object.freeze([...skipped]),
    settings: Object.freeze(changedSettings(before.settings, after.settings)),
    restartNeeded: Object.freeze(changedSections(before, after)),
    warnings: Object.freeze(warnings.map((warning) => Object.freeze({ ...warning }))),
  });
}

/** In a line, for the log. */
export function reportText(report: ReloadReport): string {
  const counts = (['added', 'removed', 'replaced', 'changed', 'unchanged', 'skipped'] as const)
    .filter((what) => report[what].length > 0)
    .map((what) => `${report[what].length} ${what}`);
  return counts.length === 0 ? 'no plugin runs' : counts.join(', ');
}

function changedSettings(before: ManagerSettings, after: ManagerSettings): (keyof ManagerSettings)[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof ManagerSettings>;
  return [...keys].filter((key) => !isDeepStrictEqual(before[key], after[key]));
}

function changedSections(before: Config, after: Config): ServerSection[] {
  const names = Object.keys(sections) as ServerSection[];
  return names.filter((name) => !isDeepStrictEqual(sections[name](before), sections[name](after)));
}
