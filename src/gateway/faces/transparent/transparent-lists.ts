import { createHash } from 'node:crypto';
import type { Result } from '@modelcontextprotocol/sdk/types.js';
import type { Listed, ListKind } from '../../../downstream/server-set-api.js';
import type { McpCall } from '../../../serving/mcp/mcp-service.js';
import type { Offer } from '../../offer/offered-names.js';
import type { OfferViewer } from '../../offer/tool-offers.js';
import type { Seal } from '../../seal.js';
import type { ListWatch } from './list-watch.js';
import type { MergedOffers } from './merged-offers.js';
import { pageOf } from './pages.js';

const listMethods: Readonly<Record<string, ListKind>> = {
  'tools/list': 'tools',
  'prompts/list': 'prompts',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
};

/** What a method lists; undefined for one that lists nothing. */
export function listedBy(method: string): ListKind | undefined {
  return Object.hasOwn(listMethods, method) ? listMethods[method] : undefined;
}

export interface TransparentListsDependencies {
  readonly offers: MergedOffers;
  readonly watch: ListWatch;
  readonly seal: Seal;
}

/** Answers lists, a page at a time, and has their clients told when they change. */
export class TransparentLists {
  readonly #dependencies: TransparentListsDependencies;
  readonly #fingerprints = new WeakMap<Offer, string>();

  constructor(dependencies: TransparentListsDependencies) {
    this.#dependencies = dependencies;
  }

  /** @throws RpcError for a cursor that was not given here */
  async list({ caller, signal }: McpCall, viewer: OfferViewer, kind: ListKind, cursor: unknown): Promise<Result> {
    const { offers, watch, seal } = this.#dependencies;
    const offer = await offers.of(viewer, kind);
    const again = async (): Promise<string> => this.#fingerprintOf(await offers.of(viewer, kind));
    // Whoever left meanwhile is not to be told of changes.
    if (!signal.aborted) watch.saw(caller.client, kind, { fingerprint: this.#fingerprintOf(offer), again });
    const principal = JSON.stringify([kind, caller.client.id]);
    const { items, nextCursor } = pageOf(offer.items, cursor, { seal, principal });
    return { [kind]: items, ...(nextCursor !== undefined && { nextCursor }) };
  }

  #fingerprintOf(offer: Offer): string {
    const known = this.#fingerprints.get(offer);
    if (known !== undefined) return known;
    const made = createHash('sha256')
      .update(JSON.stringify(itemsOf(offer)))
      .digest('base64');
    this.#fingerprints.set(offer, made);
    return made;
  }
}

function itemsOf({ items }: Offer): readonly Listed[] {
  return items.map(({ item }) => item);
}
