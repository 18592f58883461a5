import type { RequestId } from '@modelcontextprotocol/sdk/types.js';
import type { RunningCall } from '../mcp/running-call.js';
import type { EventAnswer } from './event-answer.js';

/** A request that is not answered, and whose client is still there. */
export interface AwaitedRequest {
  readonly id: RequestId;
  readonly answer: EventAnswer;
  /** Absent where the SDK's server answers. */
  readonly call?: RunningCall;
}

/** The requests of one session. Each is found here at one place at most. */
export class SessionRequests {
  readonly #awaited = new Map<RequestId, AwaitedRequest>();
  /** Those whose calls run though their clients are gone: a broken connection cancels nothing, and the id may be used again. */
  readonly #unawaited = new Set<AwaitedRequest>();

  /** Whether anybody waits for an answer. */
  get areAwaited(): boolean {
    return this.#awaited.size > 0;
  }

  awaited(id: RequestId): AwaitedRequest | undefined {
    return this.#awaited.get(id);
  }

  allAwaited(): Iterable<AwaitedRequest> {
    return this.#awaited.values();
  }

  /** Its client waits, or does so again. */
  add(request: AwaitedRequest): void {
    this.#unawaited.delete(request);
    this.#awaited.set(request.id, request);
  }

  isAwaited(request: AwaitedRequest): boolean {
    return this.#awaited.get(request.id) === request;
  }

  /** Nobody waits for it any more, or it was answered; its call goes on, if there is one. */
  forget(request: AwaitedRequest): void {
    if (!this.isAwaited(request)) return;
    this.#awaited.delete(request.id);
    if (request.call?.isRunning === true) this.#unawaited.add(request);
  }

  /** The call of this request has run. */
  ended(request: AwaitedRequest): void {
    this.#unawaited.delete(request);
  }

  /** The request that this is to be the answer of, awaited or not. */
  answeredBy(answer: object): AwaitedRequest | undefined {
    return [...this.#awaited.values(), ...this.#unawaited].find((request) => request.answer === answer);
  }

  /** Cancels the calls with this id whose clients are gone. */
  cancelUnawaited(id: unknown): void {
    for (const request of this.#unawaited) {
      if (request.id !== id) continue;
      request.call?.cancel();
      request.answer.end();
    }
  }

  /** Cancels the calls whose clients are gone, because the session is over. */
  leave(): void {
    for (const { call } of this.#unawaited) call?.leave();
  }
}
