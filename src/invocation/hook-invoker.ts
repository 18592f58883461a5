import { type InvocationContext, type InvocationEvent, invocationMachine } from '../../machines/index.js';
import { type Inspector, Supervisor } from '../actors/supervisor.js';
import { type TableLogic, tableLogic } from '../actors/table-logic.js';
import { GatechartError } from '../errors.js';
import type { HookOutcome } from '../hooks/hook-outcome.js';
import type { Logger } from '../observability/logger.js';
import type { Deadlines } from '../time/deadlines.js';
import { HookInvocation } from './hook-invocation.js';
import type { HookSpans } from './hook-spans.js';
import type { InvocationRequest } from './invocation-request.js';
import type { InvocationEffect } from './step-runner.js';

/** Runs each invocation as an actor of its own, in an actor system that holds nothing else. */
export class HookInvoker {
  readonly #supervisor: Supervisor;
  readonly #logic: TableLogic;
  readonly #logger: Logger;
  readonly #spans: HookSpans | undefined;

  constructor(deadlines: Deadlines, logger: Logger, spans: HookSpans | undefined) {
    this.#supervisor = new Supervisor('invocations', logger);
    this.#logic = tableLogic(invocationMachine, deadlines);
    this.#logger = logger;
    this.#spans = spans;
  }

  /** Settles exactly once, whatever the plugins do. */
  invoke(request: InvocationRequest): Promise<HookOutcome> {
    if (request.signal?.aborted === true) {
      const { name } = request.chain.hook;
      const { reason } = request.signal;
      return Promise.reject(
        new GatechartError('INVOCATION_CANCELLED', `The invocation of ${name} was cancelled.`, { cause: reason }),
      );
    }
    return new Promise((resolve, reject) => {
      const invocation = new HookInvocation(request, this.#logger, this.#spans, resolve, reject);
      invocation.start(
        this.#supervisor.spawn<InvocationEffect, InvocationContext, InvocationEvent>(
          this.#logic,
          request.chain.hook.name,
          invocation.input,
          invocation,
        ),
      );
    });
  }

  /** Every plugin on the hook has conditions that do not match: there is nothing to run, and a span says so. */
  skipAll(request: InvocationRequest): void {
    const spans = this.#spans?.of(request);
    spans?.start();
    spans?.end('ok', 0);
  }

  inspect(inspector: Inspector): { unsubscribe(): void } {
    return this.#supervisor.inspect(inspector);
  }

  /** Cancels what still runs. */
  close(): void {
    this.#supervisor.sendToAll({ type: 'cancel', code: 'MANAGER_CLOSED' });
    this.#supervisor.stop();
  }
}
