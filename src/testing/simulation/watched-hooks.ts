import { isRecord } from '../../json/records.js';
import type { PluginManager } from '../../manager/plugin-manager.js';
import type { CallLedger } from './call-ledger.js';

/**
 * Notes what the hooks of calls come to, whoever's plugins they are: what is blocked is not to go on, and what they left is
 * to be what goes on.
 */
export function watchHooks(manager: PluginManager, ledger: CallLedger): void {
  const invokeHook = manager.invokeHook.bind(manager);
  manager.invokeHook = (hook, payload, context, options) => {
    const call =
      hook === 'tool_pre_invoke' || hook === 'tool_post_invoke' ? ledger.ofHook(payload, context.requestId) : undefined;
    const isBefore = hook === 'tool_pre_invoke';
    // A call that is made once more begins anew, and who is disabled by then has no part in it.
    (isBefore ? call?.changedBefore : call?.changedAfter)?.clear();
    const invocation = invokeHook(hook, payload, context, options);
    if (call === undefined) return invocation;
    // Heard before whoever asked hears it.
    invocation.then(
      ({ continueProcessing, modifiedPayload = payload }) => {
        if (!continueProcessing && isBefore) call.blockedBefore ??= 'a plugin';
        else if (!continueProcessing) call.blockedAfter ??= 'a plugin';
        else if (isBefore) call.hooked = argumentsIn(modifiedPayload);
      },
      () => {
        if (isBefore) call.blockedBefore ??= 'hooks that failed';
        else call.blockedAfter ??= 'hooks that failed';
      },
    );
    return invocation;
  };
}

function argumentsIn(payload: unknown): string {
  return JSON.stringify(isRecord(payload) ? (payload['args'] ?? {}) : {});
}
