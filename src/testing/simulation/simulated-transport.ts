import type { ClientCapabilities } from '@modelcontextprotocol/sdk/types.js';
import type { Logger } from '../../observability/logger.js';
import { createInProcessTransport } from '../../transports/in-process/in-process-transport.js';
import type { McpTransport } from '../../transports/mcp/mcp-messages.js';
import type { CallLedger } from './call-ledger.js';
import type { ConnectionCensus } from './channel-census.js';
import { SimulatedChannel } from './simulated-channel.js';
import { SimulatedLink } from './simulated-link.js';
import type { SimulatedServer } from './simulated-server.js';

export interface SimulatedTransportOptions {
  readonly server: SimulatedServer;
  readonly ledger: CallLedger;
  readonly capabilities: ClientCapabilities;
  /** Whether each link has a process of its own, as one over stdio has. */
  readonly startsServer: boolean;
  readonly logger: Logger;
  /** Told of each link that was opened. */
  readonly opened: (link: SimulatedLink) => void;
}

/**
 * A transport of the product, in this process, whose far end is a scripted server. Handshake, ids, cancellation and all
 * else that a link does are the product's; only what a link in this process cannot come to by itself is added to it.
 */
export function simulatedTransport(options: SimulatedTransportOptions): McpTransport {
  const { server, ledger, capabilities, startsServer, logger, opened } = options;
  const census = server.census.connection();
  let channel: SimulatedChannel | undefined;
  const connect = async (): Promise<SimulatedChannel> => (channel = await connected(server, census));
  const inner = createInProcessTransport(connect, { name: server.name, logger, clientCapabilities: capabilities });
  return {
    target: inner.target,
    startsServer,
    open: async (signal) => {
      const link = await (startsServer ? counted(ledger, signal, inner.open(signal)) : inner.open(signal));
      // What was opened last is what this attempt opened: a connection has one at a time.
      if (channel === undefined) return link;
      const simulated = new SimulatedLink(link, { channel, server, ledger, isProcess: startsServer });
      opened(simulated);
      return simulated;
    },
  };
}

/** A process counts as starting until its link is open, or nobody waits for it any more. */
function counted<Opened>(ledger: CallLedger, signal: AbortSignal, opening: Promise<Opened>): Promise<Opened> {
  const begun = ledger.starting();
  signal.addEventListener('abort', begun, { once: true });
  return opening.finally(begun);
}

async function connected(server: SimulatedServer, census: ConnectionCensus): Promise<SimulatedChannel> {
  const start = server.starts[0];
  const attempt = { isRetired: false };
  if (start?.kind === 'refuses') {
    server.starts.shift();
    census.came(attempt);
    await new Promise<void>((resolve) => server.clock.setTimeout(resolve, start.afterMs));
    census.went(attempt);
    throw new Error('the scripted server cannot be started');
  }
  const channel: SimulatedChannel = new SimulatedChannel(server, () => census.went(channel));
  census.came(channel);
  server.opened(channel);
  return channel;
}
