import { type ActorRefFrom, fromPromise, type SnapshotFrom } from 'xstate';
import { restMs } from '../../../machines/connection-context.js';
import type { connectionMachine } from '../../../machines/connection.machine.js';
import { downstreamSessionMachine } from '../../../machines/downstream-session.machine.js';
import type { ConnectionStatus } from '../../connection/connection-api.js';
import { type CallOptions } from '../../connection/connection-api.js';
import { ManagedConnection } from '../../connection/managed-connection.js';
import { GatechartError } from '../../errors.js';
import { deferred } from '../../time/deferred.js';
import { WaitGroup } from '../../time/wait-group.js';
import { within } from '../../time/within.js';
import type { McpLink, McpNotification, McpPeer, McpRequest, McpResponse } from '../../transports/mcp/mcp-messages.js';
import type { CallListener } from '../../transports/transport.js';
import type { ServerEntry } from '../server-entry.js';
import type { DownstreamCaller } from '../server-set-api.js';
import type { SetDependencies } from '../set/set-dependencies.js';
import { serverError, type Whereabouts } from './server-errors.js';
import type { SessionTerms } from './session-key.js';
import { preparedTransport } from './session-transport.js';

/** What a session tells its server of. */
export interface SessionOwner {
  /** Says to the server on a new link what has to be said before any call. */
  prepare(session: Session, link: McpLink, signal: AbortSignal): Promise<void>;
  /** Answers what the server asks outside of every call of a caller. */
  ask(session: Session, ...question: Parameters<CallListener['ask']>): ReturnType<CallListener['ask']>;
  /** The server says something that belongs to no call of a caller. */
  heard(session: Session, notification: McpNotification): void;
  opened(session: Session, link: McpLink): void;
  /** @param openMs how long it was open */
  linkEnded(session: Session, openMs: number): void;
  stateChanged(session: Session, state: string): void;
  /** Whether somebody listens who does not call. */
  isListenedTo(session: Session): boolean;
  closed(session: Session): void;
}

/** One session with a server behind us. Runs `machines/downstream-session.machine.ts` over a connection of its own. */
export class Session {
  readonly terms: SessionTerms;
  readonly #entry: ServerEntry;
  readonly #dependencies: SetDependencies;
  readonly #connection: ManagedConnection<McpRequest, McpResponse>;
  readonly #actor: ActorRefFrom<typeof downstreamSessionMachine>;
  readonly #uses = new WaitGroup();
  readonly #closed = deferred();
  readonly #ask: CallListener['ask'];
  readonly #heard: CallListener['notification'];
  #link: McpLink | undefined;
  #peer: McpPeer | undefined;
  #openedAt: number | undefined;
  #links = 0;
  #state = 'idle.empty';
  #since: number;
  /** When it was last asked for. */
  lastUsed: number;
  /** The caller who asked for it last. */
  caller: DownstreamCaller;

  constructor(
    entry: ServerEntry,
    terms: SessionTerms,
    caller: DownstreamCaller,
    owner: SessionOwner,
    number: number,
    dependencies: SetDependencies,
  ) {
    const { system, sessions, clock, random, logger, connectionSettings, transportOf } = dependencies;
    const { name } = entry;
    this.#entry = entry;
    this.terms = terms;
    this.caller = caller;
    this.#dependencies = dependencies;
    this.#since = this.lastUsed = clock.now();
    this.#ask = (question, signal) => owner.ask(this, question, signal);
    this.#heard = (notification) => {
      // That something has changed is told by the link, whatever it came with.
      if (notification.method === 'notifications/message') owner.heard(this, notification);
    };
    const transport = preparedTransport(transportOf(entry, terms), {
      prepare: (link, signal) => owner.prepare(this, link, signal),
      opened: (link) => {
        this.#link = link;
        this.#peer = link.peer;
        this.#openedAt = clock.now();
        this.#links++;
        owner.opened(this, link);
      },
      ended: (link) => {
        if (link !== this.#link) return;
        const openMs = this.ageMs ?? 0;
        this.#link = undefined;
        this.#openedAt = undefined;
        owner.linkEnded(this, openMs);
      },
    });
    this.#connection = new ManagedConnection({
      name,
      transport,
      settings: {
        ...connectionSettings,
        connectTimeoutMs: entry.connectTimeoutMs,
        idleTimeoutMs: entry.idleTimeoutMs,
      },
      system,
      clock,
      random,
      logger,
      hasLogin: entry.reach.kind !== 'stdio',
      ...(transport.startsServer === true ? { turns: dependencies.starts } : {}),
      onState: (state) => {
        if (state === this.#state) return;
        this.#state = state;
        this.#since = clock.now();
        owner.stateChanged(this, state);
      },
      isListenedTo: () => owner.isListenedTo(this),
    });
    const tellClosed = (): void => {
      this.#closed.resolve();
      owner.closed(this);
    };
    this.#actor = sessions.create(this.#machine(tellClosed), `session:${name}#${number}`, { now: () => clock.now() });
    this.#actor.subscribe({ error: () => void this.#connection.close().then(tellClosed) });
    this.#actor.start();
  }

  /** The open link; undefined while there is none. */
  get link(): McpLink | undefined {
    return this.#link;
  }

  /** Who the server said it is, on the newest link. */
  get peer(): McpPeer | undefined {
    return this.#peer;
  }

  /** Calls on it. */
  get uses(): number {
    return this.#uses.count;
  }

  /** Links that took the place of others. */
  get restarts(): number {
    return Math.max(0, this.#links - 1);
  }

  get ageMs(): number | undefined {
    return this.#openedAt === undefined ? undefined : this.#dependencies.clock.now() - this.#openedAt;
  }

  get sinceMs(): number {
    return this.#dependencies.clock.now() - this.#since;
  }

  get isServing(): boolean {
    return this.#actor.getSnapshot().value === 'serving';
  }

  /** Settles when nothing of it is left. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  status(): ConnectionStatus {
    return this.#connection.status();
  }

  /** What its connection is in. */
  snapshot(): SnapshotFrom<typeof connectionMachine> {
    return this.#connection.snapshot();
  }

  /** Somebody is about to call on it: it is not closed for want of calls until `letGo`. */
  hold(): void {
    this.#uses.add();
  }

  letGo(): void {
    this.#uses.done();
  }

  /** @throws GatechartError what `ServerSet.request` throws */
  async request(message: McpRequest, options: CallOptions): Promise<McpResponse> {
    this.#uses.add();
    try {
      return await this.#connection.request(message, this.#heardByOwner(options));
    } catch (error) {
      throw serverError(this.#entry, error, this.#whereabouts());
    } finally {
      this.#uses.done();
    }
  }

  /** Opens its link, unless it is open. @throws GatechartError SERVER_UNAVAILABLE, LOGIN_NEEDED, CONNECTION_CLOSED */
  async connect(timeoutMs: number = this.#entry.connectTimeoutMs): Promise<void> {
    if (this.#link !== undefined) return;
    const { name } = this.#entry;
    this.#uses.add();
    try {
      const opened = await within(this.#connection.connect(), timeoutMs, this.#dependencies.clock);
      if (opened === undefined)
        throw new GatechartError('CONNECTION_FAILED', `${name} could not be reached within ${timeoutMs} ms`);
    } catch (error) {
      throw serverError(this.#entry, error, this.#whereabouts());
    } finally {
      this.#uses.done();
    }
  }

  /** Takes no new calls, and is closed when those on it have ended, at the latest in `drainMs` milliseconds. */
  retire(drainMs: number): void {
    if (this.#actor.getSnapshot().status === 'active') this.#actor.send({ type: 'retire', drainMs });
  }

  /** On a session of one client's own, what is said during our own requests is for that client as well. */
  #heardByOwner(options: CallOptions): CallOptions {
    const owner = this.terms.client === undefined ? undefined : this.caller.client;
    if (options.on !== undefined || owner === undefined) return options;
    return { ...options, on: { owner, notification: this.#heard, ask: this.#ask } };
  }

  #whereabouts(): Whereabouts {
    const { state, lastError, nextTimerInMs } = this.#connection.status();
    const isTimed = state === 'failed.coolingDown' || state === 'reconnecting.backingOff';
    // Calls are refused before the rest has begun that they are told of.
    const nextTryInMs =
      state === 'failed.releasing' ? restMs(this.#connection.snapshot().context) : isTimed ? nextTimerInMs : undefined;
    return { state, lastError, nextTryInMs };
  }

  #machine(tellClosed: () => void): typeof downstreamSessionMachine {
    const { name } = this.#entry;
    const { logger } = this.#dependencies;
    return downstreamSessionMachine.provide({
      actors: {
        awaitCalls: fromPromise(() => this.#uses.idle()),
        closeConnection: fromPromise(() => this.#connection.close()),
      },
      actions: {
        reportBusy: () =>
          logger.warn(
            { server: name, calls: this.uses },
            `a session with ${name} is closed under its calls: its time was over`,
          ),
        tellClosed,
      },
    });
  }
}
