import type { AnyStateMachine, AnyStateNode } from 'xstate';

/** An assign of some fields, or an effect. */
export type TableAction =
  | { readonly name: string; readonly kind: 'assign'; readonly fields: readonly string[] }
  | { readonly name: string; readonly kind: 'effect' };

export interface TableTransition {
  /** The name of its guard. */
  readonly guard: string | undefined;
  /** Undefined where it stays, without leaving its state and entering it again. */
  readonly target: TableState | undefined;
  readonly actions: readonly TableAction[];
  readonly eventType: string;
  /** Place among those of the same event. */
  readonly place: number;
}

export interface TableState {
  readonly value: string;
  /** Place among the states of the machine. */
  readonly number: number;
  readonly final: boolean;
  readonly entry: readonly TableAction[];
  readonly exit: readonly TableAction[];
  readonly on: ReadonlyMap<string, readonly TableTransition[]>;
  /** The name of its delay, and the event that ends it. */
  readonly after: { readonly delay: string; readonly eventType: string } | undefined;
  /** Where it goes on to at once; only the initial state of a machine has it. */
  readonly always: readonly TableTransition[];
}

/** A flat machine, as rows. */
export interface MachineTable {
  readonly initial: TableState;
  readonly states: readonly TableState[];
  /** What its context has, from the beginning to the end. */
  readonly contextFields: readonly string[];
}

/**
 * Reads a flat machine's declaration into rows. Understood: `on`, one named `after` a state, `entry`, `exit`, named
 * guards, assigns that name their fields, effects, final states, and `always` in an initial state that has nothing else.
 *
 * @throws Error for anything else
 */
export function machineTable(machine: AnyStateMachine): MachineTable {
  const { actions, guards, delays } = machine.implementations;
  const contextFields = fieldsOf(machine.config.context);

  function refuse(what: string): never {
    throw new Error(`machine ${machine.id}: ${what} cannot be made a program`);
  }

  function actionFrom(declared: unknown): TableAction {
    const name = typeof declared === 'string' ? declared : propertyOf(declared, 'type');
    if (typeof name !== 'string') return refuse('an action without a name');
    if (propertyOf(declared, 'params') !== undefined) refuse(`the action ${name} with parameters`);
    const implementation: unknown = actions[name];
    if (typeof implementation !== 'function') refuse(`the action ${name}, which is not declared,`);
    const kind = propertyOf(implementation, 'type');
    if (kind === undefined) return { name, kind: 'effect' };
    if (kind !== 'xstate.assign') refuse(`the built-in action ${name}`);
    const assignment = propertyOf(implementation, 'assignment');
    if (typeof assignment !== 'object' || assignment === null) return refuse(`the assign ${name} that names no fields`);
    const fields = Object.keys(assignment);
    const unknown = fields.find((field) => !contextFields.includes(field));
    if (unknown !== undefined) refuse(`the assign ${name} of ${unknown}, which is not there from the beginning,`);
    return { name, kind: 'assign', fields };
  }

  function nameFrom(kind: 'guard' | 'delay', declared: unknown): string {
    const implementations: Record<string, unknown> = kind === 'guard' ? guards : delays;
    if (typeof declared !== 'string' || typeof implementations[declared] !== 'function')
      return refuse(`the ${kind} ${JSON.stringify(declared)}`);
    return declared;
  }

  /** An initial state that does nothing but choose where to begin. */
  function isChoice(node: AnyStateNode): boolean {
    const { entry, exit, after, transitions } = node;
    const isBare = [entry, exit, after].every(({ length }) => length === 0) && transitions.size === 0;
    return isBare && machine.root.initial.target[0] === node;
  }

  const { root } = machine;
  const nodes = Object.values(root.states);
  if (root.transitions.size > 0 || root.entry.length > 0 || root.exit.length > 0 || root.invoke.length > 0)
    refuse('what the machine does in every state');
  const rows = new Map<string, TableState & { on: Map<string, TableTransition[]>; always: TableTransition[] }>();
  for (const [number, node] of nodes.entries()) {
    if (node.type !== 'atomic' && node.type !== 'final') refuse(`the ${node.type} state ${node.key}`);
    if (node.invoke.length > 0) refuse(`invoke in ${node.key}`);
    if (node.type === 'final' && node.exit.length > 0) refuse(`exit in the final state ${node.key}`);
    if ((node.always ?? []).length > 0 && !isChoice(node)) refuse(`always in ${node.key}`);
    const events = new Set(node.after.map((transition) => transition.eventType));
    if (events.size > 1) refuse(`more than one delay in ${node.key}`);
    const [after] = node.after;
    // `after` is kept by XState as a pair of built-in entry and exit actions; programs arm deadlines instead.
    const named = (declared: unknown): boolean =>
      propertyOf(declared, 'type') === undefined || typeof declared !== 'function';
    rows.set(node.key, {
      value: node.key,
      number,
      final: node.type === 'final',
      entry: node.entry.filter(named).map(actionFrom),
      exit: node.exit.filter(named).map(actionFrom),
      on: new Map(),
      after: after && { delay: nameFrom('delay', after.delay), eventType: after.eventType },
      always: [],
    });
  }
  for (const node of nodes) {
    const transitionFrom = (transition: (typeof node.always & object)[number], place: number): TableTransition => {
      const targets = transition.target ?? [];
      const [target] = targets;
      if (targets.length > 1) refuse(`a transition of ${node.key} to several states`);
      if (target === node && !transition.reenter)
        refuse(`a transition of ${node.key} to itself that does not re-enter`);
      return {
        guard: transition.guard === undefined ? undefined : nameFrom('guard', transition.guard),
        target: target === undefined ? undefined : rows.get(target.key),
        actions: transition.actions.map(actionFrom),
        eventType: transition.eventType,
        place,
      };
    };
    const row = rows.get(node.key);
    for (const [type, declared] of node.transitions) {
      if (type.includes('*')) refuse(`the wildcard ${type} in ${node.key}`);
      row?.on.set(type, declared.map(transitionFrom));
    }
    row?.always.push(...(node.always ?? []).map(transitionFrom));
  }
  const initial = rows.get(root.initial.target[0]?.key ?? '');
  return {
    contextFields,
    states: [...rows.values()],
    initial: initial ?? refuse('a machine without an initial state'),
  };
}

/** The fields of a context, whatever it is made of. */
function fieldsOf(context: unknown): string[] {
  const anything: object = new Proxy(() => anything, { get: () => anything });
  const made: unknown =
    typeof context === 'function' ? Reflect.apply(context, undefined, [{ input: anything }]) : context;
  return Object.keys(made ?? {});
}

function propertyOf(value: unknown, name: string): unknown {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return undefined;
  return Reflect.get(value, name);
}
