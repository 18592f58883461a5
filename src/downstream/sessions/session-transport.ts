import { messageOf } from '../../errors.js';
import type { McpLink, McpTransport } from '../../transports/mcp/mcp-messages.js';

/** What becomes of each link of a session. */
export interface LinkCare {
  /** Says to the server what has to be said before any call. The link is not used where this rejects. */
  prepare(link: McpLink, signal: AbortSignal): Promise<void>;
  /** The link is about to take calls. */
  opened(link: McpLink): void;
  /** It takes none any more. */
  ended(link: McpLink): void;
}

/** The transport of a server, with links that are set up before they take calls. */
export function preparedTransport(transport: McpTransport, care: LinkCare): McpTransport {
  const { target, startsServer } = transport;
  return {
    target,
    ...(startsServer === undefined ? {} : { startsServer }),
    open: async (signal) => {
      const link = await transport.open(signal);
      try {
        await care.prepare(link, signal);
        signal.throwIfAborted();
      } catch (error) {
        await link.close();
        throw signal.aborted
          ? signal.reason
          : new Error(`setting up the session failed: ${messageOf(error)}`, { cause: error });
      }
      care.opened(link);
      void link.closed.then(() => care.ended(link));
      void link.retiring?.then(() => care.ended(link));
      return link;
    },
  };
}
