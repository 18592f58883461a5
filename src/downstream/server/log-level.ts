import { messageOf } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import type { McpPeer, McpRequest } from '../../transports/mcp/mcp-messages.js';

/** The least severe log messages that anybody wants of the servers. Each hears of it that has log messages at all. */
export class LogLevel {
  readonly #logger: Logger;
  #level: string | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** True where it is another one, of which servers are to be told. */
  set(level: string): boolean {
    if (level === this.#level) return false;
    this.#level = level;
    return true;
  }

  /**
   * Tells it to a server. Never rejects: a server that does not take it has its own.
   *
   * @param ask sends the request; has to end by itself, since a server may never answer
   */
  async tell(peer: McpPeer | undefined, ask: (request: McpRequest) => Promise<unknown>): Promise<void> {
    const level = this.#level;
    if (level === undefined || peer?.capabilities.logging === undefined) return;
    try {
      await ask({ method: 'logging/setLevel', params: { level } });
    } catch (error) {
      this.#logger.debug({ level, reason: messageOf(error) }, 'a server did not take the log level');
    }
  }
}
