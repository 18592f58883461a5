import { suggestionFor } from '../config/suggestion.js';
import { GatechartError } from '../errors.js';

/** @throws GatechartError CONFIG_INVALID: an option that nobody knows would be a setting that is not followed. */
export function checkOptions(options: unknown, known: readonly string[], owner: string): void {
  for (const key of Object.keys(options ?? {})) {
    if (known.includes(key)) continue;
    const meant = suggestionFor(key, known);
    throw invalid(`${owner} has no option ${key}${meant === undefined ? '' : `; did you mean ${meant}?`}`);
  }
}

/** @throws GatechartError CONFIG_INVALID */
export function checkFunction(value: unknown, name: string, owner: string): void {
  if (typeof value !== 'function') throw invalid(`${name} of ${owner} is ${typeof value}, expected a function`);
}

/** @throws GatechartError CONFIG_INVALID */
export function checkManager(manager: unknown, owner: string): void {
  if (typeof manager === 'object' && manager !== null && 'invokeHook' in manager) return;
  throw invalid(`manager of ${owner} is ${typeof manager}, expected what createManager gives back`);
}

export function invalid(problem: string): GatechartError {
  return new GatechartError('CONFIG_INVALID', problem.endsWith('?') ? problem : `${problem}.`);
}
