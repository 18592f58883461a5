import type { FeedEvent } from '../../feed/feed-states.js';
import type { Ring } from '../store/ring.js';
import { type FilterToken, type ListedEvent, matchesFilter } from './event-filter.js';

/** The events that a filter wants, the oldest first. */
export class EventSelection {
  readonly #tokens: readonly FilterToken[];
  /** Asked each time: they let go of events by and by. */
  readonly #timed: readonly FilterToken[];
  /** When each actor came to the state that it is in, as far as its events were seen. */
  readonly #since = new Map<string, number>();
  #chosen: ListedEvent[] = [];
  #lastSeq = 0;

  constructor(tokens: readonly FilterToken[]) {
    this.#tokens = tokens.filter(({ isTimed }) => isTimed !== true);
    this.#timed = tokens.filter(({ isTimed }) => isTimed === true);
  }

  /** @param now of the time that is shown */
  take(events: Ring<FeedEvent>, now = 0): readonly ListedEvent[] {
    const chosen = this.#choose(events);
    if (this.#timed.length === 0) return chosen;
    return chosen.filter((listed) => matchesFilter(this.#timed, listed, now));
  }

  /** Looks at what is new only, as long as time goes on. */
  #choose(events: Ring<FeedEvent>): readonly ListedEvent[] {
    const last = events.at(-1)?.s ?? 0;
    if (last < this.#lastSeq) this.#forget();
    if (last === this.#lastSeq && last !== 0) return this.#chosen;
    const news: ListedEvent[] = [];
    for (let index = events.firstWhere(({ s }) => s > this.#lastSeq); index < events.length; index++) {
      const event = events.at(index);
      if (event === undefined) continue;
      const since = this.#since.get(event.a);
      const listed = { event, lasted: since === undefined ? undefined : event.t - since };
      if (event.from !== event.to || since === undefined) this.#since.set(event.a, event.t);
      if (matchesFilter(this.#tokens, listed)) news.push(listed);
    }
    this.#lastSeq = last;
    const first = events.at(0)?.s ?? 0;
    const kept = this.#chosen.findIndex(({ event }) => event.s >= first);
    const old = kept === -1 ? [] : kept === 0 ? this.#chosen : this.#chosen.slice(kept);
    // Another list each time: whoever draws one sees whether it is the same.
    this.#chosen = news.length === 0 && old === this.#chosen ? old : [...old, ...news];
    return this.#chosen;
  }

  #forget(): void {
    this.#since.clear();
    this.#chosen = [];
    this.#lastSeq = 0;
  }
}
