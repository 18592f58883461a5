import { type Chart, type ChartState, type ChartTransition, statesUnder } from './chart.js';
import type { Placement } from './placement.js';

/** A chart as JSON, for a page that has no machines. What is empty is undefined, and left out. */
export interface ChartData {
  /** Parents before children, the machine itself first. */
  readonly states: readonly StateData[];
  readonly transitions: readonly TransitionData[];
}

/** All that a page is given of one machine. */
export interface MachineData {
  /** What one actor of the machine stands for. */
  readonly about: string;
  readonly chart: ChartData;
  readonly full: Placement;
  readonly tall: Placement;
  readonly wide: Placement;
}

interface StateData {
  readonly path: string;
  /** `atomic` if left out. */
  readonly type?: string | undefined;
  readonly about?: string | undefined;
  readonly initial?: string | undefined;
  readonly entry?: readonly string[] | undefined;
  readonly exit?: readonly string[] | undefined;
  readonly invokes?: readonly string[] | undefined;
}

interface TransitionData {
  readonly in: string;
  /** The event in words. */
  readonly on: string;
  readonly if?: string | undefined;
  readonly do?: readonly string[] | undefined;
  readonly to?: readonly string[] | undefined;
}

/** What {@link chartOfData} reads again, but for the types of events: a reader has their labels. */
export function chartData(chart: Chart): ChartData {
  return {
    states: chart.states.map(({ path, type, description, initial, entry, exit, invokes }) => ({
      path,
      type: type === 'atomic' ? undefined : type,
      about: description,
      initial,
      entry: unlessEmpty(entry),
      exit: unlessEmpty(exit),
      invokes: unlessEmpty(invokes),
    })),
    transitions: chart.transitions.map(({ source, label, guard, actions, targets }) => ({
      in: source,
      on: label,
      if: guard,
      do: unlessEmpty(actions),
      to: unlessEmpty(targets),
    })),
  };
}

/** The chart again; the label of a transition stands for the type of its event. Throws a RangeError where it is none. */
export function chartOfData(id: string, { states, transitions }: ChartData): Chart {
  const stateAt = (index: number): ChartState => {
    const data = states[index];
    if (data === undefined) throw new RangeError(`chart of ${id}: it has no states`);
    const { path } = data;
    const children = states.flatMap((other, place) => (parentOf(other.path) === path ? [stateAt(place)] : []));
    return {
      path,
      name: path === '' ? id : path.slice(path.lastIndexOf('.') + 1),
      type: typeOf(id, data.type),
      description: data.about,
      initial: data.initial,
      entry: data.entry ?? [],
      exit: data.exit ?? [],
      invokes: data.invokes ?? [],
      children,
    };
  };
  const root = stateAt(0);
  return { id, root, states: statesUnder(root), transitions: transitions.map(transitionOf) };
}

function transitionOf({
  in: source,
  on: label,
  if: guard,
  do: actions = [],
  to: targets = [],
}: TransitionData): ChartTransition {
  return { source, event: label, label, guard, actions, targets };
}

/** Undefined for the machine itself. */
function parentOf(path: string): string | undefined {
  if (path === '') return undefined;
  const dot = path.lastIndexOf('.');
  return dot === -1 ? '' : path.slice(0, dot);
}

const stateTypes = ['atomic', 'compound', 'parallel', 'final', 'history'] as const;

function typeOf(id: string, given = 'atomic'): ChartState['type'] {
  const type = stateTypes.find((known) => known === given);
  if (type === undefined) throw new RangeError(`chart of ${id}: a state is ${given}, which is no type of state`);
  return type;
}

function unlessEmpty(values: readonly string[]): readonly string[] | undefined {
  return values.length === 0 ? undefined : values;
}
