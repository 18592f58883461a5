import type { FeedEvent } from '../../feed/messages.js';
import { Card } from '../parts/card.js';
import { StateName } from '../parts/state-name.js';
import { duration, timeOfDay } from '../parts/time-format.js';
import { printRoute } from '../routes/route.js';
import { useModel } from '../shell/page-context.js';
import type { Model } from '../store/model.js';

const mostRows = 8;
/** How far back is looked: a quiet connection among busy ones has little in the ring. */
const mostLooked = 20_000;

/** What happened to an actor, the newest first. */
export function HappenedCard({ actor }: { readonly actor: string }) {
  const events = useModel((model) => lastEvents(model, actor), isSameEvents);
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

function lastEvents({ events }: Model, actor: string): readonly FeedEvent[] {
  const found: FeedEvent[] = [];
  let looked = 0;
  for (const event of events.newestFirst()) {
    if (event.a === actor) found.push(event);
    if (found.length === mostRows || ++looked === mostLooked) break;
  }
  return found;
}

function isSameEvents(one: readonly FeedEvent[], other: readonly FeedEvent[]): boolean {
  return one.length === other.length && one[0]?.s === other[0]?.s && one.at(-1)?.s === other.at(-1)?.s;
}
