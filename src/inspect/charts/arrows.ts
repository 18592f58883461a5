import {
  behaviourLines,
  type Chart,
  type ChartState,
  type ChartTransition,
  internalTransitions,
  isInside,
} from './chart.js';

/** All transitions from one state to another: drawn as one arrow. */
export interface ChartArrow {
  readonly source: string;
  readonly target: string;
  /** Empty for the arrow from the dot to the state that comes first. */
  readonly transitions: readonly ChartTransition[];
}

/** One line of text in a state; `transition` where the line is an internal one. */
export interface StateLine {
  readonly text: string;
  readonly transition: ChartTransition | undefined;
}

/** Every arrow of a chart: those from the dots first, then those of transitions, in the order of the declaration. */
export function arrowsOf(chart: Chart): ChartArrow[] {
  const initial = chart.states.flatMap(({ path, initial: target }) =>
    target === undefined ? [] : [{ source: path, target, transitions: [] }],
  );
  const groups = new Map<string, ChartArrow>();
  for (const transition of chart.transitions) {
    for (const target of transition.targets) {
      const { source } = transition;
      const key = `${source}>${target}`;
      groups.set(key, { source, target, transitions: [...(groups.get(key)?.transitions ?? []), transition] });
    }
  }
  return [...initial, ...groups.values()];
}

/** Whether some transition leads from a composite state to one inside it: drawn from a box "in any state". */
export function leadsInwards(chart: Chart, { path, children }: ChartState): boolean {
  return (
    children.length > 0 &&
    chart.transitions.some((one) => one.source === path && one.targets.some(isInside(one.source)))
  );
}

/** What stands in a state under its name. */
export function stateLines(chart: Chart, state: ChartState): StateLine[] {
  return [
    ...behaviourLines(state).map((text) => ({ text, transition: undefined })),
    ...internalTransitions(chart, state.path).map((transition) => ({ text: labelText(transition), transition })),
  ];
}

/** The two rows of a transition on an arrow: what it waits for, and what it does. */
export function labelRows({ label, guard, actions }: ChartTransition): { head: string; guard: string; effect: string } {
  return {
    head: label,
    guard: guard === undefined ? '' : `[${guard}]`,
    effect: actions.length === 0 ? '' : `/ ${actions.join(', ')}`,
  };
}

function labelText(transition: ChartTransition): string {
  const { head, guard, effect } = labelRows(transition);
  return [head, guard, effect].filter((part) => part !== '').join(' ');
}
