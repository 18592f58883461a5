import { useMemo } from 'preact/hooks';
import type { FeedEvent } from '../../feed/feed-states.js';
import { splitFilter } from '../../feed/row-filter.js';
import { useKeys } from '../keys/listen-to-keys.js';
import { DecisionBars } from '../parts/decision-bars.js';
import { EmptyState, SampledNote } from '../parts/empty-state.js';
import { type Column, LongTable } from '../parts/long-table.js';
import { type Meaning, meaningOf } from '../parts/meaning.js';
import { RibbonAxis } from '../parts/ribbon-key.js';
import { Segments } from '../parts/segments.js';
import { StateName } from '../parts/state-name.js';
import { count, timeOfDay } from '../parts/time-format.js';
import { useModel, usePage, useRoute } from '../shell/page-context.js';
import { useTimeKeys } from '../shell/shown-time.js';
import { heldSeconds } from '../store/model.js';
import type { Ring } from '../store/ring.js';
import { secondRow } from '../store/second-row.js';
import { EventDetails } from './event-details.js';
import { type ListedEvent, parseFilter } from './event-filter.js';
import { EventSelection } from './event-selection.js';
import { actorInWords, eventsAsLines, noteOf } from './event-words.js';
import { FilterLine } from './filter-line.js';

const columns: readonly Column[] = [
  { name: 'time', class: 'event-time' },
  { name: 'actor', class: 'event-actor' },
  { name: 'event', class: 'event-what' },
  { name: 'state after', class: 'event-state' },
  { name: 'note', class: 'wide-only' },
];

const none: readonly ListedEvent[] = [];

/** What happened, the newest first: filtered, held, searched and taken along. */
export function EventsView() {
  const { go, say } = usePage();
  const route = useRoute();
  const { id, filter: text = '' } = route;
  const events = useModel((model) => model.events);
  const seconds = useModel((model) => model.seconds);
  // The one that has just ended, which is where the axis under it ends.
  const lastSecond = useModel((model) => Math.max(model.seconds.at(-1)?.second ?? 0, Math.floor(model.t / 1000) - 1));
  const bars = useMemo(() => secondRow(seconds, lastSecond, heldSeconds), [seconds, lastSecond]);
  const epoch = useModel((model) => model.hello?.epoch ?? 0);
  const filter = useMemo(() => parseFilter(text), [text]);
  const selection = useMemo(
    () => (filter.tokens === undefined ? undefined : new EventSelection(filter.tokens)),
    [filter],
  );
  const isTimed = filter.tokens?.some((token) => token.isTimed) === true;
  const now = useModel((model) => (isTimed ? model.t : 0));
  const shown = selection?.take(events, now) ?? none;
  const open =
    id === undefined ? undefined : (shown.find(({ event }) => String(event.s) === id) ?? heldEvent(events, Number(id)));
  const openEvent = (next: string | undefined) => {
    const { id: _id, ...list } = route;
    go(next === undefined ? list : { ...list, id: next }, 'replace');
  };
  const dropLast = () => {
    const { filter: _filter, ...rest } = route;
    const kept = splitFilter(text).slice(0, -1).join(' ');
    go({ ...rest, ...(kept !== '' && { filter: kept }) }, 'replace');
  };
  useKeys([{ key: 'Escape', does: 'close the event', run: () => openEvent(undefined) }]);
  const save = () => {
    saveFile(
      `events-${timeOfDay(Date.now()).replaceAll(':', '')}.jsonl`,
      eventsAsLines(shown.map(({ event }) => event)),
    );
    say(`Saved ${count(shown.length)} events.`);
  };
  return (
    <div class="view is-whole">
      <h1 class="unseen">Events</h1>
      <div class="toolbar">
        <FilterLine />
        <FollowSwitch />
        <button type="button" class="button" onClick={save} disabled={shown.length === 0}>
          Export
        </button>
      </div>
      <div class={open === undefined && id === undefined ? 'beside is-alone' : 'beside'}>
        <section class="card is-list" aria-label="Events">
          <div class="event-bars">
            <DecisionBars seconds={bars} height={36} label="Decisions of the last five minutes" />
            <RibbonAxis />
          </div>
          <p class="event-counts">
            {count(shown.length)} of {count(events.length)} events that are held <SampledNote of="events" />
          </p>
          {filter.tokens === undefined ? (
            <EmptyState title={filter.problem}>
              <button type="button" class="button" onClick={dropLast}>
                Without it
              </button>
            </EmptyState>
          ) : shown.length === 0 ? (
            <EmptyState title={events.length === 0 ? 'Nothing has happened yet.' : 'No event that is held matches.'}>
              {text !== '' && (
                <button type="button" class="button" onClick={dropLast}>
                  Without <code>{splitFilter(text).at(-1)}</code>
                </button>
              )}
            </EmptyState>
          ) : (
            <LongTable<ListedEvent>
              caption="Events, the newest first"
              class="event-list"
              columns={columns}
              count={shown.length}
              rowAt={(index) => shown[shown.length - 1 - index]}
              keyOf={({ event }) => String(event.s)}
              rowHeight={28}
              narrowRowHeight={52}
              selected={id}
              onOpen={({ event }) => openEvent(String(event.s))}
              rowClass={({ event }) => (event.odd === true ? `is-odd is-of-${oddMeaning(event)}` : undefined)}
              cells={(listed) => eventCells(listed, epoch)}
            />
          )}
        </section>
        {open !== undefined && <EventDetails event={open.event} lasted={open.lasted} />}
        {open === undefined && id !== undefined && <NoEvent id={id} onClose={() => openEvent(undefined)} />}
      </div>
    </div>
  );
}

function eventCells({ event }: ListedEvent, epoch: number) {
  const { t, a, e, from, to } = event;
  return (
    <>
      <td class="mono event-time">{timeOfDay(epoch + t, 'milliseconds')}</td>
      <td class="event-actor">{actorInWords(a)}</td>
      <td class="mono event-what">{e}</td>
      <td class="event-state">{from === to ? <span class="faint">stays</span> : <StateName at={to} />}</td>
      <td class="event-note wide-only">{noteOf(event)}</td>
    </>
  );
}

/** Blocked is no failure: the guard worked. */
function oddMeaning({ to }: FeedEvent): Meaning {
  const meaning = meaningOf(to);
  return meaning === 'blocked' || meaning === 'reconnecting' ? meaning : 'failed';
}

/** Following, or held, with how much is new since. */
function FollowSwitch() {
  const { store } = usePage();
  const { isHeld, toggle } = useTimeKeys();
  const missed = useModel(() => (store.time.at === 'held' ? store.live.seq - store.time.seq : 0));
  return (
    <Segments
      label="Time"
      options={[
        ['following', 'Following'],
        ['paused', isHeld && missed > 0 ? `Paused, ${count(missed)} new` : 'Paused'],
      ]}
      value={isHeld ? 'paused' : 'following'}
      onChange={(one) => {
        if ((one === 'paused') !== isHeld) toggle();
      }}
    />
  );
}

function NoEvent({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const oldest = useModel((model) => model.events.at(0)?.s);
  return (
    <section class="card" aria-label="Event">
      <EmptyState title={`Event ${id} is not held.`}>
        {oldest === undefined ? 'No event is.' : `The oldest that is held is ${oldest}.`}{' '}
        <button type="button" class="button" onClick={onClose}>
          Close
        </button>
      </EmptyState>
    </section>
  );
}

/** One that the filter does not want, but that a link leads to. */
function heldEvent(events: Ring<FeedEvent>, seq: number): ListedEvent | undefined {
  const event = events.at(events.firstWhere(({ s }) => s >= seq));
  return event?.s === seq ? { event, lasted: undefined } : undefined;
}

function saveFile(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'application/jsonl' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
