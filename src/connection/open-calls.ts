import { FreeList } from '../actors/free-list.js';
import type { Link } from '../transports/transport.js';
import type { ConnectionCall } from './connection-call.js';
import type { LinkSlot } from './link-slot.js';
import type { PendingRequests } from './pending-requests.js';

/** The calls of a connection that have not ended. They are on its links, and a link that is gone takes its own along. */
export class OpenCalls<Request, Response> {
  readonly #slot: LinkSlot<Request, Response>;
  readonly #calls = new FreeList<ConnectionCall<Request, Response>>();

  constructor(slot: LinkSlot<Request, Response>) {
    this.#slot = slot;
  }

  get size(): number {
    return this.#calls.size;
  }

  add(call: ConnectionCall<Request, Response>): void {
    call.index = this.#calls.add(call);
  }

  remove(index: number): void {
    this.#calls.remove(index);
  }

  /** Number of calls that do not wait for a link. */
  inFlight(pending: PendingRequests): number {
    return [...this.#calls].filter((call) => !pending.has(call.id)).length;
  }

  /** Ends the link, if there is one. */
  async release(): Promise<void> {
    const { link } = this.#slot;
    await this.#slot.release();
    if (link !== undefined) this.#cutOff(link);
  }

  /** Puts the link aside. Nobody waits for this: it goes when its calls are settled. */
  retire(): void {
    const { link } = this.#slot;
    if (link !== undefined) void this.#slot.retire().then(() => this.#cutOff(link));
  }

  /** Ends the link and those that were put aside. */
  async releaseAll(): Promise<void> {
    const retired = [...this.#slot.retired];
    await Promise.all([this.release(), this.#slot.releaseRetired()]);
    for (const link of retired) this.#cutOff(link);
  }

  /** A link settles its requests when it ends; this holds even if one does not. */
  #cutOff(link: Link<Request, Response>): void {
    for (const call of this.#calls) call.cutOff(link);
  }
}
