import { invalid } from '../config/code-options.js';

/** @throws GatechartError CONFIG_INVALID */
export function checkFunction(value: unknown, name: string, owner: string, need?: 'optional'): void {
  if (need === 'optional' && value === undefined) return;
  if (typeof value !== 'function') throw invalid(`${name} of ${owner} is ${typeof value}, expected a function`);
}

/** @throws GatechartError CONFIG_INVALID */
export function checkManager(manager: unknown, owner: string): void {
  if (typeof manager === 'object' && manager !== null && 'invokeHook' in manager) return;
  throw invalid(`manager of ${owner} is ${typeof manager}, expected what createManager gives back`);
}
