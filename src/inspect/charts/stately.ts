import type { AnyStateMachine } from 'xstate';
import { machineDefinition } from '../../actors/machine-definition.js';

/**
 * The machine as a call of `createMachine`: the text that the import form of the Stately editor takes. Several one after
 * the other become several machines there.
 */
export function toStatelyCode(machine: AnyStateMachine): string {
  // What is valid as JSON is valid as an object in JavaScript.
  return `createMachine(${toStatelyJson(machine).trimEnd()});\n`;
}

/**
 * The machine's configuration as JSON: what `createMachine` takes again.
 * Actions, guards, delays and actors stay names; the initial context and parameters that are made of an event, being code, are left out.
 */
export function toStatelyJson(machine: AnyStateMachine): string {
  return `${JSON.stringify(machineDefinition(machine), undefined, 2)}\n`;
}
