import type { FeedMessage } from '../../feed/messages.js';
import { type FeedState, isStale } from '../feed/feed-state.js';
import { HostClock } from './host-clock.js';
import { emptyModel, isLoaded, type Model } from './model.js';
import { modelAt } from './model-at.js';
import { type Reduction, reduce } from './reduce.js';

/** The one time at which everything is shown: as it is, or held at an event. */
export type ShownTime =
  | { readonly at: 'live' }
  /** `base` is all that was known when it was held: going forth and back stays inside it. */
  | { readonly at: 'held'; readonly seq: number; readonly base: Model; readonly model: Model };

/** Holds what is known, and what of it is shown. */
export class Store {
  #reduction: Reduction = { model: emptyModel, building: undefined };
  #time: ShownTime = { at: 'live' };
  #shown: Model = emptyModel;
  readonly #clock = new HostClock();
  readonly #monotonic: () => number;
  readonly #listeners = new Set<() => void>();

  /** @param monotonic milliseconds of a clock that only goes forth */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** As it is now, as far as it is known. */
  get live(): Model {
    return this.#reduction.model;
  }

  /** What is to be seen. */
  get shown(): Model {
    return this.#shown;
  }

  get time(): ShownTime {
    return this.#time;
  }

  take(message: FeedMessage): void {
    const before = this.live.hello?.host.start;
    this.#reduction = reduce(this.#reduction, message);
    if (message.type === 'hello' && before !== undefined && before !== message.host.start) this.#clock.reset();
    const t = message.type === 'hello' ? message.now : 't' in message ? message.t : undefined;
    if (t !== undefined) this.#clock.note(t, this.#monotonic());
    if (message.type === 'snapshot' && !message.more) this.setFeed({ at: 'live' });
    this.#tell();
  }

  setFeed(feed: FeedState): void {
    if (isStale(feed)) this.#clock.stop(this.live.t);
    this.#reduction = { ...this.#reduction, model: { ...this.live, feed } };
    this.#tell();
  }

  /** Milliseconds since the epoch of the host, at the time that is shown. */
  now(): number {
    return this.#time.at === 'held' ? this.#time.model.t : this.#clock.now(this.#monotonic());
  }

  /**
   * Shows everything as it was after an event.
   *
   * @returns the event that it is: the nearest one that is held; undefined where there is none
   */
  hold(seq: number): number | undefined {
    const base = this.#time.at === 'held' ? this.#time.base : this.live;
    if (!isLoaded(base)) return undefined;
    const held = modelAt(base, seq);
    if (held === undefined) return undefined;
    this.#time = { at: 'held', seq: held.seq, base, model: held.model };
    this.#tell();
    return held.seq;
  }

  /** Shows a model that was made elsewhere: a step of a recording. */
  holdModel(model: Model): void {
    this.#time = { at: 'held', seq: model.seq, base: this.live, model };
    this.#tell();
  }

  goLive(): void {
    if (this.#time.at === 'live') return;
    this.#time = { at: 'live' };
    this.#tell();
  }

  /** Tells of each change. Returns what ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #tell(): void {
    const { feed } = this.live;
    if (this.#time.at === 'live') this.#shown = this.live;
    else if (this.#shown.feed !== feed || this.#shown.seq !== this.#time.seq)
      this.#shown = { ...this.#time.model, feed };
    for (const listener of this.#listeners) listener();
  }
}
