import type { Socket } from 'node:net';
import type { TimerHandle } from '../../time/clock.js';
import { Cancellation, type CancelSignal } from '../../time/cancellation.js';
import { type LaneSettings, UnixLane } from './unix-lane.js';
import type { UnixRequest } from './unix-request.js';

export interface LanesSettings extends LaneSettings {
  /** Opens a connection. */
  readonly connect: (signal: CancelSignal) => Promise<Socket>;
  /** Connections that may be open at one time. */
  readonly most: number;
  /** Milliseconds after which a connection that is not used is given up, unless it is the last one. */
  readonly idleMs: number;
}

export interface LanesEvents {
  /** There may be room for a request, or a reason to open a connection. */
  onRoom(): void;
  /** Whether requests wait for room. */
  isWanted(): boolean;
  /** A connection was lost that owed answers, as others do: no more requests are taken, and `onEnded` follows the last one. */
  onRetire(error: Error): void;
  /** There is no connection any more, or one was lost that alone owed answers. */
  onEnded(error: Error): void;
}

/** Milliseconds of waiting that make no difference. */
const negligibleMs = 1;
/** Milliseconds that requests wait for a connection that is being opened while there are others they could go over. */
const patienceMs = 100;
/** Milliseconds without a further attempt after a connection beside others could not be opened. */
const restMs = 1000;

/**
 * The connections of one link. As long as answers come soon one is enough, because writing and reading many frames at a time is
 * what makes it fast; more are opened when every one holds up what would be sent on it.
 */
export class UnixLanes {
  readonly #settings: LanesSettings;
  readonly #events: LanesEvents;
  /** Aborts when no more requests are taken, and no more connections are opened. */
  readonly #over = new Cancellation();
  /** Open lanes, and retiring ones that still owe answers, in the order they were opened. */
  readonly #lanes = new Set<UnixLane>();
  readonly #opening = new Set<Promise<void>>();
  #openingSince = 0;
  /** Requests that wait for a lane, when that was last said. */
  #wanted = 0;
  #restsUntil = Number.NEGATIVE_INFINITY;
  #slowTimer: TimerHandle | undefined;
  #look: NodeJS.Immediate | undefined;
  #idleTimer: TimerHandle | undefined;

  constructor(first: Socket, settings: LanesSettings, events: LanesEvents) {
    this.#settings = settings;
    this.#events = events;
    this.#add(first);
  }

  /** Whether requests are taken no more. */
  get isOver(): boolean {
    return this.#over.aborted;
  }

  /** The lane for the next request: the one where it waits least. Undefined while it is better to wait for another lane. */
  pick(): UnixLane | undefined {
    const now = this.#settings.clock.now();
    let best: UnixLane | undefined;
    let least = Math.max(this.#settings.slowMs, negligibleMs);
    for (const lane of this.#lanes) {
      if (!lane.isSwift) continue;
      const waited = Math.max(lane.waitedMs(now), negligibleMs);
      if (waited < least || (best === undefined && waited === least)) [best, least] = [lane, waited];
    }
    return best ?? (this.#mayOpen(now) || this.#isOpening(now) ? undefined : this.#shortest());
  }

  /** `count` requests wait because there is no lane for them: opens some if all that are there are held up. */
  want(count: number): void {
    if (this.#over.aborted) return;
    this.#wanted = count;
    const { clock, slowMs } = this.#settings;
    const now = clock.now();
    if (!this.#mayOpen(now)) {
      if (this.#opening.size > 0) this.#slowTimer ??= clock.setTimeout(this.#onSlow, patienceMs);
      return;
    }
    let soonest = Number.POSITIVE_INFINITY;
    for (const lane of this.#lanes)
      if (lane.isOpen && !lane.isSlow(now)) soonest = Math.min(soonest, slowMs - lane.waitedMs(now));
    // What has come from the other side in the meantime is read first: we may have been the slow ones.
    if (soonest === Number.POSITIVE_INFINITY) this.#look ??= setImmediate(this.#openIfSlow);
    else this.#slowTimer ??= clock.setTimeout(this.#onSlow, soonest + 1);
  }

  giveUp(request: UnixRequest): void {
    for (const lane of this.#lanes) if (lane.giveUp(request)) return;
  }

  /** Ends all connections and cuts off what is in flight; settles when they are gone. */
  async close(reason: Error): Promise<void> {
    this.#takeNoMore(reason);
    for (const lane of this.#lanes) lane.close(reason);
    await Promise.all([...[...this.#lanes].map((lane) => lane.gone), ...this.#opening]);
  }

  #takeNoMore(reason: Error): void {
    const { clock } = this.#settings;
    this.#over.abort(reason);
    clock.clearTimeout(this.#slowTimer);
    clock.clearTimeout(this.#idleTimer);
    clearImmediate(this.#look);
  }

  /**
   * The server may be gone, and its other connections with it: nothing more is sent to it. If it is not, what it works on
   * there is not touched by what became of this one.
   */
  #lose(error: Error): void {
    if (this.#over.aborted) return;
    if (![...this.#lanes].some((lane) => lane.inFlight > 0)) return this.#events.onEnded(error);
    this.#takeNoMore(error);
    for (const lane of this.#lanes) lane.retire();
    this.#events.onRetire(error);
  }

  #add(socket: Socket): void {
    const lane = new UnixLane(socket, this.#settings, {
      onRoom: () => this.#events.onRoom(),
      isWanted: () => this.#events.isWanted(),
      onRetire: () => {
        if (!this.#hasOpen() && this.#opening.size === 0) this.#open();
      },
      onDropped: (error) => this.#miss(error),
      onLost: (error) => this.#lose(error),
    });
    this.#lanes.add(lane);
    void lane.gone.then(() => this.#gone(lane));
    this.#watchIdle();
  }

  #gone(lane: UnixLane): void {
    this.#lanes.delete(lane);
    const { aborted, reason } = this.#over;
    if (aborted && this.#lanes.size === 0 && reason instanceof Error) this.#events.onEnded(reason);
  }

  #open(): void {
    if (this.#over.aborted) return;
    if (this.#opening.size === 0) this.#openingSince = this.#settings.clock.now();
    const opening = this.#settings.connect(this.#over).then(
      (socket) => {
        this.#opening.delete(opening);
        if (this.isOver) return void socket.destroy();
        this.#add(socket);
        this.#events.onRoom();
      },
      (error: Error) => {
        this.#opening.delete(opening);
        this.#restsUntil = this.#settings.clock.now() + restMs;
        this.#miss(error);
      },
    );
    this.#opening.add(opening);
  }

  /** Goes on with the connections that are left, if there are any. */
  #miss(error: Error): void {
    if (this.#over.aborted) return;
    if (this.#hasOpen() || this.#opening.size > 0) this.#events.onRoom();
    else this.#events.onEnded(error);
  }

  readonly #onSlow = (): void => {
    this.#slowTimer = undefined;
    this.#events.onRoom();
  };

  readonly #openIfSlow = (): void => {
    this.#look = undefined;
    const now = this.#settings.clock.now();
    const open = [...this.#lanes].filter((lane) => lane.isOpen);
    if (open.some((lane) => !lane.isSlow(now))) return this.#events.onRoom();
    // As many again as there are: the first further ones show whether more are of use.
    const most = Math.min(this.#wanted, Math.max(1, open.length));
    while (this.#opening.size < most && this.#mayOpen(now)) this.#open();
  };

  #mayOpen(now: number): boolean {
    if (now < this.#restsUntil) return false;
    let open = this.#opening.size;
    for (const lane of this.#lanes) if (lane.isOpen) open++;
    return open < this.#settings.most;
  }

  #isOpening(now: number): boolean {
    return this.#opening.size > 0 && now - this.#openingSince < patienceMs;
  }

  #hasOpen(): boolean {
    for (const lane of this.#lanes) if (lane.isOpen) return true;
    return false;
  }

  /** Of lanes that all have something in flight, one that is not held up, and among those the one with the fewest. */
  #shortest(): UnixLane | undefined {
    const now = this.#settings.clock.now();
    let best: UnixLane | undefined;
    let least = Number.POSITIVE_INFINITY;
    for (const lane of this.#lanes) {
      if (!lane.hasRoom) continue;
      const length = lane.inFlight + (lane.isSlow(now) ? this.#settings.maxInFlight : 0);
      if (length < least) [best, least] = [lane, length];
    }
    return best;
  }

  #watchIdle(): void {
    if (this.#lanes.size < 2 || this.#idleTimer !== undefined) return;
    this.#idleTimer = this.#settings.clock.setTimeout(this.#closeIdle, this.#settings.idleMs);
  }

  readonly #closeIdle = (): void => {
    this.#idleTimer = undefined;
    const { clock, idleMs } = this.#settings;
    const now = clock.now();
    const [, ...others] = [...this.#lanes].filter((lane) => lane.isOpen);
    for (const lane of others) if (lane.idleMs(now) >= idleMs) lane.close();
    this.#watchIdle();
  };
}
