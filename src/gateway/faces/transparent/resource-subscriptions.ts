import { ErrorCode } from '@modelcontextprotocol/sdk/types.js';
import type { ServerSet, Subscription } from '../../../downstream/server-set-api.js';
import type { McpClient } from '../../../serving/mcp/mcp-service.js';
import { RpcError } from '../../../serving/mcp/rpc-error.js';
import type { CancelSignal } from '../../../time/cancellation.js';
import type { OfferViewer } from '../../offer/tool-offers.js';

/** Resources that one client may follow. */
const mostEach = 1000;

/** One resource that one client follows. */
interface Followed {
  readonly agent: string | undefined;
  readonly server: string;
  readonly subscription: Promise<Subscription>;
}

/** The resources that clients follow. Each ends with its client, and when its agent may not use the server any more. */
export class ResourceSubscriptions {
  readonly #servers: ServerSet;
  readonly #isAllowed: (agent: string | undefined, server: string) => boolean;
  readonly #byClient = new Map<McpClient, Map<string, Followed>>();

  constructor(servers: ServerSet, isAllowed: (agent: string | undefined, server: string) => boolean) {
    this.#servers = servers;
    this.#isAllowed = isAllowed;
  }

  /** @throws RpcError; what `ServerSet.subscribe` throws */
  async subscribe(
    client: McpClient,
    { agent, options }: OfferViewer,
    server: string,
    uri: string,
    signal: CancelSignal,
  ): Promise<void> {
    // Whoever has left follows nothing.
    if (signal.aborted) return;
    const own = this.#byClient.get(client) ?? new Map<string, Followed>();
    this.#byClient.set(client, own);
    const known = own.get(uri);
    if (known?.server === server && known.agent === agent) return void (await known.subscription);
    if (known !== undefined) this.#end(own, uri, known);
    if (own.size >= mostEach)
      throw new RpcError(ErrorCode.InvalidRequest, `This client follows ${mostEach} resources already`);
    const tell = (params: Readonly<Record<string, unknown>>): void => {
      if (this.#isAllowed(agent, server))
        client.notify({ method: 'notifications/resources/updated', params: { ...params } });
    };
    // Another request for the same may wait for it, so that it does not end with this one.
    const subscription = this.#servers.subscribe(server, uri, tell, options);
    const followed = { agent, server, subscription };
    own.set(uri, followed);
    try {
      await subscription;
    } catch (error) {
      if (own.get(uri) === followed) own.delete(uri);
      throw error;
    }
    // The client left while the server was asked.
    if (this.#byClient.get(client) !== own) await (await subscription).end();
  }

  /** Nothing happens where there is none. */
  async unsubscribe(client: McpClient, uri: string): Promise<void> {
    const own = this.#byClient.get(client);
    const followed = own?.get(uri);
    own?.delete(uri);
    await (await followed?.subscription)?.end();
  }

  /** Rules or servers are others: what is not allowed any more ends, and what was on a server that is gone. */
  changed(): void {
    const names = new Set(this.#servers.names());
    for (const own of this.#byClient.values()) {
      for (const [uri, followed] of own) {
        const { agent, server } = followed;
        if (!names.has(server) || !this.#isAllowed(agent, server)) this.#end(own, uri, followed);
      }
    }
  }

  clientGone(client: McpClient): void {
    const own = this.#byClient.get(client);
    this.#byClient.delete(client);
    for (const [uri, followed] of own ?? []) if (own !== undefined) this.#end(own, uri, followed);
  }

  #end(own: Map<string, Followed>, uri: string, { subscription }: Followed): void {
    own.delete(uri);
    // One that failed has been told of.
    void subscription.then((held) => held.end()).catch(() => undefined);
  }
}
