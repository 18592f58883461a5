import type { Chart, ChartTransition } from '../../../charts/chart.js';
import { isInside } from '../../../charts/chart.js';
import type { ChartArrow } from '../../../charts/arrows.js';
import type { PossibleEvent } from '../../feed/feed-next.js';
import type { LastTransition, TimerState } from '../../feed/feed-states.js';

/** What is said of an actor, as far as its chart shows it. */
export interface ActorOnChart {
  /** Where it is; several places with commas between, where regions run side by side. Empty: nowhere. */
  readonly at: string;
  readonly last?: LastTransition | undefined;
  readonly next: readonly PossibleEvent[];
  readonly timer?: TimerState | undefined;
}

/** Why an arrow is not drawn as all others; `any` leads out of every state. */
export type ArrowMark = 'last' | 'next' | 'any';

export interface MarkedArrow {
  readonly mark: ArrowMark | undefined;
  /** Places in {@link ActorOnChart.next} of what would take this arrow. */
  readonly next: readonly number[];
  /** Whether it is taken when the timer that runs is over. */
  readonly timed: boolean;
  /** The words that stand on it where it is marked. */
  readonly words: readonly string[];
}

export interface ChartMarks {
  /** The states that nothing lies in, of those that the actor is in. */
  readonly active: readonly string[];
  /** The states around them. */
  readonly within: readonly string[];
  /** Place of the arrow that brought the actor here. */
  readonly last: number | undefined;
  /** In the order of the arrows. */
  readonly arrows: readonly MarkedArrow[];
}

/** Which states and arrows of a chart say something of an actor. */
export function marksOf(chart: Chart, arrows: readonly ChartArrow[], actor: ActorOnChart): ChartMarks {
  const { at, last, next, timer } = actor;
  const active = placesIn(chart, at);
  const within = chart.states
    .filter(({ path }) => path !== '' && active.some((one) => one !== path && isInside(path)(one)))
    .map(({ path }) => path);
  const lastArrow = last === undefined ? -1 : arrowOfLast(arrows, last, active);
  const possible = arrows.map((arrow) => next.flatMap((event, index) => (takes(arrow, event) ? [index] : [])));
  const timed = timer === undefined ? -1 : arrowOfTimer(arrows, possible, actor, timer, active);
  return {
    active,
    within,
    last: lastArrow === -1 ? undefined : lastArrow,
    arrows: arrows.map((arrow, index) => {
      const places = possible[index] ?? [];
      const open = places.filter((place) => isOpen(next[place]));
      const mark = open.length > 0 ? markOf(chart, arrow) : index === lastArrow ? 'last' : undefined;
      const events = new Set(open.map((place) => next[place]?.e ?? ''));
      const first = index === timed && timer !== undefined && events.has(timer.event) ? [timer.event] : [];
      const words = mark === 'last' ? [last?.event ?? ''] : [...new Set([...first, ...events])];
      return { mark, next: places, timed: index === timed, words };
    }),
  };
}

/** The paths in the text that the chart has. */
function placesIn(chart: Chart, at: string): string[] {
  const paths = at.split(',').map((path) => path.trim());
  return chart.states.map(({ path }) => path).filter((path) => path !== '' && paths.includes(path));
}

/** Whether it would be taken, or might be. */
function isOpen(event: PossibleEvent | undefined): boolean {
  return event !== undefined && event.holds !== false && event.shadowed !== true;
}

function markOf(chart: Chart, { source, target }: ChartArrow): ArrowMark {
  const isComposite = chart.states.some(({ path, children }) => path === source && children.length > 0);
  return isComposite && isInside(source)(target) ? 'any' : 'next';
}

/** Whether an event, were it to come, would take the arrow. */
function takes({ source, target, transitions }: ChartArrow, { e, src, guard, to }: PossibleEvent): boolean {
  if (to === undefined || src !== source || !isInside(target)(to)) return false;
  return transitions.some((one) => one.label === e && isSameGuard(one, guard));
}

/** A host may leave out parameters of a guard. */
function isSameGuard({ guard }: ChartTransition, asked: string | undefined): boolean {
  return guard === asked || (guard !== undefined && asked !== undefined && guard.startsWith(`${asked}(`));
}

/** The innermost that leads from where it was to where it is. */
function arrowOfLast(arrows: readonly ChartArrow[], last: LastTransition, active: readonly string[]): number {
  const from = last.from.split(',').map((path) => path.trim());
  const fitting = arrows.flatMap(({ source, target, transitions }, index) =>
    transitions.some(({ label }) => label === last.event) &&
    from.some(isInside(source)) &&
    active.some(isInside(target))
      ? [{ index, depth: source.length + target.length }]
      : [],
  );
  return fitting.toSorted((one, other) => other.depth - one.depth)[0]?.index ?? -1;
}

/** Of several that the timer may take by their guards, the one that it would take now. */
function arrowOfTimer(
  arrows: readonly ChartArrow[],
  possible: readonly (readonly number[])[],
  { next }: ActorOnChart,
  timer: TimerState,
  active: readonly string[],
): number {
  const fitting = arrows.flatMap(({ source, transitions }, index) =>
    transitions.some(({ label }) => label === timer.event) && active.some(isInside(source)) ? [index] : [],
  );
  const open = fitting.find((index) =>
    possible[index]?.some((place) => next[place]?.e === timer.event && isOpen(next[place])),
  );
  return open ?? fitting[0] ?? -1;
}
