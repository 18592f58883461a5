import type { GlobalContext } from '../context/global-context.js';
import type { ChainPlugin } from '../plugins/plugin-registry.js';
import { conditionsMatch } from '../plugins/plugin-conditions.js';
import type { ChainStep, ChosenSteps, HookChain } from './hook-chain.js';
import { Trials } from './trials.js';

/**
 * Leaves out the plugins whose conditions do not match and those that are disabled. A plugin that may be tried again is,
 * by this invocation alone.
 *
 * @throws what reading payload or context throws
 */
export function chooseSteps(chain: HookChain, payload: unknown, context: GlobalContext): ChosenSteps {
  // All conditions first: whoever is admitted on trial must be told what came of it.
  const unmatched = unmatchedIn(chain, payload, context);
  if (chain.gates.closed === 0) {
    // What was made once for the whole chain is for this request too.
    if (unmatched === undefined) return chain;
    const { steps, background } = without(chain, unmatched);
    return { steps, sideBySide: sideBySideIn(steps), background, disabled: [] };
  }
  const onTrial: ChainPlugin[] = [];
  const disabled: ChainStep[] = [];
  const admitted = (step: ChainStep): boolean => {
    const admission = step.plugin.gate.admit();
    if (admission === 'trial') onTrial.push(step.plugin);
    if (admission === 'closed') disabled.push(step);
    return admission !== 'closed';
  };
  const matched = unmatched === undefined ? chain : without(chain, unmatched);
  const steps = matched.steps.filter(admitted);
  const background = matched.background.filter(admitted);
  const trials = onTrial.length > 0 && { trials: new Trials(onTrial) };
  return { steps, sideBySide: sideBySideIn(steps), background, disabled, ...trials };
}

/** The steps whose conditions do not match; undefined where all do, which is what happens to most requests. */
function unmatchedIn(chain: HookChain, payload: unknown, context: GlobalContext): ChainStep[] | undefined {
  let unmatched: ChainStep[] | undefined;
  for (const step of chain.conditional) {
    if (!conditionsMatch(step.plugin.conditions, chain.hook, payload, context)) (unmatched ??= []).push(step);
  }
  return unmatched;
}

function without(
  { steps, background }: HookChain,
  left: readonly ChainStep[],
): Pick<ChosenSteps, 'steps' | 'background'> {
  const leaving = new Set(left);
  const stays = (step: ChainStep): boolean => !leaving.has(step);
  return { steps: steps.filter(stays), background: background.filter(stays) };
}

function sideBySideIn(steps: readonly ChainStep[]): number {
  return steps.filter(({ plugin }) => plugin.rights.schedule === 'sideBySide').length;
}
