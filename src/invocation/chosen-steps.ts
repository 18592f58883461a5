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
  if (!chain.conditional && chain.gates.closed === 0) return chain;
  const matching = ({ plugin }: ChainStep): boolean => conditionsMatch(plugin.conditions, chain.hook, payload, context);
  // All conditions first: whoever is admitted on trial must be told what came of it.
  const matched = { steps: chain.steps.filter(matching), background: chain.background.filter(matching) };
  const onTrial: ChainPlugin[] = [];
  const disabled: ChainStep[] = [];
  const admitted = (step: ChainStep): boolean => {
    const admission = step.plugin.gate.admit();
    if (admission === 'trial') onTrial.push(step.plugin);
    if (admission === 'closed') disabled.push(step);
    return admission !== 'closed';
  };
  const steps = matched.steps.filter(admitted);
  const background = matched.background.filter(admitted);
  const sideBySide = steps.filter(({ plugin }) => plugin.rights.schedule === 'sideBySide').length;
  return { steps, sideBySide, background, disabled, ...(onTrial.length > 0 && { trials: new Trials(onTrial) }) };
}
