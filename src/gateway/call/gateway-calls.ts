import type { GatewayCallContext, GatewayCallEvent } from '../../../machines/gateway-call.machine.js';
import type { ActorObserver } from '../../actors/actor-observer.js';
import { type Inspector, Supervisor } from '../../actors/supervisor.js';
import type { Watching, Watchable } from '../../actors/watchable.js';
import { type ProgramLogic, programLogic } from '../../actors/program-logic.js';
import type { Logger } from '../../observability/logger.js';
import type { Clock } from '../../time/clock.js';
import { WaitGroup } from '../../time/wait-group.js';
import { within } from '../../time/within.js';
import { CallFailure } from './call-failure.js';
import { CallObservers } from './call-observers.js';
import { GatewayCall } from './gateway-call.js';
import { type GatewayCallEffect, gatewayCallProgram } from './programs/gateway-call-program.js';
import type { GatewayCallObserver, GatewayCallOwner, SettledCall } from './gateway-call-owner.js';
import type { GatewayAnswer, GatewayCaller, GatewayRequest } from './gateway-request.js';

/** Runs each call through the gateway as an actor of its own. */
export class GatewayCalls implements Watchable {
  readonly #owner: GatewayCallOwner;
  readonly #supervisor: Supervisor;
  readonly #logic: ProgramLogic<GatewayCallEffect, GatewayCallContext, GatewayCallEvent>;
  readonly #clock: Clock;
  readonly #open = new Set<SettledCall>();
  readonly #running = new WaitGroup();
  #isClosed = false;
  readonly #observers: CallObservers;

  constructor(owner: GatewayCallOwner, clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#observers = new CallObservers(logger);
    this.#supervisor = new Supervisor('gatewayCalls', logger);
    this.#logic = programLogic(gatewayCallProgram, owner.deadlines);
    this.#owner = {
      ...owner,
      observer: () => this.#observers.all,
      settled: (call, record) => {
        this.#open.delete(call);
        this.#running.done();
        owner.settled(call, record);
      },
    };
  }

  get size(): number {
    return this.#open.size;
  }

  /** Settles exactly once. @throws CallFailure */
  run(caller: GatewayCaller, request: GatewayRequest): Promise<GatewayAnswer> {
    if (this.#isClosed) return Promise.reject(new CallFailure('CANCELLED', 'The gateway is closed.'));
    return new Promise((resolve, reject) => {
      const call = new GatewayCall(
        this.#owner,
        caller,
        request,
        (result) => resolve({ kind: 'complete', result }),
        reject,
      );
      this.#open.add(call);
      this.#running.add();
      call.start(
        this.#supervisor.spawn<GatewayCallEffect, GatewayCallContext, GatewayCallEvent>(
          this.#logic,
          request.method,
          call.input,
          call,
        ),
      );
    });
  }

  inspect(inspector: Inspector): Watching {
    return this.#supervisor.inspect(inspector);
  }

  observe(observer: ActorObserver): Watching {
    return this.#supervisor.observe(observer);
  }

  /** Hears of every call that begins from now on. */
  observeCalls(observer: GatewayCallObserver): Watching {
    return { unsubscribe: this.#observers.add(observer) };
  }

  /** Takes no more, waits for the calls that run, and cancels those that still do then. */
  async close(drainMs: number): Promise<void> {
    this.#isClosed = true;
    if (drainMs > 0 && this.#running.count > 0) await within(this.#running.idle(), drainMs, this.#clock);
    for (const call of this.#open) call.cancel();
    this.#supervisor.stop();
  }
}
