import type { InvocationStep } from '../../machines/index.js';
import type { HookDefinition } from '../hooks/hook.js';
import type { HookHandler } from '../plugins/plugin.js';
import type { ChainPlugin } from '../plugins/plugin-registry.js';
import type { ChainGeneration } from './chain-generation.js';
import type { MergeRules } from './chain-state.js';
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

/** The plugins of one hook in the order they run, with the rules for their results; made once, when plugins change. */
export interface HookChain {
  readonly hook: HookDefinition;
  readonly steps: readonly ChainStep[];
  /** What the machine is told of `steps`. */
  readonly declared: readonly InvocationStep[];
  /** True if some plugin has conditions, so that the steps have to be chosen for each request. */
  readonly conditional: boolean;
  readonly rules: MergeRules;
  /** Counts what runs on this chain and on those that were made with it. */
  readonly generation: ChainGeneration;
}
