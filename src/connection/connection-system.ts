import { callMachine, type CallContext, type CallEvent } from '../../machines/index.js';
import { type Inspector, Supervisor } from '../actors/supervisor.js';
import { type Effects, type TableLogic, tableLogic } from '../actors/table-logic.js';
import type { ReplayPolicy } from '../config/sections/reconnection.js';
import type { Logger } from '../observability/logger.js';
import type { Clock } from '../time/clock.js';
import type { Deadlines } from '../time/deadlines.js';
import type { CallActor, CallEffect } from './call-owner.js';

/**
 * The actor systems that connections and their calls live in. Two, because XState scans all timers of a system whenever
 * an actor of it stops: connections have timers, calls stop often.
 */
export class ConnectionSystem {
  readonly connections: Supervisor;
  readonly deadlines: Deadlines;
  readonly #calls: Supervisor;
  readonly #callLogic: TableLogic;

  constructor(clock: Clock, deadlines: Deadlines, logger: Logger) {
    this.connections = new Supervisor('connections', logger, clock);
    this.deadlines = deadlines;
    this.#calls = new Supervisor('calls', logger);
    this.#callLogic = tableLogic(callMachine, deadlines);
  }

  /** The actor of one call over the connection `name`; the caller starts it. */
  createCall(name: string, replay: ReplayPolicy, effects: Effects<CallEffect, CallContext, CallEvent>): CallActor {
    return this.#calls.spawn(this.#callLogic, name, { replay }, effects);
  }

  /** The id of the actor of a connection: its name, with a number while another of the same name is being closed. */
  connectionId(name: string): string {
    let id = `connection:${name}`;
    for (let number = 2; this.connections.has(id); number++) id = `connection:${name}#${number}`;
    return id;
  }

  inspect(inspector: Inspector): { unsubscribe(): void } {
    const subscriptions = [this.connections.inspect(inspector), this.#calls.inspect(inspector)];
    return { unsubscribe: () => subscriptions.forEach((subscription) => subscription.unsubscribe()) };
  }

  /** Stops what is left; the connections must have been closed. */
  stop(): void {
    this.#calls.stop();
    this.connections.stop();
  }
}
