import { randomUUID } from 'node:crypto';
import type { Clock } from '../time/clock.js';
import { HttpSession } from './http-session.js';

export interface SessionLimits {
  /** Sessions open at once; the one idle longest makes room for a new one. */
  readonly maxSessions: number;
  /** Milliseconds after which a session that nobody waits on is ended. */
  readonly sessionIdleMs: number;
  /** Milliseconds between comments on quiet streams. */
  readonly keepAliveMs: number;
}

/** The sessions of an HTTP server. A client whose session was ended gets 404 and starts a new one. */
export class SessionTable {
  readonly #sessions = new Map<string, HttpSession>();
  readonly #limits: SessionLimits;
  readonly #clock: Clock;
  readonly #accept: (session: HttpSession) => Promise<void>;
  #timer: ReturnType<Clock['setTimeout']> | undefined;

  /** @param accept puts an MCP server behind a new session */
  constructor(limits: SessionLimits, clock: Clock, accept: (session: HttpSession) => Promise<void>) {
    this.#limits = limits;
    this.#clock = clock;
    this.#accept = accept;
    this.#schedule();
  }

  get(id: string): HttpSession | undefined {
    return this.#sessions.get(id);
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Undefined if the table is full of sessions that somebody waits on. */
  async open(): Promise<HttpSession | undefined> {
    if (this.#sessions.size >= this.#limits.maxSessions) {
      const idlest = this.#idlest();
      if (idlest === undefined) return undefined;
      await this.end(idlest);
    }
    const session = new HttpSession(randomUUID().replaceAll('-', ''), () => this.#clock.now());
    this.#sessions.set(session.sessionId, session);
    await this.#accept(session);
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

  #idlest(): HttpSession | undefined {
    let idlest: HttpSession | undefined;
    for (const session of this.#sessions.values()) {
      if (!session.busy && (idlest === undefined || session.lastUsed < idlest.lastUsed)) idlest = session;
    }
    return idlest;
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
      if (session.busy) session.keepAlive();
      else if (session.lastUsed < oldest) void this.end(session);
    }
  }
}
