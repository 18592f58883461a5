import type { Logger } from '../../observability/logger.js';
import type { Clock } from '../../time/clock.js';
import type { McpClientIdentity } from '../mcp/mcp-messages.js';
import type { StdioServer } from './stdio-command.js';

export interface StdioTransportOptions extends McpClientIdentity {
  readonly name: string;
  readonly server: StdioServer;
  /** The environment that the server's own `env` is laid over. */
  readonly processEnv: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Absolute; where relative folders start. Default: the working directory. */
  readonly baseDir?: string;
  /** Milliseconds a server has to leave by itself once its standard input ended, before SIGTERM. Default 500. */
  readonly leaveMs?: number;
  /** Milliseconds between SIGTERM and SIGKILL. Default 2,000. */
  readonly terminateGraceMs?: number;
  /** Bytes one message may have, both ways; a call whose message is larger fails alone. Default 16 MiB. */
  readonly maxMessageBytes?: number;
  /** Milliseconds in which a line has to end that is longer than that: nothing else is heard meanwhile. Default 30,000. */
  readonly longLineMs?: number;
  /** Requests that may wait for the server to read its input. Default 1,000. */
  readonly maxWaiting?: number;
}
