import type { GlobalContext } from '../context/global-context.js';
import type { PluginContexts } from '../context/plugin-contexts.js';
import type { Extensions } from '../extensions/extensions.js';
import type { CancelSignal } from '../time/cancellation.js';
import type { ChainStep, ChosenSteps, HookChain } from './hook-chain.js';

/** What one invocation is about. */
export interface InvocationRequest extends ChosenSteps {
  readonly chain: HookChain;
  readonly payload: unknown;
  readonly context: GlobalContext;
  readonly contexts: PluginContexts;
  /** Deeply frozen. */
  readonly extensions: Extensions | undefined;
  readonly violationsAsExceptions: boolean;
  readonly signal: CancelSignal | undefined;
}

/** @throws Error for a step that the machine cannot mean */
export function stepAt({ steps }: Pick<ChosenSteps, 'steps'>, index: number): ChainStep {
  const step = steps[index];
  if (step === undefined) throw new Error(`the chain has no step ${index}`);
  return step;
}
