import type { CallFailure } from '../../../../gateway/call/call-failure.js';
import type { CallRecord } from '../../../../gateway/call/call-record.js';
import type { GatewayCallObserver, ObservedCall } from '../../../../gateway/call/gateway-call-owner.js';
import { subjectOf } from '../../../../gateway/call/gateway-request.js';
import type { ActorRecord } from '../actors/actor-record.js';
import type { Sampler } from '../model/sampler.js';
import type { SecondCounter } from '../model/second-counts.js';
import type { CallFacts } from './call-facts.js';

export interface CallWatchDependencies {
  readonly now: () => number;
  readonly counts: SecondCounter;
  /** Shared with invocations: those of one call are drawn together, by the id that they have in common. */
  readonly sampler: Sampler;
  readonly recordOf: (actor: ObservedCall['actor']) => ActorRecord | undefined;
  readonly news: () => void;
}

/** Hears of the calls through a gateway. */
export class CallWatch implements GatewayCallObserver {
  readonly #dependencies: CallWatchDependencies;
  readonly #running = new Map<string, CallFacts>();

  constructor(dependencies: CallWatchDependencies) {
    this.#dependencies = dependencies;
  }

  /** The call that a request belongs to, while it runs. */
  of(requestId: string): CallFacts | undefined {
    return this.#running.get(requestId);
  }

  began(call: ObservedCall): void {
    const { now, recordOf, sampler } = this.#dependencies;
    const { requestId, request, agent } = call;
    const t = now();
    const record = recordOf(call.actor);
    const isDrawn = sampler.draws(requestId, t);
    if (record !== undefined) record.isDrawn = isDrawn;
    this.#running.set(requestId, {
      id: record?.id ?? `gatewayCall:${requestId}`,
      server: request.server,
      method: request.method,
      subject: subjectOf(request),
      agent,
      began: t,
      isDrawn,
      legs: [],
      invocations: [],
      ended: undefined,
      failure: undefined,
    });
  }

  asked({ requestId }: ObservedCall): void {
    this.#running.get(requestId)?.legs.push({ asked: this.#dependencies.now(), answered: undefined });
  }

  answered({ requestId }: ObservedCall): void {
    const leg = this.#running.get(requestId)?.legs.at(-1);
    if (leg !== undefined) leg.answered ??= this.#dependencies.now();
  }

  ended({ requestId }: ObservedCall, { latencyMs }: CallRecord, failure: CallFailure | undefined): void {
    const { counts, news, now } = this.#dependencies;
    const t = now();
    counts.call(t, latencyMs);
    const call = this.#running.get(requestId);
    this.#running.delete(requestId);
    if (call !== undefined) {
      call.ended = t;
      if (failure !== undefined) call.failure = { code: failure.code, message: failure.message };
    }
    news();
  }
}
