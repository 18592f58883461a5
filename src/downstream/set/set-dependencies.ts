import type { ConnectionSettings } from '../../../machines/index.js';
import type { Supervisor } from '../../actors/supervisor.js';
import type { ConnectionSystem } from '../../connection/connection-system.js';
import type { Turns } from '../../connection/turns.js';
import type { Logger } from '../../observability/logger.js';
import type { Clock, Random } from '../../time/clock.js';
import type { Deadlines } from '../../time/deadlines.js';
import type { McpTransport } from '../../transports/mcp/mcp-messages.js';
import type { ServerEntry } from '../server-entry.js';
import type { SessionTerms } from '../sessions/session-key.js';

/** What all servers of a set have in common. Times in milliseconds. */
export interface SetDependencies {
  /** Where connections and their calls live. */
  readonly system: ConnectionSystem;
  /** Where sessions live. */
  readonly sessions: Supervisor;
  readonly deadlines: Deadlines;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** For servers that are started: so many may be starting at a time. */
  readonly starts: Turns;
  readonly connectionSettings: ConnectionSettings;
  /** Sessions that one server may have at a time. */
  readonly maxSessions: number;
  /** Calls to one server that may wait for others to end. */
  readonly maxWaiting: number;
  /** How long calls of what is removed or changed may go on. */
  readonly drainMs: number;
  /** Where the login of a server is; undefined where it needs none. */
  readonly loginStateOf: (server: string) => string | undefined;
  /** Opens links to a server. */
  readonly transportOf: (entry: ServerEntry, terms: SessionTerms) => McpTransport;
}
