import { isGatechartError, messageOf } from '../../../errors.js';
import type { Listed, ListKind, ServerSet } from '../../../downstream/server-set-api.js';
import type { Logger } from '../../../observability/logger.js';
import {
  type ListingServer,
  type NamingOptions,
  type Offer,
  offerNames,
  type OfferProblem,
} from '../../offer/offered-names.js';
import { describeOfferProblem } from '../../offer/offer-problems.js';
import { cleanItem } from '../../offer/text-cleaning.js';
import type { OfferViewer, ToolOffers } from '../../offer/tool-offers.js';

export interface MergedOffersDependencies {
  readonly servers: ServerSet;
  readonly offers: ToolOffers;
  /** How names are made; asked each time, because servers come and go. */
  readonly naming: () => NamingOptions;
  /** Counts up whenever something may be offered otherwise than before: lists, rules, entries. */
  readonly version: () => number;
  readonly logger: Logger;
}

/** One offer, for as long as nothing changes. */
interface KeptOffer {
  readonly version: number;
  readonly offer: Promise<Offer>;
}

/** Offers that are kept at once. */
const mostKept = 1000;

/** Problems that are told; those of servers that change their lists all the time are not told for ever. */
const mostTold = 1000;

/** What agents are offered of all servers together. */
export class MergedOffers {
  readonly #dependencies: MergedOffersDependencies;
  readonly #kept = new Map<string, KeptOffer>();
  readonly #told = new Set<string>();

  constructor(dependencies: MergedOffersDependencies) {
    this.#dependencies = dependencies;
  }

  /** What an agent is offered of one kind. A server that cannot be asked and never was is left out. */
  of(viewer: OfferViewer, kind: ListKind): Promise<Offer> {
    const { offers, version } = this.#dependencies;
    if (kind === 'tools' && offers.dependsOnViewer) return this.#make(viewer, kind);
    const { caller = {} } = viewer.options;
    const key = JSON.stringify([kind, viewer.agent, caller.credentials, caller.headers, caller.client?.id]);
    const known = this.#kept.get(key);
    if (known?.version === version()) return known.offer;
    const made = { version: version(), offer: this.#make(viewer, kind) };
    this.#kept.delete(key);
    this.#kept.set(key, made);
    const [oldest] = this.#kept.size > mostKept ? this.#kept.keys() : [];
    if (oldest !== undefined) this.#kept.delete(oldest);
    // What could not be made is made again.
    made.offer.catch(() => {
      if (this.#kept.get(key) === made) this.#kept.delete(key);
    });
    return made.offer;
  }

  async #make(viewer: OfferViewer, kind: ListKind): Promise<Offer> {
    const { servers, offers, naming } = this.#dependencies;
    const allowed = servers.names().filter((server) => offers.admitServer(viewer.agent, server).allowed);
    const listing = await Promise.all(allowed.map((server) => this.#listing(viewer, kind, server)));
    const offer = offerNames(
      kind,
      listing.filter((one) => one !== undefined),
      naming(),
    );
    for (const problem of offer.problems) this.#tell(kind, problem);
    return offer;
  }

  async #listing(viewer: OfferViewer, kind: ListKind, server: string): Promise<ListingServer | undefined> {
    const { servers, logger } = this.#dependencies;
    try {
      const items = await this.#items(viewer, kind, server);
      return { name: server, alias: servers.entry(server)?.alias, items };
    } catch (error) {
      if (!isGatechartError(error)) throw error;
      logger.warn({ server, kind, error: messageOf(error) }, `the ${kind} of ${server} are not offered`);
      return undefined;
    }
  }

  async #items(viewer: OfferViewer, kind: ListKind, server: string): Promise<readonly Listed[]> {
    const { servers, offers } = this.#dependencies;
    if (kind === 'tools') return (await offers.offer(viewer, server)).items;
    const { items } = await servers.list(server, kind, viewer.options);
    return items.flatMap((given) => {
      const { item, refused } = cleanItem(given);
      return refused === undefined ? [item] : [];
    });
  }

  #tell(kind: ListKind, problem: OfferProblem): void {
    const message = describeOfferProblem(kind, problem);
    if (this.#told.has(message) || this.#told.size >= mostTold) return;
    this.#told.add(message);
    this.#dependencies.logger.warn({ kind }, message);
  }
}
