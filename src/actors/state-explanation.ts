import type { AnyMachineSnapshot, AnyStateNode, EventObject } from 'xstate';

/** A state that a machine is in, and what is true in it. */
export interface ExplainedState {
  /** With dots where it is nested: `ready.stable`. */
  readonly state: string;
  readonly description: string;
}

/** Something that can happen to a machine now. */
export interface PossibleStep {
  /** `link.closed`, `after backoff`, `openLink is done`. */
  readonly event: string;
  /** The same as the machine receives it. */
  readonly type: string;
  /** The state that takes it; empty: the machine itself, in any state. */
  readonly source: string;
  /** Undefined where it asks for nothing. */
  readonly guard: string | undefined;
  /** Whether this is what the event would bring about now; undefined where that depends on the event. */
  readonly holds: boolean | undefined;
  /** The state it leads to; the one that it is in where it stays. */
  readonly target: string;
  readonly actions: readonly string[];
  /** Whether a timer brings it about. */
  readonly isTimed: boolean;
  /** An alternative above it is taken. */
  readonly isShadowed: boolean;
  /** It leads nowhere else. */
  readonly stays: boolean;
}

/** The states that a machine is in, outermost first. */
export function explainedPath(snapshot: AnyMachineSnapshot): readonly ExplainedState[] {
  return activeNodes(snapshot).map((node) => ({ state: pathOf(node), description: node.description ?? '' }));
}

/**
 * What can happen to a machine in the state that it is in: innermost states first, as they are asked first. What an inner
 * state handles whatever comes is not told once more of the outer ones. Guards are asked now, without an event; of several
 * alternatives the first counts that holds.
 */
export function possibleSteps(snapshot: AnyMachineSnapshot): readonly PossibleStep[] {
  const nodes = activeNodes(snapshot);
  const here = nodes.map(pathOf).at(-1) ?? '';
  const steps: PossibleStep[] = [];
  /** Whether an alternative of an event is taken that was told already; undefined where that cannot be told. */
  const taken = new Map<string, boolean | undefined>();
  const handled = new Set<string>();
  for (const node of nodes.toReversed().concat(snapshot.machine.root)) {
    for (const [type, transitions] of node.transitions) {
      if (handled.has(type)) continue;
      for (const { guard, target, actions } of transitions) {
        const name = nameOf(guard);
        const before = taken.has(type) ? taken.get(type) : false;
        const own = name === undefined ? true : guardHolds(snapshot, name, type);
        const holds = before === true || own === false ? false : before === undefined ? undefined : own;
        const [to] = target ?? [];
        steps.push({
          event: shownEvent(type, node),
          type,
          source: pathOf(node),
          guard: name,
          holds,
          target: to === undefined ? here : pathOf(to),
          actions: actions.map(nameOf).filter((action) => action !== undefined),
          isTimed: type.startsWith('xstate.after.'),
          isShadowed: before === true,
          stays: to === undefined,
        });
        taken.set(type, before === true || holds === true ? true : holds === undefined ? undefined : before);
      }
      if (transitions.some(({ guard }) => guard === undefined)) handled.add(type);
    }
  }
  return steps;
}

function activeNodes(snapshot: AnyMachineSnapshot): AnyStateNode[] {
  const { root } = snapshot.machine;
  return snapshot._nodes
    .filter((node: AnyStateNode) => node !== root)
    .sort((one: AnyStateNode, other: AnyStateNode) => one.path.length - other.path.length);
}

function pathOf(node: AnyStateNode): string {
  return node.path.join('.');
}

function nameOf(declared: unknown): string | undefined {
  if (typeof declared === 'string') return declared;
  if (typeof declared !== 'object' || declared === null || !('type' in declared)) return undefined;
  return typeof declared.type === 'string' ? declared.type : undefined;
}

/** `xstate.after.backoff.connection.reconnecting.backingOff` is `after backoff`. */
function shownEvent(type: string, node: AnyStateNode): string {
  const ofNode = `.${node.id}`;
  if (type.startsWith('xstate.after.')) return `after ${type.slice('xstate.after.'.length).replace(ofNode, '')}`;
  for (const invoked of node.invoke) {
    const actor = nameOf({ type: invoked.src }) ?? invoked.id;
    if (type === `xstate.done.actor.${invoked.id}`) return `${actor} is done`;
    if (type === `xstate.error.actor.${invoked.id}`) return `${actor} failed`;
  }
  return type;
}

/** A guard that looks into its event cannot be asked before that comes. */
function guardHolds(snapshot: AnyMachineSnapshot, name: string, type: string): boolean | undefined {
  const { context, machine } = snapshot;
  const guard: unknown = machine.implementations.guards[name];
  if (typeof guard !== 'function') return undefined;
  let looked = false;
  const event: EventObject = new Proxy(
    { type },
    {
      get: (given, key) => {
        if (key === 'type') return given.type;
        looked = true;
        return undefined;
      },
      has: (_, key) => {
        looked ||= key !== 'type';
        return key === 'type';
      },
    },
  );
  try {
    const holds: unknown = Reflect.apply(guard, undefined, [{ context, event }, undefined]);
    return looked || typeof holds !== 'boolean' ? undefined : holds;
  } catch {
    return undefined;
  }
}
