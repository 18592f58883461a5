import { GatechartError } from '../../../errors.js';
import type { HttpClientSettings } from '../../../config/sections/http-client.js';
import type { Clock } from '../../../time/clock.js';
import { Deadline, Deadlines } from '../../../time/deadlines.js';

export interface RequestQueueOptions {
  readonly name: string;
  readonly http: HttpClientSettings;
  readonly clock: Clock;
}

/** The place of one request among those that wait. */
export class Place<Request> extends Deadline {
  /** Those beside it; cleared when it leaves, so that one that has grown old keeps none of the later ones. */
  before: Place<Request> | undefined;
  behind: Place<Request> | undefined;

  constructor(
    readonly request: Request,
    expire: () => void,
  ) {
    super(expire);
  }
}

/** What waits, and knows where. */
interface Queued<Request> {
  place: Place<Request> | undefined;
  fail(error: Error): void;
}

/**
 * Requests that wait for a connection, first come, first served; none of them longer than the pool time-out. A linked list
 * and not a `Map`, for the reason that `FreeList` gives: with it, most of the processor's time went into collecting what had
 * waited (`npm run bench`, http/256).
 */
export class RequestQueue<Request extends Queued<Request>> {
  readonly #options: RequestQueueOptions;
  readonly #deadlines: Deadlines;
  #first: Place<Request> | undefined;
  #last: Place<Request> | undefined;

  constructor(options: RequestQueueOptions) {
    this.#options = options;
    this.#deadlines = new Deadlines(options.clock);
  }

  add(request: Request): void {
    const { http } = this.#options;
    const place = new Place(request, () => request.fail(this.#tooLong()));
    request.place = place;
    this.#deadlines.arm(place, http.poolTimeoutMs);
    place.before = this.#last;
    if (this.#last === undefined) this.#first = place;
    else this.#last.behind = place;
    this.#last = place;
  }

  /** Takes out the one that has waited longest. */
  next(): Request | undefined {
    const request = this.#first?.request;
    if (request !== undefined) this.remove(request);
    return request;
  }

  /** Nothing happens if it does not wait. */
  remove(request: Request): void {
    const { place } = request;
    if (place === undefined) return;
    request.place = undefined;
    this.#deadlines.disarm(place);
    const { before, behind } = place;
    if (before === undefined) this.#first = behind;
    else before.behind = behind;
    if (behind === undefined) this.#last = before;
    else behind.before = before;
    place.before = place.behind = undefined;
  }

  /** Leaves no timer behind; nothing waits any more. */
  close(): void {
    this.#deadlines.close();
  }

  #tooLong(): GatechartError {
    const { http, name } = this.#options;
    return new GatechartError(
      'LINK_LOST',
      `${name}: no connection became free within ${http.poolTimeoutMs} ms: all ${http.maxConnections} are in use (PLUGINS_HTTPX_POOL_TIMEOUT, PLUGINS_HTTPX_MAX_CONNECTIONS).`,
    );
  }
}
