import type { AnyStateMachine, AnyStateNode, InspectionEvent } from 'xstate';

type Transition = AnyStateNode['on'][string][number];

/** Which edges of a machine were taken by actors that run it, told through XState's inspection API. */
export class EdgeCoverage {
  readonly #edges: ReadonlySet<string>;
  readonly #taken = new Set<string>();

  constructor(machine: AnyStateMachine) {
    this.#edges = new Set(edgesOf(machine.root));
  }

  readonly inspect = (event: InspectionEvent): void => {
    if (event.type !== '@xstate.microstep') return;
    for (const transition of event._transitions) this.#taken.add(nameOf(transition));
  };

  get size(): number {
    return this.#edges.size;
  }

  /** Edges nobody took, one line each. */
  get missing(): string[] {
    return [...this.#edges].filter((edge) => !this.#taken.has(edge));
  }
}

function edgesOf(node: AnyStateNode): string[] {
  const own = [...node.transitions.values()].flat().filter((transition) => !isForbidden(transition));
  return [...own.map(nameOf), ...Object.values(node.states).flatMap(edgesOf)];
}

// `close: undefined` says that an event is not for the parent either; it leads nowhere.
function isForbidden({ guard, target, actions }: Transition): boolean {
  return guard === undefined && target === undefined && actions.length === 0;
}

// Guards make edges: two candidates for one event are two edges.
function nameOf({ source, eventType, guard, target }: Transition): string {
  const position = [...source.transitions.values()]
    .flat()
    .findIndex((one) => one.eventType === eventType && one.guard === guard && one.target === target);
  const guarded = typeof guard === 'string' ? ` [${guard}]` : '';
  const targets = target?.map(({ id }) => id).join(', ') ?? 'stays';
  return `${source.id} on ${eventType}${guarded} (${position}): ${targets}`;
}
