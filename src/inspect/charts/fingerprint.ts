import { createHash } from 'node:crypto';
import type { AnyStateMachine } from 'xstate';
import { chartOf } from './chart.js';

/** Tells one declaration of a machine from another: 8 hexadecimal digits of what can be drawn of it. */
export function fingerprintOf(machine: AnyStateMachine): string {
  const { states, transitions } = chartOf(machine);
  const drawn = states.map(({ path, type, initial, entry, exit, invokes }) => ({ path, type, initial, entry, exit, invokes }));
  return createHash('sha256').update(JSON.stringify([drawn, transitions])).digest('hex').slice(0, 8);
}
