import type { z } from 'zod';
import { milliseconds } from '../../time/duration.js';
import { warningAt } from '../problem.js';
import type { Written } from '../written.js';
import { count, oneOf, orAbsent, orElse, seconds } from './field-schemas.js';
import type { RuleContext } from './rule-context.js';

/** How a call that was cut off in flight is treated: sent once more on the next link, or reported as unknown. */
export type ReplayPolicy = 'once' | 'never';

/** Attempts in a row; a million of them, each after a longer wait, is for ever. */
const mostAttempts = 1_000_000;

/** The keys that say how often a lost connection is opened again, of transports that let the file decide. */
export const attemptFields = {
  reconnect_attempts: orElse(count(0, mostAttempts), 3),
  reconnect_delay: orElse(seconds, 0.1),
};

/** The keys that every transport has. Without a window, what the program's code says holds. */
export const windowField = orAbsent(seconds);

export const replayField = orElse(oneOf('once', 'never'), 'once');

/** A window in which attempts go on, beside a count that asks for no more than one. */
export function checkWindow(section: Written, { path, report }: RuleContext): void {
  const attempts = attemptFields.reconnect_attempts.safeParse(section['reconnect_attempts']).data;
  if (attempts === undefined || attempts > 1 || !(Number(section['reconnect_window']) > 0)) return;
  const message = `has no effect with \`reconnect_attempts: ${attempts}\`, which asks for no more than one attempt`;
  report(warningAt([...path, 'reconnect_window'], message));
}

export function readAttempts(parsed: z.output<z.ZodObject<typeof attemptFields>>) {
  return {
    reconnectAttempts: parsed.reconnect_attempts,
    reconnectDelayMs: milliseconds(parsed.reconnect_delay),
  };
}

export function readWindow(parsed: number | undefined): { reconnectWindowMs?: number } {
  return parsed === undefined ? {} : { reconnectWindowMs: milliseconds(parsed) };
}

export function describeAttempts(config: { readonly reconnectAttempts: number; readonly reconnectDelayMs: number }) {
  return { reconnect_attempts: config.reconnectAttempts, reconnect_delay: config.reconnectDelayMs / 1000 };
}
