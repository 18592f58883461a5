import type { GlobalContext } from '../context/global-context.js';
import type { PluginContexts } from '../context/plugin-contexts.js';
import { GatechartError, messageOf } from '../errors.js';
import { chooseSteps } from '../invocation/chosen-steps.js';
import type { ChosenSteps, HookChain } from '../invocation/hook-chain.js';
import type { InvocationRequest } from '../invocation/invocation-request.js';
import { checkContext } from './context-check.js';
import type { InvokeOptions } from './invoke-options.js';

/**
 * One invocation of a chain, with what the caller gave checked, the payload copied, and the steps that its conditions
 * choose.
 *
 * @throws GatechartError CONTEXT_INVALID, PAYLOAD_INVALID, PAYLOAD_TOO_LARGE
 */
export function checkedRequest(
  chain: HookChain,
  payload: unknown,
  context: GlobalContext,
  contexts: PluginContexts,
  { extensions, violationsAsExceptions = false, signal }: InvokeOptions,
): InvocationRequest {
  const { hook, rules } = chain;
  checkContext(context, hook.name);
  const { value, problems, unknown } = rules.payload.read(payload, rules.maxPayloadSize);
  if (problems.length > 0 || unknown.length > 0) throw payloadInvalid(hook.name, [...unknown, ...problems]);
  const { steps, sideBySide, background, disabled, trials } = stepsOf(chain, value, context);
  return {
    chain,
    steps,
    sideBySide,
    background,
    disabled,
    trials,
    payload: value,
    context,
    contexts,
    extensions,
    violationsAsExceptions,
    signal,
  };
}

function stepsOf(chain: HookChain, payload: unknown, context: GlobalContext): ChosenSteps {
  try {
    return chooseSteps(chain, payload, context);
  } catch (error) {
    const { name } = chain.hook;
    const message = `It cannot be decided which plugins of ${name} run: ${messageOf(error)}.`;
    throw new GatechartError('CONTEXT_INVALID', message, { cause: error, details: { hook: name } });
  }
}

function payloadInvalid(hook: string, problems: readonly string[]): GatechartError {
  const said = problems.reduce((all, problem) => `${all}${all.endsWith('?') ? ' ' : '; '}${problem}`);
  const message = `The payload of ${hook} is not valid: ${said}${said.endsWith('?') ? '' : '.'}`;
  return new GatechartError('PAYLOAD_INVALID', message, { details: { hook } });
}
