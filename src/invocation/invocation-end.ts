import { PluginError, PluginViolationError } from '../plugins/plugin-error.js';
import type { ChainState } from './chain-state.js';
import type { InvocationEnd } from './invocation-trace.js';

/** An invocation whose caller gets an outcome. */
export function endOf(at: number, chain: ChainState, passes: boolean, stoppedBy: number | undefined): InvocationEnd {
  const { modified, violation } = chain;
  const kind = passes ? (modified === undefined ? 'passed' : 'modified') : 'blocked';
  return { at, kind, stoppedBy, error: undefined, violation, modified };
}

/** One whose caller gets an error. @param cancelled the error of one that was cancelled */
export function endWith(at: number, error: unknown, cancelled: unknown, stoppedBy: number | undefined): InvocationEnd {
  const violation = error instanceof PluginViolationError ? error.violation : undefined;
  return { at, kind: kindOf(error, cancelled), stoppedBy, error, violation, modified: undefined };
}

function kindOf(error: unknown, cancelled: unknown): InvocationEnd['kind'] {
  if (error === cancelled) return 'aborted';
  if (error instanceof PluginViolationError) return 'blocked';
  return error instanceof PluginError && error.code === 'PLUGIN_TIMEOUT' ? 'timedOut' : 'failed';
}
