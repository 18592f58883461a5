import type MiniSearch from 'minisearch';
import type { Listed } from '../../downstream/server-set-api.js';
import { isPlainObject } from '../../json/records.js';
import { withinBudget } from '../offer/schema-tokens.js';
import { searchTerms } from './search-terms.js';

/** A tool that an agent is offered, as it is offered. */
export interface SearchableTool {
  readonly server: string;
  readonly serverDescription: string | undefined;
  readonly tool: Listed;
}

export interface SearchOptions {
  /** Tools at most; 50 in any case. */
  readonly limit: number;
  /** Tokens of the definitions together: the first that would exceed it ends the list. Default: without end. */
  readonly maxSchemaTokens?: number | undefined;
}

/** What was found, the best first. */
export interface FoundTools {
  readonly tools: readonly SearchableTool[];
  /** Of their definitions. */
  readonly tokens: number;
}

const mostFound = 50;
const mostQueryTerms = 32;

/** What is indexed of a tool, and how much a word in it counts. */
const weights = { name: 4, title: 3, server: 2, description: 1, parameters: 1, serverDescription: 0.5 } as const;

type Document = { readonly id: number } & Readonly<Record<keyof typeof weights, string>>;

/** Indexes that are kept: one for each view that is asked for again. */
const mostViews = 8;

interface View {
  readonly tools: readonly SearchableTool[];
  readonly index: MiniSearch<Document>;
}

/**
 * Finds tools by what they are called and said to do, ranked by BM25. What is searched is what the agent is offered and
 * nothing else, so that neither the results nor their order tell of other tools.
 */
export class ToolSearch {
  /** The one that was used last comes first. */
  #views: readonly View[] = [];

  /** @param tools what the agent is offered, in the order of the offer; an index is made anew when it changes */
  async search(tools: readonly SearchableTool[], query: string, options: SearchOptions): Promise<FoundTools> {
    const terms = [...new Set(searchTerms(query))].slice(0, mostQueryTerms);
    if (terms.length === 0) return { tools: [], tokens: 0 };
    const view = await this.#viewOf(tools);
    const ranked = view.index
      .search(terms.join(' '))
      .map(({ id, score }): { id: number; score: number } => ({ id, score }))
      .sort((a, b) => b.score - a.score || a.id - b.id)
      .flatMap(({ id }) => view.tools[id] ?? [])
      .slice(0, Math.max(0, Math.min(options.limit, mostFound)));
    const budget = options.maxSchemaTokens ?? Number.POSITIVE_INFINITY;
    const { items, tokens } = withinBudget(ranked, ({ tool }) => tool, budget);
    return { tools: items, tokens };
  }

  async #viewOf(tools: readonly SearchableTool[]): Promise<View> {
    // Loaded when it is used: most agents never search.
    const { default: MiniSearch } = await import('minisearch');
    const known = this.#views.find((view) => isSame(view.tools, tools));
    const view = known ?? { tools, index: indexOf(tools, MiniSearch) };
    this.#views = [view, ...this.#views.filter((other) => other !== view)].slice(0, mostViews);
    return view;
  }
}

function indexOf(tools: readonly SearchableTool[], Index: typeof MiniSearch): MiniSearch<Document> {
  const index = new Index<Document>({
    fields: Object.keys(weights),
    tokenize: searchTerms,
    processTerm: (term) => term,
    searchOptions: {
      boost: weights,
      prefix: (term) => term.length > 2,
      weights: { prefix: 0.3, fuzzy: 0 },
    },
  });
  index.addAll(tools.map(documentOf));
  return index;
}

function documentOf({ server, serverDescription, tool }: SearchableTool, id: number): Document {
  return {
    id,
    server,
    serverDescription: serverDescription ?? '',
    name: textIn(tool['name']),
    title: textIn(tool['title']),
    description: textIn(tool['description']),
    parameters: parametersIn(tool['inputSchema']),
  };
}

/** Names and descriptions. */
function parametersIn(schema: unknown): string {
  const properties = isPlainObject(schema) ? schema['properties'] : undefined;
  if (!isPlainObject(properties)) return '';
  return Object.entries(properties)
    .map(([name, property]) => `${name} ${isPlainObject(property) ? textIn(property['description']) : ''}`)
    .join(' ');
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function isSame(some: readonly SearchableTool[], others: readonly SearchableTool[]): boolean {
  return (
    some.length === others.length &&
    some.every(({ server, serverDescription, tool }, index) => {
      const other = others[index];
      return other?.tool === tool && other.server === server && other.serverDescription === serverDescription;
    })
  );
}
