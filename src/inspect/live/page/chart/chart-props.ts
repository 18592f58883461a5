import type { ChartForm } from '../../../charts/placement.js';
import type { Meaning } from '../parts/meaning.js';
import type { PossibleEvent } from '../../feed/feed-next.js';
import type { LastTransition, TimerState } from '../../feed/feed-states.js';

export interface ChartProps {
  /** Id of the machine. */
  readonly machine: string;
  /** `map` takes the map that is drawn larger in the room that there is. */
  readonly form: ChartForm | 'map';
  /** Where the actor is; several places with commas between, where regions run side by side. Empty: there is none. */
  readonly at: string;
  readonly last?: LastTransition | undefined;
  /** What can happen next; for a chart without an actor see {@link everyEvent}. */
  readonly next: readonly PossibleEvent[];
  readonly timer?: TimerState | undefined;
  /** When it came to where it is, in milliseconds since the epoch of the host. */
  readonly since?: number | undefined;
  /** What the state means: its colour. */
  readonly meaning: Meaning;
  /** Place in `next` of what a list points at. */
  readonly lit?: number | undefined;
  /** Somebody points at an arrow: the place in `next` of what would take it, or undefined. */
  readonly onLight?: ((event: number | undefined) => void) | undefined;
  /** The picture is old: its colours fade, and times stand still. */
  readonly dimmed?: boolean | undefined;
  /** No arrow is coloured before it is pointed at: there is nothing that could happen next. */
  readonly quiet?: boolean | undefined;
}
