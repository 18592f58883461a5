import { GatechartError, isGatechartError, messageOf } from '../errors.js';
import type { ExecutionReport } from '../hooks/denial-outcome.js';
import { PluginError } from '../plugins/plugin-error.js';
import { causeOf } from '../plugins/thrown.js';
import type { ChainStep } from './hook-chain.js';

/** A plugin missed its deadline. @param report what the error tells of the chain */
export function timeoutError({ plugin, timeoutMs }: ChainStep, report: ExecutionReport | undefined): PluginError {
  return new PluginError(
    { message: `Plugin ${plugin.name} exceeded ${timeoutMs / 1000}s timeout`, pluginName: plugin.name },
    { code: 'PLUGIN_TIMEOUT', report },
  );
}

/** The caller gave a signal that is none, whatever it looked like. */
export function deafSignalError(hook: string, thrown: unknown): GatechartError {
  const message = `The signal of ${hook} cannot be listened to: ${messageOf(thrown)}.`;
  return new GatechartError('CONTEXT_INVALID', message, { cause: causeOf(thrown), details: { hook } });
}

/** The caller had cancelled before the invocation began. */
export function cancelledBefore(hook: string, reason: unknown): GatechartError {
  return new GatechartError('INVOCATION_CANCELLED', `The invocation of ${hook} was cancelled.`, { cause: reason });
}

/** The caller cancelled; an error of ours that it gave as the reason stays. */
export function cancelledError(hook: string, reason: unknown): GatechartError {
  return isGatechartError(reason) ? reason : cancelledBefore(hook, reason);
}

/** The invocation was cancelled by its manager, not by the caller. */
export function closedError(hook: string, code: string | undefined): GatechartError {
  if (code !== 'MANAGER_CLOSED') return cancelledError(hook, undefined);
  return new GatechartError('MANAGER_CLOSED', 'The manager was closed while the hook was running.');
}

/** A plugin that the invocation had yet to call is shut down. */
export function retiredError(hook: string, plugin: string): GatechartError {
  const message = `Plugin ${plugin} was taken out of the chains and is shut down before ${hook} came to it.`;
  return new GatechartError('PLUGIN_RETIRED', message, { details: { plugin, hook } });
}

/** Tells a plugin that it is going to be shut down. */
export function retiredInBackground(): GatechartError {
  const message = 'The plugin was taken out of its chains while it ran in the background.';
  return new GatechartError('INVOCATION_CANCELLED', message);
}

/** Tells a plugin that others have decided meanwhile. */
export function decidedError(hook: string): GatechartError {
  return new GatechartError('INVOCATION_CANCELLED', `The invocation of ${hook} was decided by another plugin.`);
}
