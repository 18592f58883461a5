import type { CallContext, CallEvent } from '../../machines/call.machine.js';
import type { ActorObserver } from '../actors/actor-observer.js';
import { type Inspector, Supervisor } from '../actors/supervisor.js';
import type { Effects } from '../actors/machine-program.js';
import { type ProgramLogic, programLogic } from '../actors/program-logic.js';
import { inspectAll, observeAll, type Watching, type Watchable } from '../actors/watchable.js';
import type { ReplayPolicy } from '../config/sections/reconnection.js';
import type { Logger } from '../observability/logger.js';
import type { Clock } from '../time/clock.js';
import type { Deadlines } from '../time/deadlines.js';
import { holdingClock } from '../time/holding-clock.js';
import type { LinkActors } from '../transports/link-actors.js';
import type { CallActor } from './call-owner.js';
import type { Connection } from './connection-api.js';
import { type CallEffect, callProgram } from './programs/call-program.js';

/** A connection as far as it can be looked at and steered, whatever it carries. */
export interface OpenConnection extends Pick<Connection<never, unknown>, 'status' | 'close'> {
  retry(): void;
}

/**
 * The actor systems that connections and their calls live in. Two, because XState scans all timers of a system whenever
 * an actor of it stops: connections have timers, calls stop often.
 */
export class ConnectionSystem implements Watchable {
  readonly connections: Supervisor;
  /** Where the actors of their links live. */
  readonly links: LinkActors;
  readonly deadlines: Deadlines;
  readonly #calls: Supervisor;
  readonly #callLogic: ProgramLogic<CallEffect, CallContext, CallEvent>;
  readonly #open = new Map<string, OpenConnection>();

  constructor(clock: Clock, deadlines: Deadlines, logger: Logger) {
    this.connections = new Supervisor('connections', logger, clock);
    this.links = {
      streams: new Supervisor('streams', logger, clock),
      resumptions: new Supervisor('resumptions', logger, holdingClock(clock)),
    };
    this.deadlines = deadlines;
    this.#calls = new Supervisor('calls', logger);
    this.#callLogic = programLogic(callProgram, deadlines);
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

  /** A connection has been made, whose actor has this id. @param closed settles when it is gone */
  opened(id: string, connection: OpenConnection, closed: Promise<void>): void {
    this.#open.set(id, connection);
    void closed.then(() => {
      if (this.#open.get(id) === connection) this.#open.delete(id);
    });
  }

  /** The connection whose actor has this id; undefined when it is gone. */
  find(id: string): OpenConnection | undefined {
    return this.#open.get(id);
  }

  inspect(inspector: Inspector): Watching {
    return inspectAll(this.#systems, inspector, 'connections');
  }

  observe(observer: ActorObserver): Watching {
    return observeAll(this.#systems, observer);
  }

  /** Stops what is left; the connections must have been closed. */
  stop(): void {
    for (const system of this.#systems) system.stop();
  }

  /** Calls first: they end before their connections do. */
  get #systems(): readonly Supervisor[] {
    return [this.#calls, this.connections, this.links.streams, this.links.resumptions];
  }
}
