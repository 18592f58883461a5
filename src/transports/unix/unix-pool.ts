import type { Socket } from 'node:net';
import type { TimerHandle } from '../../time/clock.js';
import { Cancellation } from '../../time/cancellation.js';
import { quickest, shortest } from './connection-choice.js';
import { type OpeningsSettings, patienceMs, UnixOpenings } from './unix-openings.js';
import type { UnixRequest } from './unix-request.js';
import { type SocketConnectionSettings, UnixSocketConnection } from './unix-socket-connection.js';

export interface PoolSettings extends SocketConnectionSettings, OpeningsSettings {
  /** Connections that may be open at one time. */
  readonly most: number;
  /** Milliseconds after which a connection that is not used is given up, unless it is the last one. */
  readonly idleMs: number;
}

export interface PoolEvents {
  /** There may be room for a request, or a reason to open a connection. */
  onRoom(): void;
  /** Whether requests wait for room. */
  isWanted(): boolean;
  /** A connection was lost that owed answers, as others do: no more requests are taken, and `onEnded` follows the last one. */
  onRetire(error: Error): void;
  /** There is no connection any more, or one was lost that alone owed answers. */
  onEnded(error: Error): void;
}

/**
 * Connections that are used as soon as a few requests overlap, however soon their answers come: when one request proves to
 * be slow, what was sent behind it waits, and all else goes on over another connection. No more, because writing and reading
 * many frames at a time is what makes it fast.
 */
const sideBySide = 2;

/**
 * The connections of one link. As long as answers come soon two are enough; more are opened when every one holds up what
 * would be sent on it.
 */
export class UnixPool {
  readonly #settings: PoolSettings;
  readonly #events: PoolEvents;
  /** Aborts when no more requests are taken, and no more connections are opened. */
  readonly #over = new Cancellation();
  /** Open ones, and retiring ones that still owe answers, in the order they were opened. */
  readonly #connections = new Set<UnixSocketConnection>();
  readonly #openings: UnixOpenings;
  /** Requests that wait for a connection, when that was last said. */
  #wanted = 0;
  #slowTimer: TimerHandle | undefined;
  #look: NodeJS.Immediate | undefined;
  #idleTimer: TimerHandle | undefined;

  constructor(first: Socket, settings: PoolSettings, events: PoolEvents) {
    this.#settings = settings;
    this.#events = events;
    this.#openings = new UnixOpenings(settings, {
      onOpened: (socket) => {
        this.#add(socket);
        this.#events.onRoom();
      },
      onFailed: (error) => this.#miss(error),
    });
    this.#add(first);
  }

  /** True once no more requests are taken. */
  get isOver(): boolean {
    return this.#over.aborted;
  }

  /** The connection for the next request: the one where it waits least. Undefined while it is better to wait for another. */
  pick(): UnixSocketConnection | undefined {
    const { clock, maxInFlight, slowMs } = this.#settings;
    const now = clock.now();
    const best = quickest(this.#connections, now, slowMs);
    if (best !== undefined || this.#mayOpen(now) || this.#openings.isAwaited(now)) return best;
    return shortest(this.#connections, now, maxInFlight);
  }

  /** `count` requests wait because there is no connection for them: opens some if all that are there are held up. */
  want(count: number): void {
    if (this.#over.aborted) return;
    this.#wanted = count;
    const { clock, slowMs } = this.#settings;
    const now = clock.now();
    if (!this.#mayOpen(now)) {
      if (this.#openings.count > 0) this.#slowTimer ??= clock.setTimeout(this.#onSlow, patienceMs);
      return;
    }
    if (this.#countOpen() < sideBySide) return this.#open();
    let soonest = Number.POSITIVE_INFINITY;
    for (const connection of this.#connections)
      if (connection.isOpen && !connection.isSlow(now)) soonest = Math.min(soonest, slowMs - connection.waitedMs(now));
    // What has come from the other side in the meantime is read first: we may have been the slow ones.
    if (soonest === Number.POSITIVE_INFINITY) this.#look ??= setImmediate(this.#openIfSlow);
    else this.#slowTimer ??= clock.setTimeout(this.#onSlow, soonest + 1);
  }

  giveUp(request: UnixRequest): void {
    for (const connection of this.#connections) if (connection.giveUp(request)) return;
  }

  /** Ends all connections and cuts off what is in flight; settles when they are gone. */
  async close(reason: Error): Promise<void> {
    this.#takeNoMore(reason);
    for (const connection of this.#connections) connection.close(reason);
    await Promise.all([...[...this.#connections].map((connection) => connection.gone), this.#openings.settled()]);
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
    if (this.#isQuiet()) return this.#events.onEnded(error);
    this.#takeNoMore(error);
    for (const connection of this.#connections) connection.retire();
    this.#events.onRetire(error);
  }

  #add(socket: Socket): void {
    const connection = new UnixSocketConnection(socket, this.#settings, {
      onRoom: () => this.#events.onRoom(),
      isWanted: () => this.#events.isWanted(),
      isQuiet: () => this.#isQuiet(),
      onRetire: () => {
        if (!this.#hasOpen() && this.#openings.count === 0) this.#open();
      },
      onDropped: (error) => this.#miss(error),
      onLost: (error) => this.#lose(error),
    });
    this.#connections.add(connection);
    void connection.gone.then(() => this.#gone(connection));
    this.#watchIdle();
  }

  #gone(connection: UnixSocketConnection): void {
    this.#connections.delete(connection);
    const { aborted, reason } = this.#over;
    if (aborted && this.#connections.size === 0 && reason instanceof Error) this.#events.onEnded(reason);
  }

  #open(): void {
    if (this.#over.aborted) return;
    this.#openings.open(this.#over);
  }

  /** Continues with the connections that are left, if there are any. */
  #miss(error: Error): void {
    if (this.#over.aborted) return;
    if (this.#hasOpen() || this.#openings.count > 0) this.#events.onRoom();
    else this.#events.onEnded(error);
  }

  readonly #onSlow = (): void => {
    this.#slowTimer = undefined;
    this.#events.onRoom();
  };

  readonly #openIfSlow = (): void => {
    this.#look = undefined;
    const now = this.#settings.clock.now();
    const open = [...this.#connections].filter((connection) => connection.isOpen);
    if (open.some((connection) => !connection.isSlow(now))) return this.#events.onRoom();
    // As many again as there are: the first further ones show whether more are of use.
    const most = Math.min(this.#wanted, Math.max(1, open.length));
    while (this.#openings.count < most && this.#mayOpen(now)) this.#open();
  };

  #mayOpen(now: number): boolean {
    return !this.#openings.rests(now) && this.#countOpen() < this.#settings.most;
  }

  /** Those that are open, and those that are being opened. */
  #countOpen(): number {
    let open = this.#openings.count;
    for (const connection of this.#connections) if (connection.isOpen) open++;
    return open;
  }

  #isQuiet(): boolean {
    for (const connection of this.#connections) if (connection.inFlight > 0) return false;
    return true;
  }

  #hasOpen(): boolean {
    for (const connection of this.#connections) if (connection.isOpen) return true;
    return false;
  }

  #watchIdle(): void {
    if (this.#connections.size < 2 || this.#idleTimer !== undefined) return;
    this.#idleTimer = this.#settings.clock.setTimeout(this.#closeIdle, this.#settings.idleMs);
  }

  readonly #closeIdle = (): void => {
    this.#idleTimer = undefined;
    const { clock, idleMs } = this.#settings;
    const now = clock.now();
    const [, ...others] = [...this.#connections].filter((connection) => connection.isOpen);
    for (const connection of others) if (connection.idleMs(now) >= idleMs) connection.close();
    this.#watchIdle();
  };
}
