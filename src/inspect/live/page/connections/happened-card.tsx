import type { FeedEvent } from '../../feed/feed-states.js';
import { useMemo } from 'preact/hooks';
import { EventSelection } from '../events/event-selection.js';
import { Card } from '../parts/card.js';
import { StateName } from '../parts/state-name.js';
import { duration, timeOfDay } from '../parts/time-format.js';
import { printRoute } from '../routes/route.js';
import { useModel } from '../shell/page-context.js';
import type { Model } from '../store/model.js';

const mostRows = 8;

/** What happened to an actor, the newest first. */
export function HappenedCard({ actor }: { readonly actor: string }) {
  // Looks at each event once: a quiet connection among busy ones has little in twenty thousand.
  const selection = useMemo(
    () => new EventSelection([{ text: '', isWanted: ({ event }) => event.a === actor }]),
    [actor],
  );
  const events = useModel((model) => lastEvents(selection, model), isSameEvents);
  const epoch = useModel((model) => model.hello?.epoch ?? 0);
  return (
    <Card
      title="What happened"
      note="newest first"
      actions={
        <a class="button is-quiet" href={printRoute({ view: 'events', filter: `actor:${actor}` })}>
          All of its events
        </a>
      }
    >
      {events.length === 0 ? (
        <p class="card-text faint">None of its events is held.</p>
      ) : (
        <table class="happened-table">
          <thead class="unseen">
            <tr>
              <th scope="col">time</th>
              <th scope="col">event</th>
              <th scope="col">state after</th>
              <th scope="col">after the one before</th>
            </tr>
          </thead>
          <tbody>
            {events.map((event, index) => {
              const before = events[index + 1];
              return (
                <tr key={event.s}>
                  <td class="mono">
                    <a href={printRoute({ view: 'events', id: String(event.s), filter: `actor:${actor}` })}>
                      {timeOfDay(epoch + event.t, 'milliseconds')}
                    </a>
                  </td>
                  <td class="mono">{event.e}</td>
                  <td>{event.from === event.to ? <span class="faint">stays</span> : <StateName at={event.to} />}</td>
                  <td class="number dim wide-only">{before === undefined ? '' : `+${duration(event.t - before.t)}`}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </Card>
  );
}

function lastEvents(selection: EventSelection, { events }: Model): readonly FeedEvent[] {
  const chosen = selection.take(events).slice(-mostRows);
  return chosen.map(({ event }) => event).reverse();
}

function isSameEvents(one: readonly FeedEvent[], other: readonly FeedEvent[]): boolean {
  return one.length === other.length && one[0]?.s === other[0]?.s && one.at(-1)?.s === other.at(-1)?.s;
}
