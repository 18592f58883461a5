import type { AnyStateMachine, AnyStateNode, EventObject } from 'xstate';
import type { TakenTransition } from './actor-observer.js';

/** What guards, delays and assigns of a machine are called with. */
export interface Arguments {
  readonly context: unknown;
  readonly event: EventObject;
}

/** An assign, or the name of an effect. */
export type TableAction =
  | { readonly name: string; readonly assign: (args: Arguments) => unknown }
  | { readonly name: string; readonly assign: undefined };

export interface TableTransition {
  readonly guard: ((args: Arguments) => boolean) | undefined;
  readonly target: TableState | undefined;
  readonly actions: readonly TableAction[];
  /** What observers are told where it is taken. */
  readonly taken: readonly TakenTransition[];
}

export interface TableState {
  readonly value: string;
  readonly final: boolean;
  readonly entry: readonly TableAction[];
  readonly exit: readonly TableAction[];
  readonly on: ReadonlyMap<string, readonly TableTransition[]>;
  readonly after: { readonly delay: (args: Arguments) => number; readonly event: EventObject } | undefined;
  /** Where it goes on to at once; only the initial state of a machine has it. */
  readonly always: readonly TableTransition[];
}

/**
 * Reads a flat machine's declaration into rows. Understood: `on`, one named `after` a state, `entry`, `exit`, named
 * guards, assigns and effects, final states, and `always` in an initial state that has nothing else.
 *
 * @returns the initial state; the others hang on its transitions.
 * @throws Error for anything else, when the table is made.
 */
export function machineTable(machine: AnyStateMachine): TableState {
  const { actions, guards, delays } = machine.implementations;

  function refuse(what: string): never {
    throw new Error(`machine ${machine.id}: ${what} cannot be run from a table`);
  }

  function actionFrom(declared: unknown): TableAction {
    const name = typeof declared === 'string' ? declared : propertyOf(declared, 'type');
    if (typeof name !== 'string') return refuse('an action without a name');
    const implementation: unknown = actions[name];
    if (propertyOf(implementation, 'type') !== 'xstate.assign') {
      if (propertyOf(implementation, 'type') !== undefined) refuse(`the built-in action ${name}`);
      return { name, assign: undefined };
    }
    const assignment = propertyOf(implementation, 'assignment');
    if (typeof assignment !== 'function') return { name, assign: fieldwise(assignment) };
    return { name, assign: (args) => Reflect.apply(assignment, undefined, [args]) };
  }

  function guardFrom(declared: unknown): TableTransition['guard'] {
    if (declared === undefined) return undefined;
    const implementation: unknown = typeof declared === 'string' ? guards[declared] : undefined;
    if (typeof implementation !== 'function') return refuse(`the guard ${JSON.stringify(declared)}`);
    return implementation as (args: Arguments) => boolean;
  }

  function delayFrom(declared: unknown): (args: Arguments) => number {
    const implementation: unknown = typeof declared === 'string' ? delays[declared] : undefined;
    if (typeof implementation !== 'function') return refuse(`the delay ${JSON.stringify(declared)}`);
    return implementation as (args: Arguments) => number;
  }

  /** An initial state that does nothing but choose where to begin. */
  function isChoice(node: AnyStateNode): boolean {
    const { entry, exit, after, transitions } = node;
    const isBare = [entry, exit, after].every(({ length }) => length === 0) && transitions.size === 0;
    return isBare && machine.root.initial.target[0] === node;
  }

  const rows = new Map<string, TableState & { on: Map<string, TableTransition[]>; always: TableTransition[] }>();
  const nodes = Object.values(machine.root.states);
  for (const node of nodes) {
    if (node.type !== 'atomic' && node.type !== 'final') refuse(`the ${node.type} state ${node.key}`);
    if (node.invoke.length > 0) refuse(`invoke in ${node.key}`);
    if ((node.always ?? []).length > 0 && !isChoice(node)) refuse(`always in ${node.key}`);
    const events = new Set(node.after.map((transition) => transition.eventType));
    if (events.size > 1) refuse(`more than one delay in ${node.key}`);
    const [after] = node.after;
    // `after` is kept by XState as a pair of built-in entry and exit actions; the table arms deadlines instead.
    const named = (declared: unknown): boolean =>
      propertyOf(declared, 'type') === undefined || typeof declared !== 'function';
    rows.set(node.key, {
      value: node.key,
      final: node.type === 'final',
      entry: node.entry.filter(named).map(actionFrom),
      exit: node.exit.filter(named).map(actionFrom),
      on: new Map(),
      after: after === undefined ? undefined : { delay: delayFrom(after.delay), event: { type: after.eventType } },
      always: [],
    });
  }
  for (const node of nodes) {
    const transitionFrom = (transition: (typeof node.always & object)[number], place: number): TableTransition => {
      const [target] = transition.target ?? [];
      if (target === node && !transition.reenter)
        refuse(`a transition of ${node.key} to itself that does not re-enter`);
      return {
        guard: guardFrom(transition.guard),
        target: target === undefined ? undefined : rows.get(target.key),
        actions: transition.actions.map(actionFrom),
        taken: Object.freeze([{ source: node.key, eventType: transition.eventType, place }]),
      };
    };
    const row = rows.get(node.key);
    for (const [type, declared] of node.transitions) row?.on.set(type, declared.map(transitionFrom));
    row?.always.push(...(node.always ?? []).map(transitionFrom));
  }
  const initial = rows.get(machine.root.initial.target[0]?.key ?? '');
  return initial ?? refuse('a machine without an initial state');
}

function fieldwise(assignment: unknown): (args: Arguments) => unknown {
  const fields = Object.entries(assignment ?? {});
  return (args) => {
    const changed: Record<string, unknown> = {};
    for (const [field, value] of fields) {
      changed[field] = typeof value === 'function' ? Reflect.apply(value, undefined, [args]) : value;
    }
    return changed;
  };
}

function propertyOf(value: unknown, name: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
  return Reflect.get(value, name);
}
