import type { AnyStateMachine } from 'xstate';

/**
 * Whether an actor's logic is a machine. By its shape: those that a plugin brings are made with the XState that it has
 * installed, whose class is another than the one in here.
 */
export function isMachine(logic: unknown): logic is AnyStateMachine {
  return (
    typeof logic === 'object' && logic !== null && 'root' in logic && 'implementations' in logic && 'provide' in logic
  );
}
