import { deferred } from '../../time/deferred.js';
import type {
  McpLink,
  McpNotification,
  McpPeer,
  McpRequest,
  McpResponse,
  QuestionAnswerer,
} from '../../transports/mcp/mcp-messages.js';
import { type LinkClosed, LinkError, type RequestOptions, type RequestOutcome } from '../../transports/transport.js';
import type { CallLedger } from './call-ledger.js';
import type { SimulatedChannel } from './simulated-channel.js';
import type { SimulatedServer } from './simulated-server.js';

export interface SimulatedLinkDependencies {
  readonly channel: SimulatedChannel;
  readonly server: SimulatedServer;
  readonly ledger: CallLedger;
  /** Its server is a process of its own: such a link never retires, it ends. */
  readonly isProcess: boolean;
}

/**
 * A link in this process that can come to what only other links come to: its server retires it, forgets its session, loses
 * one of its connections, and is asked for signs of life.
 */
export class SimulatedLink implements McpLink {
  readonly era = 'legacy';
  readonly #retiring = deferred();
  readonly retiring: Promise<void> = this.#retiring.promise;
  readonly #link: McpLink;
  readonly #dependencies: SimulatedLinkDependencies;
  #open = 0;

  constructor(link: McpLink, dependencies: SimulatedLinkDependencies) {
    this.#link = link;
    this.#dependencies = dependencies;
  }

  get peer(): McpPeer {
    return this.#link.peer;
  }

  get closed(): Promise<LinkClosed> {
    return this.#link.closed;
  }

  get server(): string {
    return this.#dependencies.server.name;
  }

  get mayRetire(): boolean {
    const { channel, isProcess } = this.#dependencies;
    return channel.isAlive && !channel.isRetired && !isProcess;
  }

  /** The server takes no new requests on it, and ends it when it has none. */
  retire(): void {
    this.#dependencies.channel.isRetired = true;
    this.#retiring.resolve();
    this.#endIfUnused();
  }

  async request(message: McpRequest, options: RequestOptions): Promise<McpResponse> {
    const { channel, ledger, server } = this.#dependencies;
    if (channel.isRetired) throw failed('notSent');
    const broken = message.method === 'tools/call' ? ledger.sent(this, server.name, message) : undefined;
    if (broken === 'notSent') channel.die();
    // It got there, and nobody knows.
    if (broken === 'cutOff') ledger.reached(server.name, message.params);
    if (broken !== undefined) throw failed(broken);
    this.#open++;
    try {
      return await this.#link.request(message, options);
    } finally {
      this.#open--;
      this.#endIfUnused();
    }
  }

  ping(signal: AbortSignal): Promise<void> {
    const { server, channel } = this.#dependencies;
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      if (!server.isDeaf && !server.isSplit) channel.after(1, resolve);
    });
  }

  answerWith(answerer: QuestionAnswerer): void {
    this.#link.answerWith(answerer);
  }

  onNotification(listener: (notification: McpNotification) => void): () => void {
    return this.#link.onNotification(listener);
  }

  notify(notification: McpNotification): void {
    this.#link.notify(notification);
  }

  close(): Promise<void> {
    return this.#link.close();
  }

  #endIfUnused(): void {
    if (this.#dependencies.channel.isRetired && this.#open === 0) void this.#link.close();
  }
}

function failed(outcome: RequestOutcome): LinkError {
  return new LinkError(outcome, `the scripted link says: ${outcome}`);
}
