import type { InvocationInput, InvocationStep } from '../../machines/index.js';
import type { HookDefinition } from '../hooks/hook.js';
import type { HookHandler } from '../plugins/plugin.js';
import type { ChainPlugin } from '../plugins/plugin-registry.js';
import type { GateWatch } from '../plugins/plugin-gate.js';
import type { ChainLog } from './chain-log.js';
import type { ChainGeneration } from './chain-generation.js';
import type { MergeRules } from './chain-state.js';
import type { Trials } from './trials.js';
import type { WriteWatch } from './write-watch.js';

/** One plugin on one hook, ready to run. */
export interface ChainStep {
  readonly plugin: ChainPlugin;
  readonly handler: HookHandler;
  readonly writes: WriteWatch;
  /** Milliseconds the plugin may take. */
  readonly timeoutMs: number;
  /** The same for the machine, without what inspectors must not see. */
  readonly declared: InvocationStep;
}

/** The steps of a chain that one invocation runs. */
export interface ChosenSteps {
  /** Those before the answer, in order: those that run in turn, then those that run side by side. */
  readonly steps: readonly ChainStep[];
  /** How many of them, at the end, run side by side. */
  readonly sideBySide: number;
  /** Those after the answer. */
  readonly background: readonly ChainStep[];
  /** Those that are left out because they are disabled. */
  readonly disabled?: readonly ChainStep[] | undefined;
  /** Those that were disabled, and are tried again. */
  readonly trials?: Trials | undefined;
}

/** The plugins of one hook in the order they run, with the rules for their results; made once, when plugins change. */
export interface HookChain extends ChosenSteps {
  readonly hook: HookDefinition;
  /** What the machine is told of them. */
  readonly declared: InvocationInput;
  /** Those with conditions, in the order of the chain: where there are any, the steps have to be chosen for each request. */
  readonly conditional: readonly ChainStep[];
  /** Whether some plugin of the manager is disabled, so that they have to be too. */
  readonly gates: GateWatch;
  /** How many plugins run at once where they run side by side, and as many after the answer; 0 for no limit. */
  readonly executionPool: number;
  readonly generation: ChainGeneration;
  readonly log: ChainLog;
  readonly rules: MergeRules;
}
