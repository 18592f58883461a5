import type { Chart } from '../../../charts/chart.js';
import type { PossibleEvent } from '../../feed/feed-next.js';

/** All that can happen in a machine at all, as if it were possible: for its chart without an actor. */
export function everyEvent({ transitions }: Chart): PossibleEvent[] {
  return transitions.flatMap(({ source, label, guard, actions, targets }) => {
    const event = { e: label, src: source, ...(guard !== undefined && { guard }), does: actions };
    return targets.length === 0 ? [event] : targets.map((to) => ({ ...event, to }));
  });
}
