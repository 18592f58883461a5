import { isFeedMessage } from '../../feed/feed-message-check.js';
import type { Store } from '../store/store.js';
import { EventStreamParser } from './event-stream-parser.js';
import { HostRefusal, type HostRequests } from './host-requests.js';
import { howToGetIn } from './sign-in.js';
import type { PageClock } from './page-clock.js';

/** The host says something at least this often; when it does not, the feed is lost. */
export const silenceMs = 8_000;
/** Waits between two attempts: the first, and the longest. */
const firstWaitMs = 1_000;
const longestWaitMs = 5_000;

export interface FeedClientDependencies {
  readonly store: Store;
  readonly requests: HostRequests;
  readonly clock: PageClock;
}

/**
 * Reads the feed into the store, and opens it again when it is lost. Where it stands is the `FeedState` of the store; the
 * one place that tries again is {@link FeedClient.#lose}.
 */
export class FeedClient {
  readonly #dependencies: FeedClientDependencies;
  #attempt: AbortController | undefined;
  #stopTimer: (() => void) | undefined;
  #failures = 0;
  #slow = false;
  #lastId: string | undefined;

  constructor(dependencies: FeedClientDependencies) {
    this.#dependencies = dependencies;
  }

  /** Opens the feed, now, whatever it was doing. */
  open(): void {
    const { store } = this.#dependencies;
    this.close();
    // What was there stays in sight until there is something newer.
    if (store.live.t === 0) store.setFeed({ at: 'loading' });
    const attempt = new AbortController();
    this.#attempt = attempt;
    this.#read(attempt).then(
      () => this.#lose(attempt, 'the feed ended'),
      (error: unknown) => this.#lose(attempt, error),
    );
  }

  /** A page that nobody sees asks for one delta a second. */
  setSlow(slow: boolean): void {
    if (this.#slow === slow) return;
    this.#slow = slow;
    if (this.#attempt !== undefined) this.open();
  }

  close(): void {
    this.#stopTimer?.();
    this.#attempt?.abort();
    this.#attempt = undefined;
  }

  async #read(attempt: AbortController): Promise<void> {
    const { requests } = this.#dependencies;
    this.#awaitNews(attempt);
    const response = await requests.open(this.#slow ? '/feed?rate=1' : '/feed', {
      signal: attempt.signal,
      headers: { Accept: 'text/event-stream', ...(this.#lastId !== undefined && { 'Last-Event-ID': this.#lastId }) },
    });
    const parser = new EventStreamParser();
    const text = new TextDecoder();
    const reader = response.body?.getReader();
    if (reader === undefined) throw new Error('the host sent nothing');
    for (;;) {
      const { done, value } = await reader.read();
      if (done || attempt.signal.aborted) return;
      this.#awaitNews(attempt);
      for (const { id, data } of parser.take(text.decode(value, { stream: true }))) {
        this.#take(JSON.parse(data), id);
      }
    }
  }

  #take(message: unknown, id: string | undefined): void {
    const { store } = this.#dependencies;
    if (!isFeedMessage(message)) throw new UnknownMessage();
    const { feed } = store.live;
    store.take(message);
    this.#failures = 0;
    if (id !== undefined) this.#lastId = id;
    // A feed that goes on where it was broken off begins with what is new.
    if (message.type === 'delta' && feed.at !== 'live') store.setFeed({ at: 'live' });
    if (message.type === 'bye') this.close();
  }

  #awaitNews(attempt: AbortController): void {
    const { clock } = this.#dependencies;
    this.#stopTimer?.();
    this.#stopTimer = clock.after(silenceMs, () => this.#lose(attempt, `nothing came for ${silenceMs / 1000} s`));
  }

  #lose(attempt: AbortController, why: unknown): void {
    if (attempt !== this.#attempt) return;
    this.close();
    const { store, clock } = this.#dependencies;
    const said = why instanceof Error ? why.message : String(why);
    if (isFinal(why))
      return store.setFeed({
        at: 'refused',
        why: isLocked(why) ? `It has no key, or one that has ended. ${howToGetIn}` : said,
      });
    const wait = Math.min(longestWaitMs, firstWaitMs * 2 ** this.#failures++);
    const { feed } = store.live;
    const since = feed.at === 'lost' ? feed.since : clock.now();
    store.setFeed({ at: 'lost', since, retryAt: clock.now() + wait, why: said });
    this.#stopTimer = clock.after(wait, () => this.open());
  }
}

class UnknownMessage extends Error {
  constructor() {
    super('The host sent what this page does not understand. It may be of another version: load the page again.');
  }
}

/** Whether asking again is of no use. */
function isFinal(why: unknown): boolean {
  return why instanceof UnknownMessage || (why instanceof HostRefusal && (why.status === 401 || why.status === 403));
}

/** Whether another address lets this page in. */
function isLocked(why: unknown): boolean {
  return why instanceof HostRefusal && why.status === 401;
}
