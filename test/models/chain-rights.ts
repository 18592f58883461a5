import type { OnError } from '../../src/config/sections/plugin-modes.js';
import type { Mode, Scenario, ScenarioPlugin } from './chain-scenario.js';

/**
 * What a plugin may do to the chain: `keep` its modification when it blocks, `merge` what it wrote to the global state,
 * `raise` its block as an exception, `echo` its input as the modified payload when it blocks.
 */
export type Right = 'block' | 'modify' | 'keep' | 'merge' | 'raise' | 'echo';

/** The phases, in their order. */
export const phases = ['legacy and sequential', 'transform', 'audit', 'concurrent', 'afterwards'] as const;
type Phase = (typeof phases)[number];

interface ModeRow {
  readonly phase: Phase | 'never';
  readonly rights: readonly Right[];
  /** Where the entry does not say. */
  readonly onError: OnError;
}

/** The table of modes once more, so that a slip in the library's own is seen. */
const modes: Readonly<Record<Mode, ModeRow>> = {
  enforce: { phase: 'legacy and sequential', rights: ['block', 'modify', 'merge', 'raise', 'echo'], onError: 'fail' },
  enforce_ignore_error: {
    phase: 'legacy and sequential',
    rights: ['block', 'modify', 'keep', 'merge'],
    onError: 'ignore',
  },
  permissive: { phase: 'legacy and sequential', rights: ['modify'], onError: 'ignore' },
  disabled: { phase: 'never', rights: [], onError: 'ignore' },
  sequential: { phase: 'legacy and sequential', rights: ['block', 'modify', 'merge', 'raise'], onError: 'fail' },
  transform: { phase: 'transform', rights: ['modify', 'merge'], onError: 'fail' },
  audit: { phase: 'audit', rights: [], onError: 'ignore' },
  concurrent: { phase: 'concurrent', rights: ['block', 'merge', 'raise'], onError: 'fail' },
  fire_and_forget: { phase: 'afterwards', rights: [], onError: 'ignore' },
};

/** What `cpex` reads the words of 1.0.0 as. */
const inCpex: { readonly [Word in Mode]?: { readonly mode: Mode; readonly onError: OnError } } = {
  enforce: { mode: 'sequential', onError: 'fail' },
  permissive: { mode: 'transform', onError: 'fail' },
  enforce_ignore_error: { mode: 'sequential', onError: 'ignore' },
};

/** What one plugin of a scenario may do, and when. */
export interface Standing {
  readonly phase: Phase | 'never';
  readonly onError: OnError;
  /** Its errors end the chain. */
  readonly raisesErrors: boolean;
  readonly may: (right: Right) => boolean;
}

export function standingOf({ mode, onError }: ScenarioPlugin, scenario: Scenario): Standing {
  const word = scenario.modeDialect === 'cpex' ? inCpex[mode] : undefined;
  const row = modes[word?.mode ?? mode];
  const effective = onError ?? word?.onError ?? row.onError;
  return {
    phase: row.phase,
    onError: effective,
    raisesErrors: scenario.failOnPluginError || effective === 'fail',
    may: (right) => row.rights.includes(right),
  };
}
