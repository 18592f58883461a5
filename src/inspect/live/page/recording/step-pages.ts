import type { FeedEvent } from '../../feed/messages.js';

export const pageSize = 200;
const mostPages = 30;

/** The events of a recording as far as they were read, in pages; the ones that were needed longest ago are forgotten. */
export class StepPages {
  readonly #load: (from: number, count: number) => Promise<readonly FeedEvent[]>;
  readonly #pages = new Map<number, ReadonlyMap<number, FeedEvent>>();
  readonly #loading = new Map<number, Promise<ReadonlyMap<number, FeedEvent>>>();

  constructor(load: (from: number, count: number) => Promise<readonly FeedEvent[]>) {
    this.#load = load;
  }

  /** Undefined where it is not read yet. */
  get(seq: number): FeedEvent | undefined {
    return this.#pages.get(pageOf(seq))?.get(seq);
  }

  /** Reads the pages of these events; at once where they are there. */
  async read(from: number, to: number): Promise<void> {
    const pages = Array.from({ length: pageOf(to) - pageOf(from) + 1 }, (_none, index) => pageOf(from) + index);
    await Promise.all(pages.map((page) => this.#page(page)));
  }

  async event(seq: number): Promise<FeedEvent | undefined> {
    return (await this.#page(pageOf(seq))).get(seq);
  }

  async #page(page: number): Promise<ReadonlyMap<number, FeedEvent>> {
    const held = this.#pages.get(page);
    if (held !== undefined) {
      this.#keep(page, held);
      return held;
    }
    const loading = this.#loading.get(page) ?? this.#read(page);
    this.#loading.set(page, loading);
    return loading.finally(() => this.#loading.delete(page));
  }

  async #read(page: number): Promise<ReadonlyMap<number, FeedEvent>> {
    const events = await this.#load(page * pageSize + 1, pageSize);
    const bySeq = new Map(events.map((event) => [event.s, event]));
    this.#keep(page, bySeq);
    return bySeq;
  }

  #keep(page: number, events: ReadonlyMap<number, FeedEvent>): void {
    this.#pages.delete(page);
    this.#pages.set(page, events);
    const [oldest] = this.#pages.keys();
    if (this.#pages.size > mostPages && oldest !== undefined) this.#pages.delete(oldest);
  }
}

function pageOf(seq: number): number {
  return Math.floor((Math.max(1, seq) - 1) / pageSize);
}
