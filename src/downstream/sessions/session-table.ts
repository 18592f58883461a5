import { isClosed } from '../../connection/connection-states.js';
import { connectionClosed } from '../../connection/connection-refusal.js';
import { GatechartError } from '../../errors.js';
import type { ServerEntry } from '../server-entry.js';
import type { DownstreamCaller } from '../server-set-api.js';
import type { SetDependencies } from '../set/set-dependencies.js';
import { Session, type SessionOwner } from './session.js';
import { sessionTerms } from './session-key.js';

/** What sessions tell their server of, and what the table of them does. */
interface SessionTableOwner extends Omit<SessionOwner, 'closed'> {
  /** A session takes no calls any more, whoever ended it: the server is gone, its client is, or others needed its place. */
  retired(session: Session): void;
}

/** The sessions with one server: one a key, and those that were retired and are not gone yet. */
export class SessionTable {
  readonly #owner: SessionTableOwner;
  readonly #ofSessions: SessionOwner;
  readonly #dependencies: SetDependencies;
  readonly #byKey = new Map<string, Session>();
  /** Those of one call each. */
  readonly #single = new Set<Session>();
  readonly #leaving = new Set<Session>();
  /** `closed`: the server was taken away, and there are to be no new ones. */
  #phase: 'open' | 'closed' = 'open';
  #made = 0;
  #restarts = 0;

  constructor(owner: SessionTableOwner, dependencies: SetDependencies) {
    this.#owner = owner;
    this.#ofSessions = {
      prepare: (session, link, signal) => owner.prepare(session, link, signal),
      ask: (session, question, signal) => owner.ask(session, question, signal),
      heard: (session, notification) => owner.heard(session, notification),
      opened: (session, link) => owner.opened(session, link),
      linkEnded: (session, openMs) => owner.linkEnded(session, openMs),
      stateChanged: (session, state) => owner.stateChanged(session, state),
      isListenedTo: (session) => owner.isListenedTo(session),
      closed: (session) => {
        this.#leaving.delete(session);
        this.#restarts += session.restarts;
      },
    };
    this.#dependencies = dependencies;
  }

  /** Sessions that take calls. */
  get size(): number {
    return this.#byKey.size + this.#single.size;
  }

  /** Links, of all sessions there ever were, that took the place of others. */
  get restarts(): number {
    return this.all.reduce((sum, session) => sum + session.restarts, this.#restarts);
  }

  /** Those that take calls. */
  get serving(): readonly Session[] {
    return [...this.#byKey.values(), ...this.#single];
  }

  /** Those that are left, also on their way out. */
  get all(): readonly Session[] {
    return [...this.serving, ...this.#leaving];
  }

  /** The one that was asked for last. */
  get newest(): Session | undefined {
    let newest: Session | undefined;
    for (const session of this.serving)
      if (newest === undefined || session.lastUsed >= newest.lastUsed) newest = session;
    return newest;
  }

  /** The session of a caller, where there is one. */
  find(entry: ServerEntry, caller: DownstreamCaller): Session | undefined {
    return this.#byKey.get(sessionTerms(entry, caller).key);
  }

  /** The session of a caller, which is made where there is none. @throws GatechartError QUEUE_FULL, CONNECTION_CLOSED */
  obtain(entry: ServerEntry, caller: DownstreamCaller): Session {
    const terms = sessionTerms(entry, caller);
    const known = this.#byKey.get(terms.key);
    if (known !== undefined) {
      known.lastUsed = this.#dependencies.clock.now();
      known.caller = caller;
      return known;
    }
    if (this.#phase === 'closed') throw connectionClosed(entry.name, 'the server was taken away');
    this.#makeRoom(entry);
    const session = new Session(entry, terms, caller, this.#ofSessions, ++this.#made, this.#dependencies);
    if (terms.isSingle) this.#single.add(session);
    else this.#byKey.set(terms.key, session);
    return session;
  }

  /** Ends a session, and gives no one to it any more. */
  retire(session: Session, drainMs: number): void {
    if (this.#byKey.get(session.terms.key) === session) this.#byKey.delete(session.terms.key);
    this.#single.delete(session);
    this.#leaving.add(session);
    session.retire(drainMs);
    this.#owner.retired(session);
  }

  /** Ends those whose connection somebody has closed, so that others may take their place. @returns whether there were some */
  retireClosed(): boolean {
    const closed = this.serving.filter((session) => isClosed(session.snapshot().value));
    for (const session of closed) this.retire(session, 0);
    return closed.length > 0;
  }

  /** Ends all of them. */
  retireAll(drainMs: number): void {
    for (const session of this.all) this.retire(session, drainMs);
  }

  /** Ends all of them, and makes no new ones. */
  close(drainMs: number): void {
    this.#phase = 'closed';
    this.retireAll(drainMs);
  }

  /** Settles when nothing is left of those that were retired so far. */
  async left(): Promise<void> {
    await Promise.all([...this.#leaving].map((session) => session.closed));
  }

  #makeRoom({ name }: ServerEntry): void {
    const { maxSessions } = this.#dependencies;
    if (this.size < maxSessions) return;
    let oldest: Session | undefined;
    for (const session of this.#byKey.values()) {
      if (session.uses > 0 || this.#owner.isListenedTo(session)) continue;
      if (oldest === undefined || session.lastUsed < oldest.lastUsed) oldest = session;
    }
    if (oldest !== undefined) return this.retire(oldest, 0);
    throw new GatechartError('QUEUE_FULL', `Server ${name} is busy: all ${maxSessions} sessions with it are in use.`, {
      details: { server: name },
    });
  }
}
