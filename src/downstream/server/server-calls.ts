import type { ReplayPolicy } from '../../config/sections/reconnection.js';
import type { CallOptions } from '../../connection/connection-api.js';
import type { McpRequest, McpResponse } from '../../transports/mcp/mcp-messages.js';
import type { ServerEntry } from '../server-entry.js';
import type { DownstreamCaller, DownstreamOptions } from '../server-set-api.js';
import { CallGate } from '../sessions/call-gate.js';
import type { Session } from '../sessions/session.js';
import type { SessionTable } from '../sessions/session-table.js';
import type { SetDependencies } from '../set/set-dependencies.js';
import { callOptions } from './call-options.js';

/** What calls need of their server. */
export interface CallsOwner {
  readonly entry: () => ServerEntry;
  readonly sessions: SessionTable;
  /** The one call of a session is over. */
  readonly retire: (session: Session) => void;
}

/** The calls to one server: so many at a time, each on the session of its caller. */
export class ServerCalls {
  readonly #owner: CallsOwner;
  readonly #dependencies: SetDependencies;
  readonly #gate: CallGate;

  constructor(owner: CallsOwner, dependencies: SetDependencies) {
    const { name, maxConcurrent } = owner.entry();
    this.#owner = owner;
    this.#dependencies = dependencies;
    this.#gate = new CallGate(name, maxConcurrent, dependencies);
  }

  /** Calls that are under way, and calls that wait for others to end. */
  get counts(): { readonly inside: number; readonly waiting: number } {
    return this.#gate;
  }

  /** Lets so many calls at a time go from now on. */
  limit(maxConcurrent: number): void {
    this.#gate.maxConcurrent = maxConcurrent;
    this.#gate.admit();
  }

  async send(request: McpRequest, options: DownstreamOptions, replay: ReplayPolicy): Promise<McpResponse> {
    const { entry, sessions } = this.#owner;
    const { caller = {} } = options;
    const given = callOptions(entry(), options, replay);
    // A call that waits for others to end belongs to the session that there is now, which waits for it.
    const session = entry().isolation === 'per-call' ? undefined : sessions.obtain(entry(), caller);
    if (this.#gate.tryEnter()) return this.#send(request, caller, given, session);
    const { clock } = this.#dependencies;
    const asked = clock.now();
    session?.hold();
    try {
      await this.#gate.enter(given);
      // Whole milliseconds: each duration has a timer of its own.
      const timeoutMs = Math.ceil(given.timeoutMs - (clock.now() - asked));
      return await this.#send(request, caller, { ...given, timeoutMs }, session);
    } finally {
      session?.letGo();
    }
  }

  /** Sends a call that was let in, on a session of its own where it has none. */
  async #send(
    request: McpRequest,
    caller: DownstreamCaller,
    options: CallOptions,
    shared: Session | undefined,
  ): Promise<McpResponse> {
    let session = shared;
    try {
      session ??= this.#owner.sessions.obtain(this.#owner.entry(), caller);
      return await session.request(request, options);
    } finally {
      this.#gate.leave();
      if (session?.terms.isSingle === true) this.#owner.retire(session);
    }
  }
}
