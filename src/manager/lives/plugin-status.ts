import type { SnapshotFrom } from 'xstate';
import type { pluginMachine } from '../../../machines/index.js';
import type { PluginModeName } from '../../config/sections/plugin-modes.js';
import { dotted } from '../../connection/connection-states.js';
import { msUntil } from '../../time/duration.js';

/** Where a plugin of a manager is, and why. */
export interface PluginStatus {
  readonly name: string;
  /** The mode in force: the one of its entry, unless it was set while the manager ran. */
  readonly mode: PluginModeName;
  /**
   * State of `machines/plugin.machine.ts`, nested states with dots: `running.enabled`, `running.disabled.coolingDown`,
   * `retiring`. Or `off`: it was not started, since its mode or its server says that it does not run; `failed`: it could
   * not be started, and `skip_unloadable_plugins` let the rest go on.
   */
  readonly state: string;
  /** Milliseconds it has been in that state, where it runs. */
  readonly forMs: number | undefined;
  /** Why it is disabled, or could not start; undefined also where somebody disabled it. */
  readonly error: Error | undefined;
  /** Milliseconds until the state's timer is due, where it has one. */
  readonly nextTimerInMs: number | undefined;
}

/** What of it its life knows. */
export type PluginCondition = Omit<PluginStatus, 'name' | 'mode'>;

export function conditionOf(
  { value, context }: SnapshotFrom<typeof pluginMachine>,
  since: number,
  now: number,
): PluginCondition {
  return {
    state: dotted(value),
    forMs: now - since,
    error: context.error,
    nextTimerInMs: msUntil(context.dueAt, now),
  };
}
