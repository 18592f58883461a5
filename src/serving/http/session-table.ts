import { randomUUID } from 'node:crypto';
import type { Clock } from '../../time/clock.js';
import type { HttpSession } from './http-session.js';

export interface SessionLimits {
  /** Sessions open at once; one that nobody waits on makes room for a new one. */
  readonly maxSessions: number;
  /** Milliseconds after which a session that nobody waits on is ended. */
  readonly sessionIdleMs: number;
  /** Milliseconds between comments on quiet streams. */
  readonly keepAliveMs: number;
}

export interface SessionTableParts {
  readonly create: (id: string) => HttpSession;
  /** Puts an MCP server behind a new session. */
  readonly accept: (session: HttpSession) => Promise<void>;
}

/** The sessions of an HTTP server. A client whose session was ended gets 404 and starts a new one. */
export class SessionTable {
  readonly #sessions = new Map<string, HttpSession>();
  readonly #limits: SessionLimits;
  readonly #clock: Clock;
  readonly #parts: SessionTableParts;
  #timer: ReturnType<Clock['setTimeout']> | undefined;

  constructor(limits: SessionLimits, clock: Clock, parts: SessionTableParts) {
    this.#limits = limits;
    this.#clock = clock;
    this.#parts = parts;
    this.#schedule();
  }

  get(id: string): HttpSession | undefined {
    return this.#sessions.get(id);
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Undefined if the table is full of sessions with running calls. */
  async open(): Promise<HttpSession | undefined> {
    if (this.#sessions.size >= this.#limits.maxSessions) {
      const dispensable = this.#mostDispensable();
      if (dispensable === undefined) return undefined;
      // Not waited for: whoever opens one meanwhile would find room that is taken.
      void this.end(dispensable);
    }
    const session = this.#parts.create(randomUUID().replaceAll('-', ''));
    this.#sessions.set(session.sessionId, session);
    await this.#parts.accept(session);
    return session;
  }

  async end(session: HttpSession): Promise<void> {
    this.#sessions.delete(session.sessionId);
    await session.close();
  }

  /** Ends all sessions and the timer. */
  async close(): Promise<void> {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    await Promise.all([...this.#sessions.values()].map((session) => this.end(session)));
  }

  /**
   * Sessions in which nothing was ever called go first: whoever opens sessions and no more pushes only their like out.
   * Then those that nobody waits on, then those with nothing but a stream; among their like the one idle longest.
   */
  #mostDispensable(): HttpSession | undefined {
    let found: HttpSession | undefined;
    for (const session of this.#sessions.values()) {
      if (session.awaited === 'answer') continue;
      if (found === undefined || isMoreDispensable(session, found)) found = session;
    }
    return found;
  }

  #schedule(): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.#schedule();
      this.#sweep();
    }, this.#limits.keepAliveMs);
  }

  #sweep(): void {
    const oldest = this.#clock.now() - this.#limits.sessionIdleMs;
    for (const session of this.#sessions.values()) {
      if (session.awaited !== 'nothing') session.keepAlive();
      else if (session.lastUsed < oldest) void this.end(session);
    }
  }
}

function isMoreDispensable(one: HttpSession, other: HttpSession): boolean {
  return rankOf(one) === rankOf(other) ? one.lastUsed < other.lastUsed : rankOf(one) < rankOf(other);
}

function rankOf({ callsTaken, awaited }: HttpSession): number {
  if (callsTaken === 0) return 0;
  return awaited === 'nothing' ? 1 : 2;
}
