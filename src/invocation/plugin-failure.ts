import { messageOf } from '../errors.js';
import type { ChainPlugin } from '../plugins/plugin-registry.js';
import { type ChainLog, logFailure, type LoggedRun } from './chain-log.js';
import type { Trials } from './trials.js';

/** Says that a plugin failed whose errors are not raised, and disables it where its `on_error` says so. */
export function reportFailure(
  log: ChainLog,
  plugin: ChainPlugin,
  thrown: unknown,
  trials: Trials | undefined,
  run: LoggedRun,
): void {
  logFailure(log, plugin, thrown, run);
  const error = asError(thrown);
  const wasOnTrial = trials?.failed(plugin, error) ?? false;
  if (!wasOnTrial && plugin.rights.onError === 'disable') plugin.gate.failed(error);
}

/** What was thrown as an error, whatever it is. */
export function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(messageOf(error));
}
