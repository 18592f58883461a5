import type { Socket } from 'node:net';
import type { CancelSignal } from '../../time/cancellation.js';
import type { Clock } from '../../time/clock.js';

export interface OpeningsSettings {
  /** Opens a connection. What it reads is only valid until those who hear of it return. */
  readonly connect: (signal: CancelSignal) => Promise<Socket>;
  readonly clock: Clock;
}

export interface OpeningsEvents {
  /** A connection is open. */
  onOpened(socket: Socket): void;
  /** A connection could not be opened. */
  onFailed(error: Error): void;
}

/** Milliseconds that requests wait for a connection that is being opened while there are others they could go over. */
export const patienceMs = 100;
/** Milliseconds without a further attempt after a connection beside others could not be opened. */
const restMs = 1000;

/** The connections of a pool that are being opened. */
export class UnixOpenings {
  readonly #settings: OpeningsSettings;
  readonly #events: OpeningsEvents;
  readonly #opening = new Set<Promise<void>>();
  /** When the first of them was begun. */
  #since = 0;
  #restsUntil = Number.NEGATIVE_INFINITY;

  constructor(settings: OpeningsSettings, events: OpeningsEvents) {
    this.#settings = settings;
    this.#events = events;
  }

  get count(): number {
    return this.#opening.size;
  }

  /** Whether one is being opened that is worth waiting for. */
  isAwaited(now: number): boolean {
    return this.#opening.size > 0 && now - this.#since < patienceMs;
  }

  /** Whether the last attempt failed a short time ago. */
  rests(now: number): boolean {
    return now < this.#restsUntil;
  }

  /** Begins one more. @param signal when it aborts, nobody hears of what comes of it */
  open(signal: CancelSignal): void {
    const { clock, connect } = this.#settings;
    if (this.#opening.size === 0) this.#since = clock.now();
    const opening = connect(signal).then(
      (socket) => {
        this.#opening.delete(opening);
        if (signal.aborted) socket.destroy();
        else this.#events.onOpened(socket);
      },
      (error: Error) => {
        this.#opening.delete(opening);
        this.#restsUntil = clock.now() + restMs;
        if (!signal.aborted) this.#events.onFailed(error);
      },
    );
    this.#opening.add(opening);
  }

  /** Settles when none is being opened any more that is now. */
  async settled(): Promise<void> {
    await Promise.all(this.#opening);
  }
}
