/** Somebody who waits for a link: a call, or whoever wants the connection to be open. */
export interface PendingRequest {
  readonly id: string;
  linkReady(): void;
  refuse(error: Error): void;
}

/** Those who wait for a link. The machine knows them by id, in the order in which they came. */
export class PendingRequests {
  readonly #byId = new Map<string, PendingRequest>();

  add(request: PendingRequest): void {
    this.#byId.set(request.id, request);
  }

  has(id: string): boolean {
    return this.#byId.has(id);
  }

  /** True if it was waiting. */
  remove(id: string): boolean {
    return this.#byId.delete(id);
  }

  /** Tells those of the ids that still wait to go ahead on the link. */
  admit(ids: readonly string[]): void {
    for (const id of ids) this.#take(id)?.linkReady();
  }

  /** Tells those of the ids that still wait that there will be no link. */
  refuse(ids: readonly string[], error: () => Error): void {
    for (const id of ids) this.#take(id)?.refuse(error());
  }

  #take(id: string): PendingRequest | undefined {
    const request = this.#byId.get(id);
    this.#byId.delete(id);
    return request;
  }
}
