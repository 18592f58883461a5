import type { PluginModeName } from '../config/sections/plugin-modes.js';

/** What a plugin in some mode may do to the chain. */
export interface ModeCapabilities {
  /** When its result says stop, the chain stops. */
  readonly mayBlock: boolean;
  /** The modification of a result that says stop still counts. */
  readonly keepsModificationOfBlock: boolean;
  /** Its modified payload is taken. */
  readonly mayModify: boolean;
  /** What it writes to the global state and metadata is seen by others. */
  readonly mergesState: boolean;
  /** Its errors and time-outs end the chain. */
  readonly raisesErrors: boolean;
  /** A block may be raised as an exception, where the caller asks for that. */
  readonly raisesViolations: boolean;
  /** When it runs: in its turn, or not at all. */
  readonly schedule: 'inTurn' | 'never';
}

const enforce: ModeCapabilities = {
  mayBlock: true,
  keepsModificationOfBlock: false,
  mayModify: true,
  mergesState: true,
  raisesErrors: true,
  raisesViolations: true,
  schedule: 'inTurn',
};

const permissive: ModeCapabilities = {
  mayBlock: false,
  keepsModificationOfBlock: true,
  mayModify: true,
  mergesState: false,
  raisesErrors: false,
  raisesViolations: false,
  schedule: 'inTurn',
};

/**
 * Every mode, as a row. The first four are those of the framework's 1.0.0; the others come with configurations of cpex
 * servers. `concurrent` and `fire_and_forget` run in their turn here; a configuration in which that is not the order of
 * their phases does not start.
 */
export const pluginModes: Readonly<Record<PluginModeName, ModeCapabilities>> = {
  enforce,
  enforce_ignore_error: { ...enforce, keepsModificationOfBlock: true, raisesErrors: false, raisesViolations: false },
  permissive,
  disabled: { ...permissive, schedule: 'never' },
  sequential: enforce,
  transform: { ...enforce, mayBlock: false, keepsModificationOfBlock: true },
  audit: { ...permissive, mayModify: false },
  concurrent: { ...enforce, mayModify: false },
  fire_and_forget: { ...permissive, mayModify: false },
};
