import type { Listed, ListKind } from '../../downstream/server-set-api.js';
import { nameFault } from './name-faults.js';
import { prefixOf } from './prefixes.js';

/** What one server lists, of what may be offered. */
export interface ListingServer {
  readonly name: string;
  readonly alias: string | undefined;
  /** In the order of the server. */
  readonly items: readonly Listed[];
}

/** One thing as agents see it. */
export interface OfferedItem {
  /** What it is called by: the name, for resources the URI, for templates the URI template. */
  readonly name: string;
  readonly server: string;
  /** What the server calls it. */
  readonly original: string;
  /** As the server gave it but for its name. */
  readonly item: Listed;
}

/** Why something is not offered, or what may go wrong with it (`long`). */
export type OfferProblem =
  | { readonly kind: 'collision'; readonly name: string; readonly listed: readonly ListedName[] }
  | { readonly kind: 'unfit'; readonly server: string; readonly name: string; readonly reason: string }
  | { readonly kind: 'long'; readonly server: string; readonly name: string; readonly length: number };

export interface ListedName {
  readonly server: string;
  readonly original: string;
}

/** What agents are offered of one kind. */
export interface Offer {
  /** In the order of the servers, and then of their lists. */
  readonly items: readonly OfferedItem[];
  /** The same by name. Names are looked up here and never taken apart. */
  readonly table: ReadonlyMap<string, OfferedItem>;
  readonly problems: readonly OfferProblem[];
}

export interface NamingOptions {
  readonly isPrefixed: boolean;
  readonly separator: string;
}

/** Characters of a name that every client takes. */
const longestSafeName = 64;

/**
 * Names what servers list. A name that two of them would have, or one twice, is offered by none: whoever came last could
 * otherwise take the calls of another. Resources and templates are called by what the server calls them, so that two
 * servers with the same URI collide; the prefix is put in front of their names, which are for people.
 *
 * @param servers in the order of the configuration
 */
export function offerNames(kind: ListKind, servers: readonly ListingServer[], options: NamingOptions): Offer {
  const problems: OfferProblem[] = [];
  const byName = new Map<string, OfferedItem[]>();
  const field = identifyingField(kind);
  for (const server of servers) {
    for (const item of server.items) {
      const original = item[field];
      if (typeof original !== 'string') {
        problems.push({ kind: 'unfit', server: server.name, name: '', reason: `it has no ${field}` });
        continue;
      }
      const offered = offeredItem(field, server, original, item, options);
      const reason = nameFault(kind, offered.name);
      if (reason !== undefined) problems.push({ kind: 'unfit', server: server.name, name: offered.name, reason });
      else byName.set(offered.name, [...(byName.get(offered.name) ?? []), offered]);
    }
  }
  const items: OfferedItem[] = [];
  for (const [name, found] of byName) {
    const [only, ...others] = found;
    if (only === undefined) continue;
    if (others.length > 0) {
      const listed = found.map(({ server, original }) => ({ server, original }));
      problems.push({ kind: 'collision', name, listed });
      continue;
    }
    items.push(only);
    if (field === 'name' && name.length > longestSafeName)
      problems.push({ kind: 'long', server: only.server, name, length: name.length });
  }
  return { items, table: new Map(items.map((item) => [item.name, item])), problems };
}

function offeredItem(
  field: 'name' | 'uri' | 'uriTemplate',
  server: ListingServer,
  original: string,
  item: Listed,
  { isPrefixed, separator }: NamingOptions,
): OfferedItem {
  const shown = item['name'];
  const name = isPrefixed && typeof shown === 'string' ? `${prefixOf(server)}${separator}${shown}` : shown;
  return {
    name: field === 'name' && typeof name === 'string' ? name : original,
    server: server.name,
    original,
    item: name === shown ? item : { ...item, name },
  };
}

function identifyingField(kind: ListKind): 'name' | 'uri' | 'uriTemplate' {
  if (kind === 'resources') return 'uri';
  return kind === 'resourceTemplates' ? 'uriTemplate' : 'name';
}
