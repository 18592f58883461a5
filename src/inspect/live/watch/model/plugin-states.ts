import type { PluginConfig } from '../../../../config/sections/plugin-entry.js';
import type { ManagerDependencies } from '../../../../manager/manager-dependencies.js';
import { rightsOf } from '../../../../plugins/plugin-mode.js';
import type { ActorState, PluginState } from '../../feed/feed-states.js';
import type { PluginFigures } from '../invocations/plugin-figures.js';
import { phaseOf } from '../invocations/step-details.js';
import { connectionError } from '../redaction/shown-errors.js';
import { shownName } from '../redaction/shown-text.js';
import { rounded } from './latencies.js';

export interface PluginStateDependencies {
  readonly now: () => number;
  readonly figures: PluginFigures;
  /** The row of a plugin's actor, or of its connection. */
  readonly actorOf: (id: string) => ActorState | undefined;
  readonly sourceOf: (plugin: string) => string | undefined;
  readonly withoutSecrets: (name: string, text: string) => string;
}

/** The plugins of a manager, in the order in which they run. */
export function pluginStates({ inForce }: ManagerDependencies, dependencies: PluginStateDependencies): PluginState[] {
  const { configs, config } = inForce.current;
  const byName = new Map(configs.map((entry) => [entry.name, entry]));
  const rows = inForce.statuses().flatMap((status) => {
    const entry = byName.get(status.name);
    return entry === undefined ? [] : [{ status, entry, rights: rightsOf(entry, config.settings) }];
  });
  rows.sort((one, other) => one.rights.phase - other.rights.phase || one.entry.priority - other.entry.priority);
  const seen = new Set<string>();
  const t = dependencies.now();
  return rows.flatMap(({ status, entry, rights }, place): PluginState[] => {
    // One that is on its way out has the name of the one in its place.
    if (seen.has(status.name)) return [];
    seen.add(status.name);
    const actor = dependencies.actorOf(`plugin:${status.name}`);
    const { timer } = actor ?? {};
    return [
      {
        name: shownName(status.name),
        kind: shownName(entry.kind),
        mode: rights.mode,
        at: status.state,
        ...sinceOf(actor, status.forMs, t),
        ...(timer !== undefined && { timer }),
        ...errorOf(status, actor, t, dependencies),
        hooks: entry.hooks.map(shownName),
        priority: entry.priority,
        phase: phaseOf(rights.phase),
        place,
        ...placeOf(entry, dependencies),
        ...dependencies.figures.of(status.name, t),
      },
    ];
  });
}

function sinceOf(actor: ActorState | undefined, forMs: number | undefined, t: number): Pick<PluginState, 'since'> {
  if (actor !== undefined) return { since: actor.since };
  return forMs === undefined ? {} : { since: Math.round(t - forMs) };
}

function errorOf(
  { name, error }: { readonly name: string; readonly error: Error | undefined },
  actor: ActorState | undefined,
  t: number,
  { withoutSecrets }: PluginStateDependencies,
): Pick<PluginState, 'error'> {
  if (error === undefined) return {};
  return { error: connectionError(error, actor?.error?.t ?? rounded(t), (text) => withoutSecrets(name, text)) };
}

function placeOf(
  { name, version, kind }: PluginConfig,
  { actorOf, sourceOf }: PluginStateDependencies,
): Pick<PluginState, 'version' | 'source' | 'connection'> {
  const source = sourceOf(name);
  const connection = kind === 'external' ? actorOf(`connection:${name}`)?.id : undefined;
  return {
    ...(version !== undefined && { version: shownName(version) }),
    ...(source !== undefined && { source }),
    ...(connection !== undefined && { connection }),
  };
}
