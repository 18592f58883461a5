import { messageOf } from '../../errors.js';
import type { Logger } from '../../observability/logger.js';
import type { McpLink } from '../../transports/mcp/mcp-messages.js';

/** The least severe log messages that anybody wants of the servers. Each hears of it that has log messages at all. */
export class LogLevel {
  readonly #logger: Logger;
  #level: string | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  set(level: string): void {
    this.#level = level;
  }

  /** Tells it to the server on a link. Never rejects: a server that does not take it has its own. */
  async tell(link: McpLink, signal: AbortSignal): Promise<void> {
    const level = this.#level;
    if (level === undefined || link.peer.capabilities.logging === undefined) return;
    try {
      await link.request({ method: 'logging/setLevel', params: { level } }, { signal });
    } catch (error) {
      this.#logger.debug({ level, reason: messageOf(error) }, 'a server did not take the log level');
    }
  }
}
