import { isGatechartError, messageOf } from '../../../errors.js';
import type { ServerEntry } from '../../../downstream/server-entry.js';
import type { Listed, ListKind, ServerSet } from '../../../downstream/server-set-api.js';
import type { Logger } from '../../../observability/logger.js';
import {
  type ListingServer,
  type NamingOptions,
  type Offer,
  offerNames,
  type OfferProblem,
} from '../../offer/offered-names.js';
import { prefixOf } from '../../offer/prefixes.js';
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
  readonly now: () => number;
  readonly logger: Logger;
}

/** One offer, for as long as nothing changes. */
interface KeptOffer {
  readonly version: number;
  readonly offer: Promise<Offer>;
  /** Servers that could not be asked, and are not in it. */
  readonly away: Set<string>;
}

/** What is told of a server that could not be asked. */
export interface AwayServerStatus {
  readonly server: string;
  readonly lastError: string | undefined;
  /** Milliseconds. */
  readonly nextTryInMs: number | undefined;
}

/** A server that could not be asked for a list. */
interface AwayServer {
  /** With which it could not be: under another one it may. */
  readonly entry: ServerEntry | undefined;
  since: number;
  isAsked: boolean;
}

/** Milliseconds after which a server is asked again that could not be; nobody waits for it then. */
const retryMs = 5_000;

/** Offers that are kept at once. */
const mostKept = 1000;

/** Problems that are told; those of servers that change their lists all the time are not told for ever. */
const mostTold = 1000;

/** What agents are offered of all servers together. */
export class MergedOffers {
  readonly #dependencies: MergedOffersDependencies;
  readonly #kept = new Map<string, KeptOffer>();
  readonly #away = new Map<string, AwayServer>();
  readonly #told = new Set<string>();

  constructor(dependencies: MergedOffersDependencies) {
    this.#dependencies = dependencies;
  }

  /** What an agent is offered of one kind. A server that cannot be asked and never was is left out. */
  of(viewer: OfferViewer, kind: ListKind): Promise<Offer> {
    const { offers, version } = this.#dependencies;
    if (kind === 'tools' && offers.dependsOnViewer) return this.#make(viewer, kind, new Set());
    const key = this.#keyOf(viewer, kind);
    const known = this.#kept.get(key);
    if (known?.version === version()) {
      for (const server of known.away) this.#askAgain(viewer, kind, server);
      return known.offer;
    }
    const away = new Set<string>();
    const made = { version: version(), offer: this.#make(viewer, kind, away), away };
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

  /** A server that could not be asked, and may have what is called so; undefined where there is none. */
  awayServerOf(viewer: OfferViewer, kind: ListKind, name: string): AwayServerStatus | undefined {
    const { servers, naming } = this.#dependencies;
    const { isPrefixed, separator } = naming();
    const away = this.#kept.get(this.#keyOf(viewer, kind))?.away ?? [];
    for (const server of away) {
      const prefix = prefixOf({ name: server, alias: servers.entry(server)?.alias }) + separator;
      if (isPrefixed && !name.startsWith(prefix)) continue;
      const { lastError, nextTimerInMs } = servers.status().find((status) => status.name === server) ?? {};
      return { server, lastError, nextTryInMs: nextTimerInMs };
    }
    return undefined;
  }

  /** What may tell the lists of one viewer from those of another: the agent, and the headers that servers get. */
  #keyOf({ agent, options: { caller = {} } }: OfferViewer, kind: ListKind): string {
    const { credentials, headers = {} } = caller;
    const forwarded: string[] = [];
    const { servers } = this.#dependencies;
    for (const server of servers.names())
      for (const name of servers.entry(server)?.forwardHeaders ?? [])
        if (headers[name] !== undefined) forwarded.push(name, headers[name]);
    if (credentials === undefined && forwarded.length === 0) return agent === undefined ? kind : `${kind} ${agent}`;
    return JSON.stringify([kind, agent, credentials, forwarded]);
  }

  #awayKey(viewer: OfferViewer, kind: ListKind, server: string): string {
    return JSON.stringify([this.#keyOf(viewer, kind), server]);
  }

  async #make(viewer: OfferViewer, kind: ListKind, away: Set<string>): Promise<Offer> {
    const { servers, offers, naming } = this.#dependencies;
    const allowed = servers.names().filter((server) => offers.admitServer(viewer.agent, server).allowed);
    const listing = await Promise.all(allowed.map((server) => this.#listing(viewer, kind, server, away)));
    const offer = offerNames(
      kind,
      listing.filter((one) => one !== undefined),
      naming(),
    );
    for (const problem of offer.problems) this.#tell(kind, problem);
    return offer;
  }

  async #listing(
    viewer: OfferViewer,
    kind: ListKind,
    server: string,
    away: Set<string>,
  ): Promise<ListingServer | undefined> {
    const { servers, logger, now } = this.#dependencies;
    const key = this.#awayKey(viewer, kind, server);
    const entry = servers.entry(server);
    if (this.#away.get(key)?.entry === entry && this.#away.has(key) && servers.known(server, kind) === undefined) {
      // Others are not to wait for it over and over.
      away.add(server);
      this.#askAgain(viewer, kind, server);
      return undefined;
    }
    try {
      const items = await this.#items(viewer, kind, server);
      this.#away.delete(key);
      return { name: server, alias: servers.entry(server)?.alias, items };
    } catch (error) {
      if (!isGatechartError(error)) throw error;
      away.add(server);
      const [oldest] = this.#away.size >= mostKept ? this.#away.keys() : [];
      if (oldest !== undefined) this.#away.delete(oldest);
      this.#away.set(key, { entry, since: now(), isAsked: false });
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

  /** Nobody waits for it: that it has a list is told as a change, like that of others. */
  #askAgain(viewer: OfferViewer, kind: ListKind, server: string): void {
    const { now, servers } = this.#dependencies;
    const key = this.#awayKey(viewer, kind, server);
    const away = this.#away.get(key);
    if (away === undefined || away.isAsked || now() - away.since < retryMs) return;
    away.isAsked = true;
    servers.list(server, kind, viewer.options).then(
      () => {
        this.#away.delete(key);
        this.#kept.clear();
      },
      () => {
        away.isAsked = false;
        away.since = now();
      },
    );
  }

  #tell(kind: ListKind, problem: OfferProblem): void {
    const message = describeOfferProblem(kind, problem);
    if (this.#told.has(message) || this.#told.size >= mostTold) return;
    this.#told.add(message);
    this.#dependencies.logger.warn({ kind }, message);
  }
}
