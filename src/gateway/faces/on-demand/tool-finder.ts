import type { ServerSet } from '../../../downstream/server-set-api.js';
import { isGatechartError } from '../../../errors.js';
import type { OfferViewer, ToolOffers } from '../../offer/tool-offers.js';
import { type SearchableTool, ToolSearch } from '../../search/tool-search.js';
import type { SearchQuestion } from './on-demand-face.js';
import { shownTool } from './server-tools.js';

/** Finds tools on all servers that an agent may use. A server that cannot be asked is named, and not searched. */
export class ToolFinder {
  readonly #servers: ServerSet;
  readonly #offers: ToolOffers;
  readonly #search = new ToolSearch();

  constructor(servers: ServerSet, offers: ToolOffers) {
    this.#servers = servers;
    this.#offers = offers;
  }

  async find(
    viewer: OfferViewer,
    { query, limit, maxSchemaTokens }: SearchQuestion,
  ): Promise<Readonly<Record<string, unknown>>> {
    const unavailable: string[] = [];
    const usable = this.#servers.names().filter((server) => this.#offers.admitServer(viewer.agent, server).allowed);
    const offered = await Promise.all(usable.map((server) => this.#toolsOf(viewer, server, unavailable)));
    const { tools, tokens } = await this.#search.search(offered.flat(), query, { limit, maxSchemaTokens });
    return {
      tools: tools.map(({ server, tool }) => ({ server, ...shownTool(tool) })),
      returned: tools.length,
      tokens_used: maxSchemaTokens === undefined ? null : tokens,
      unavailable_servers: unavailable,
    };
  }

  async #toolsOf(viewer: OfferViewer, server: string, unavailable: string[]): Promise<readonly SearchableTool[]> {
    try {
      const { items } = await this.#offers.offer(viewer, server);
      const serverDescription = this.#servers.entry(server)?.description;
      return items.map((tool) => ({ server, serverDescription, tool }));
    } catch (error) {
      if (!isGatechartError(error)) throw error;
      unavailable.push(server);
      return [];
    }
  }
}
