import { ErrorCode } from '@modelcontextprotocol/sdk/types.js';
import type { DownstreamOptions, ServerSet, Subscription } from '../../../downstream/server-set-api.js';
import type { McpClient } from '../../../serving/mcp/mcp-service.js';
import { RpcError } from '../../../serving/mcp/rpc-error.js';

/** Resources that one client may follow. */
const mostEach = 1000;

/** The resources that clients follow. Each ends with its client. */
export class ResourceSubscriptions {
  readonly #servers: ServerSet;
  readonly #byClient = new Map<McpClient, Map<string, Promise<Subscription>>>();

  constructor(servers: ServerSet) {
    this.#servers = servers;
  }

  /** @throws RpcError; what `ServerSet.subscribe` throws */
  async subscribe(client: McpClient, server: string, uri: string, options: DownstreamOptions): Promise<void> {
    const own = this.#byClient.get(client) ?? new Map<string, Promise<Subscription>>();
    this.#byClient.set(client, own);
    const known = own.get(uri);
    if (known !== undefined) return void (await known);
    if (own.size >= mostEach)
      throw new RpcError(ErrorCode.InvalidRequest, `This client follows ${mostEach} resources already`);
    const tell = (params: Readonly<Record<string, unknown>>): void =>
      void client.notify({ method: 'notifications/resources/updated', params: { ...params } });
    const subscription = this.#servers.subscribe(server, uri, tell, options);
    own.set(uri, subscription);
    try {
      await subscription;
    } catch (error) {
      if (own.get(uri) === subscription) own.delete(uri);
      throw error;
    }
    // The client left while the server was asked.
    if (this.#byClient.get(client) !== own) await (await subscription).end();
  }

  /** Nothing happens where there is none. */
  async unsubscribe(client: McpClient, uri: string): Promise<void> {
    const own = this.#byClient.get(client);
    const subscription = own?.get(uri);
    own?.delete(uri);
    await (await subscription)?.end();
  }

  clientGone(client: McpClient): void {
    const own = this.#byClient.get(client);
    this.#byClient.delete(client);
    for (const subscription of own?.values() ?? []) {
      // One that failed has been told of.
      void subscription.then((held) => held.end()).catch(() => undefined);
    }
  }
}
