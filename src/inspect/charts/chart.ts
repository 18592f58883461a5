import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition } from 'xstate';

/** A state as a reader sees it. `path` is dotted and empty for the machine itself. */
export interface ChartState {
  readonly path: string;
  readonly name: string;
  readonly type: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly description: string | undefined;
  /** Path of the state that is entered first; undefined where there is nothing to choose. */
  readonly initial: string | undefined;
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  readonly invokes: readonly string[];
  readonly children: readonly ChartState[];
}

export interface ChartTransition {
  readonly source: string;
  /** The event's type as the machine receives it. */
  readonly event: string;
  /** The event in words: `after backoff`, `openLink done`. */
  readonly label: string;
  readonly guard: string | undefined;
  readonly actions: readonly string[];
  /** Empty for a transition that stays where it is. */
  readonly targets: readonly string[];
}

export interface Chart {
  readonly id: string;
  readonly root: ChartState;
  /** Every state, parents before children, the machine itself first. */
  readonly states: readonly ChartState[];
  /** Every transition that does something or asks a guard; events that are only shut out are left out. */
  readonly transitions: readonly ChartTransition[];
}

/** Reads a machine into a plain model of states and transitions. */
export function chartOf(machine: AnyStateMachine): Chart {
  const root = stateOf(machine.root);
  const nodes = inOrder(machine.root);
  return {
    id: machine.id,
    root,
    states: statesUnder(root),
    transitions: nodes.flatMap((node) => transitionsOf(node).filter((transition) => !isForbidden(transition))),
  };
}

/** The transition in one line, as in `link.closed [attemptsLeft] / recordError`. */
export function transitionText({ label, guard, actions }: ChartTransition): string {
  const condition = guard === undefined ? '' : ` [${guard}]`;
  const effect = actions.length === 0 ? '' : ` / ${actions.join(', ')}`;
  return `${label}${condition}${effect}`;
}

/** What a state does by itself, line by line: `entry / settle`, `invoke / openLink`. */
export function behaviourLines({ entry, invokes, exit }: ChartState): string[] {
  const parts = { entry, invoke: invokes, exit };
  return Object.entries(parts).flatMap(([name, actions]) =>
    actions.length === 0 ? [] : [`${name} / ${actions.join(', ')}`],
  );
}

/** The transitions of a state that go nowhere. */
export function internalTransitions(chart: Chart, path: string): ChartTransition[] {
  return chart.transitions.filter(({ source, targets }) => source === path && targets.length === 0);
}

/** Tells of a path whether it is `outer` or lies in it. */
export function isInside(outer: string): (path: string) => boolean {
  return (path) => outer === '' || path === outer || path.startsWith(`${outer}.`);
}

function stateOf(node: AnyStateNode): ChartState {
  const config: { entry?: unknown; exit?: unknown } = node.config;
  return {
    path: pathOf(node),
    name: node.key,
    type: node.type,
    description: node.description,
    initial: node.type === 'compound' ? node.initial.target.map(pathOf)[0] : undefined,
    // Not `node.entry`: XState adds its own actions for delayed transitions there.
    entry: namesOf(config.entry),
    exit: namesOf(config.exit),
    invokes: node.invoke.map(({ src }) => nameOf(src)),
    children: Object.values(node.states).map(stateOf),
  };
}

/** The state and all within it, parents before children. */
export function statesUnder(state: ChartState): ChartState[] {
  return [state, ...state.children.flatMap(statesUnder)];
}

function inOrder(node: AnyStateNode): AnyStateNode[] {
  return [node, ...Object.values(node.states).flatMap(inOrder)];
}

function transitionsOf(node: AnyStateNode): ChartTransition[] {
  const always: readonly AnyTransitionDefinition[] = node.always ?? [];
  return [...node.transitions.values()]
    .flat()
    .concat(always)
    .map((transition) => ({
      source: pathOf(node),
      event: transition.eventType,
      label: eventLabel(node, transition.eventType),
      guard: transition.guard === undefined ? undefined : nameOf(transition.guard),
      actions: namesOf(transition.actions),
      targets: (transition.target ?? []).map(pathOf),
    }));
}

function isForbidden({ guard, actions, targets }: ChartTransition): boolean {
  return guard === undefined && actions.length === 0 && targets.length === 0;
}

/** An event in words, as the state that takes it has it: `after backoff`, `openLink failed`. */
export function eventLabel(node: AnyStateNode, event: string): string {
  if (event === '') return 'always';
  if (event === '*') return 'any event';
  if (event.startsWith('xstate.done.state.')) return 'done';
  const [after, ofNode] = ['xstate.after.', `.${node.id}`];
  if (event.startsWith(after) && event.endsWith(ofNode)) {
    const delay = event.slice(after.length, -ofNode.length);
    return /^\d+$/.test(delay) ? `after ${delay} ms` : `after ${delay}`;
  }
  for (const { id, src } of node.invoke) {
    if (event === `xstate.done.actor.${id}`) return `${nameOf(src)} done`;
    if (event === `xstate.error.actor.${id}`) return `${nameOf(src)} failed`;
    if (event === `xstate.snapshot.${id}`) return `${nameOf(src)} changed`;
  }
  return event;
}

function pathOf(node: AnyStateNode): string {
  return node.path.join('.');
}

function namesOf(actions: unknown): string[] {
  if (actions === undefined) return [];
  return Array.isArray(actions) ? actions.map(nameOf) : [nameOf(actions)];
}

/** A reference by name, with its plain parameters: `armTimer(backoff)`. */
export function nameOf(reference: unknown): string {
  if (typeof reference === 'string') return reference;
  if (typeof reference === 'object' && reference !== null && 'type' in reference) {
    const values = 'params' in reference ? plainValues(reference.params) : [];
    return `${String(reference.type)}${values.length === 0 ? '' : `(${values.join(', ')})`}`;
  }
  return typeof reference === 'function' && reference.name !== '' ? reference.name : 'inline';
}

function plainValues(params: unknown): string[] {
  if (typeof params !== 'object' || params === null) return [];
  return Object.values(params)
    .filter((value) => ['string', 'number', 'boolean'].includes(typeof value))
    .map(String);
}
