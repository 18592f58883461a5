import type { ComponentChildren } from 'preact';
import type { FeedEvent } from '../../feed/feed-states.js';
import { Card } from '../parts/card.js';
import { CopyAs } from '../parts/copy-as.js';
import { StateName } from '../parts/state-name.js';
import { duration, timeOfDay } from '../parts/time-format.js';
import { printRoute, type Route } from '../routes/route.js';
import { useModel, useRoute } from '../shell/page-context.js';
import type { Model } from '../store/model.js';
import { isSameValue } from '../store/same-value.js';
import { actorInWords } from './event-words.js';

/** How many events after one are looked through for what it led to, and how many of those are shown. */
const mostLooked = 2_000;
const mostLedTo = 8;

/** All of one event, what it comes of, and what came of it. */
export function EventDetails({ event, lasted }: { readonly event: FeedEvent; readonly lasted: number | undefined }) {
  const route = useRoute();
  const epoch = useModel((model) => model.hello?.epoch ?? 0);
  const { cause, ledTo } = useModel((model) => relatives(model, event), isSameValue);
  const { s, t, a, e, from, to, guard = {}, did = [], data = {} } = event;
  const link = printRoute({ ...route, id: String(s), seq: s });
  return (
    <Card
      title={e}
      class="event-details is-list"
      actions={
        <CopyAs
          forms={[
            {
              name: 'link',
              hint: 'with the time held there',
              text: () => `${location.origin}${location.pathname}${link}`,
            },
            { name: 'JSON', hint: 'as the feed has it', text: () => JSON.stringify(event, undefined, 2) },
          ]}
        />
      }
    >
      <dl>
        <Fact name="number">{s}</Fact>
        <Fact name="time">{timeOfDay(epoch + t, 'milliseconds')}</Fact>
        <Fact name="actor">
          <a class="link" href={printRoute(actorRoute(a, route.seq))}>
            {actorInWords(a)}
          </a>
        </Fact>
        <Fact name="from">
          <StateName at={from} />
        </Fact>
        <Fact name="to">{from === to ? <span class="dim">stays</span> : <StateName at={to} />}</Fact>
        {lasted !== undefined && <Fact name="after">{duration(lasted)} there</Fact>}
        {Object.entries(guard).map(([name, holds]) => (
          <Fact key={name} name="guard">
            <code>{name}</code> {String(holds)}
          </Fact>
        ))}
        {did.length > 0 && (
          <Fact name="did">
            <code>{did.join(', ')}</code>
          </Fact>
        )}
        {Object.entries(data).map(([name, value]) => (
          <Fact key={name} name={name}>
            <code>{String(value)}</code>
          </Fact>
        ))}
        {event.cause !== undefined && (
          <Fact name="caused by">
            {cause === undefined ? <span class="dim">{event.cause}, no longer held</span> : <Relative event={cause} />}
          </Fact>
        )}
        <Fact name="led to">
          {ledTo.length === 0 ? (
            <span class="dim">nothing that is held</span>
          ) : (
            ledTo.map((one) => <Relative key={one.s} event={one} />)
          )}
        </Fact>
      </dl>
    </Card>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Relative({ event: { s, a, e } }: { readonly event: FeedEvent }) {
  const route = useRoute();
  return (
    <a class="link relative" href={printRoute({ ...route, id: String(s) })}>
      {e} <span class="dim">{actorInWords(a)}</span>
    </a>
  );
}

function relatives({ events }: Model, { s, cause: causeSeq }: FeedEvent) {
  const at = events.firstWhere((one) => one.s >= s);
  const found = causeSeq === undefined ? undefined : events.at(events.firstWhere((one) => one.s >= causeSeq));
  const ledTo: FeedEvent[] = [];
  for (let index = at + 1; index < Math.min(events.length, at + mostLooked) && ledTo.length < mostLedTo; index++) {
    const one = events.at(index);
    if (one?.cause === s) ledTo.push(one);
  }
  return { cause: found?.s === causeSeq ? found : undefined, ledTo };
}

function actorRoute(actor: string, seq: number | undefined): Route {
  const held = seq === undefined ? {} : { seq };
  const [kind = '', ...name] = actor.split(':');
  if (kind === 'invocation') return { view: 'invocations', id: name.join(':'), ...held };
  if (kind === 'plugin') return { view: 'plugins', id: name.join(':'), ...held };
  if (kind === 'connection') return { view: 'connections', id: actor, ...held };
  return { view: 'events', filter: `actor:${actor}`, ...held };
}
