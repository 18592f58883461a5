import type { PossibleEvent } from '../../feed/feed-next.js';
import { Card } from '../parts/card.js';
import { Countdown } from '../parts/moving-time.js';
import { StateName } from '../parts/state-name.js';
import { type NextRow, nextGroups } from './next-events.js';

export interface NextCardProps {
  /** Undefined: not known. */
  readonly events: readonly PossibleEvent[] | undefined;
  /** Place of the event that is pointed at, here or in the chart. */
  readonly lit: number | undefined;
  readonly onLight: (event: number | undefined) => void;
}

/** Each event that it would take now, with what its guard says, and what it would do. */
export function NextCard({ events, lit, onLight }: NextCardProps) {
  return (
    <Card title="What can happen next" note="asked of the running machine">
      {events === undefined ? (
        <p class="card-text faint">It is known of what runs now only.</p>
      ) : events.length === 0 ? (
        <p class="card-text faint">Nothing any more.</p>
      ) : (
        <table class="next-table" onPointerLeave={() => onLight(undefined)}>
          <thead>
            <tr>
              <th scope="col">event</th>
              <th scope="col">guard, now</th>
              <th scope="col" class="wide-only">
                does
              </th>
              <th scope="col">goes to</th>
            </tr>
          </thead>
          {nextGroups(events).map(({ src, rows }) => (
            <tbody key={src}>
              <tr class="group-row">
                <th colSpan={4} scope="rowgroup">
                  {src === '' ? 'in any state' : `in ${src}`}
                </th>
              </tr>
              {rows.map((row) => (
                <EventRow key={row.index} row={row} isLit={row.index === lit} onLight={onLight} />
              ))}
            </tbody>
          ))}
        </table>
      )}
    </Card>
  );
}

interface EventRowProps {
  readonly row: NextRow;
  readonly isLit: boolean;
  readonly onLight: (event: number | undefined) => void;
}

function EventRow({ row, isLit, onLight }: EventRowProps) {
  const { index, isOpen, guard, event } = row;
  const { e, to, does = [], due } = event;
  const classes = `${isOpen ? '' : 'is-shut'} ${isLit ? 'is-lit' : ''}`;
  return (
    <tr class={classes} onPointerEnter={() => onLight(index)}>
      <td class="mono">
        <button type="button" class="event-name" onFocus={() => onLight(index)} onBlur={() => onLight(undefined)}>
          {e}
        </button>
      </td>
      <td>
        {event.guard !== undefined && <code>{event.guard}</code>}{' '}
        {due !== undefined && (
          <b class="due">
            <Countdown due={due} />
          </b>
        )}{' '}
        <span class={event.guard === undefined ? 'faint' : ''}>{guard}</span>
      </td>
      <td class="mono dim wide-only">{does.join(', ')}</td>
      <td>{to === undefined ? <span class="dim">stays</span> : <StateName at={to} />}</td>
    </tr>
  );
}
