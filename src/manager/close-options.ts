import { checkOptionNames } from '../config/code-options.js';
import { checkOptionNumbers } from '../config/option-values.js';

/** How a manager is closed. */
export interface CloseOptions {
  /** Milliseconds that running invocations get to finish. New ones are refused meanwhile. Default 0. */
  readonly drainMs?: number;
}

/** @throws GatechartError CONFIG_INVALID */
export function drainMsOf(options: CloseOptions): number {
  checkOptionNames(options, ['drainMs'], 'close');
  checkOptionNumbers(options, 'options');
  return options.drainMs ?? 0;
}
