import type { ActorState, PossibleEvent } from '../../feed/messages.js';
import { Card } from '../parts/card.js';
import { StateName } from '../parts/state-name.js';
import { useModel } from '../shell/page-context.js';

export interface ChartCardProps {
  readonly actor: ActorState;
  readonly next: readonly PossibleEvent[];
  /** Place in `next` of what is pointed at. */
  readonly lit: number | undefined;
  readonly onLight: (event: number | undefined) => void;
}

/** Where it is in its machine. */
export function ChartCard({ actor, next, lit, onLight }: ChartCardProps) {
  const ribbon = useModel(({ ribbons }) => ribbons.get(actor.id)) ?? [];
  const states = [...new Set([...ribbon.map(([, state]) => state), actor.at])];
  return (
    <Card title="Where it is" class="chart-card">
      <ul class="chart-list">
        {states.map((state) => {
          const place = next.findIndex(({ to }) => to === state);
          return (
            <li
              key={state}
              class={place !== -1 && place === lit ? 'is-lit' : ''}
              onPointerEnter={() => onLight(place === -1 ? undefined : place)}
              onPointerLeave={() => onLight(undefined)}
              {...(state === actor.at && { 'aria-current': true })}
            >
              <StateName at={state} />
            </li>
          );
        })}
      </ul>
    </Card>
  );
}
