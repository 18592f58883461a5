import { randomUUID } from 'node:crypto';
import type { Clock } from '../../time/clock.js';
import type { McpIdentity } from '../mcp/mcp-service.js';
import type { McpHttpSession } from './mcp-http-session.js';

/** How many sessions a server over HTTP has, and for how long. */
export interface SessionLimits {
  /** Sessions open at once; one that nobody waits on makes room for a new one. */
  readonly maxSessions: number;
  /** Milliseconds after which a session that nobody waits on is ended. */
  readonly sessionIdleMs: number;
  /** Milliseconds between comments on quiet streams. */
  readonly keepAliveMs: number;
}

export interface SessionTableDependencies {
  readonly create: (id: string, identity: McpIdentity | undefined) => McpHttpSession;
  /** Puts an MCP server behind a new session. */
  readonly accept: (session: McpHttpSession) => Promise<void>;
}

/** The sessions of an HTTP server. A client whose session was ended gets 404 and starts a new one. */
export class SessionTable {
  readonly #sessions = new Map<string, McpHttpSession>();
  readonly #limits: SessionLimits;
  readonly #clock: Clock;
  readonly #dependencies: SessionTableDependencies;
  #timer: ReturnType<Clock['setTimeout']> | undefined;

  constructor(limits: SessionLimits, clock: Clock, dependencies: SessionTableDependencies) {
    this.#limits = limits;
    this.#clock = clock;
    this.#dependencies = dependencies;
    this.#schedule();
  }

  /** A session of whoever has these credentials: that of another is not known to exist. */
  get(id: string, identity?: McpIdentity): McpHttpSession | undefined {
    const session = this.#sessions.get(id);
    return session?.client.identity?.credentials === identity?.credentials ? session : undefined;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Undefined if the table is full of sessions with running calls. */
  async open(identity?: McpIdentity): Promise<McpHttpSession | undefined> {
    if (this.#sessions.size >= this.#limits.maxSessions) {
      const dispensable = this.#mostDispensable();
      if (dispensable === undefined) return undefined;
      // Not waited for: whoever opens one meanwhile would find room that is taken.
      void this.end(dispensable);
    }
    const session = this.#dependencies.create(randomUUID().replaceAll('-', ''), identity);
    this.#sessions.set(session.sessionId, session);
    await this.#dependencies.accept(session);
    return session;
  }

  async end(session: McpHttpSession): Promise<void> {
    this.#sessions.delete(session.sessionId);
    await session.close();
  }

  /** Nothing new is taken, so that no question can be answered any more. */
  drain(): void {
    for (const { client } of this.#sessions.values()) client.drain();
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
  #mostDispensable(): McpHttpSession | undefined {
    let found: McpHttpSession | undefined;
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
      session.sweep();
      if (session.awaited !== 'nothing') session.keepAlive();
      else if (session.lastUsed < oldest) void this.end(session);
    }
  }
}

function isMoreDispensable(one: McpHttpSession, other: McpHttpSession): boolean {
  return rankOf(one) === rankOf(other) ? one.lastUsed < other.lastUsed : rankOf(one) < rankOf(other);
}

function rankOf({ callsTaken, awaited }: McpHttpSession): number {
  if (callsTaken === 0) return 0;
  return awaited === 'nothing' ? 1 : 2;
}
