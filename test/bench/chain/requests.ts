import type { GlobalContext, ToolPreInvokePayload } from 'gatechart';

/** What one call asks for. */
export interface ChainRequest {
  readonly payload: ToolPreInvokePayload & { readonly args: Record<string, unknown> };
  readonly context: GlobalContext;
}

/** Requests that are made beforehand, so that making them counts on neither side. */
const prepared = 32;

/** Requests of one size in turn, none like the one before: nobody can answer from what came before. */
export function requestsOf(argsOf: (index: number) => Record<string, unknown>): () => ChainRequest {
  const requests = Array.from({ length: prepared }, (_, index) => ({
    payload: { name: 'search_documents', args: argsOf(index) },
    id: `request-${index}`,
  }));
  let calls = 0;
  return () => {
    const request = requests[calls % prepared];
    if (request === undefined) throw new Error('no requests were prepared');
    request.payload.args['call'] = calls++;
    return { payload: request.payload, context: contextOf(request.id) };
  };
}

/** Plugins write to it, so that each call needs one of its own. */
function contextOf(requestId: string): GlobalContext {
  return { requestId, user: 'ada@example.org', tenantId: 'acme', serverId: 'documents', state: {}, metadata: {} };
}

/** A few words. */
export const smallArgs = (index: number): Record<string, unknown> => ({ message: `hello ${index}`, count: index });

/** What tools are called with, as long as `bytes` in JSON. */
export function argsOfSize(bytes: number, index: number): Record<string, unknown> {
  const documents: object[] = [];
  const args = {
    query: `quarterly revenue by region and product line, number ${index}`,
    apiKey: `key-${index}-abcdefghijklmnop`,
    limit: 25,
    filters: { region: ['emea', 'apac', 'amer'], year: 2026, archived: false, owner: null },
    documents,
    rest: '',
  };
  let left = bytes - JSON.stringify({ name: 'search_documents', args }).length;
  for (;;) {
    const document = documentOf(index, documents.length);
    left -= JSON.stringify(document).length + (documents.length > 0 ? 1 : 0);
    if (left < 0) break;
    documents.push(document);
  }
  args.rest = 'x'.repeat(bytes - JSON.stringify({ name: 'search_documents', args }).length);
  return args;
}

function documentOf(request: number, index: number): object {
  return {
    id: `doc-${1000 * request + index}`,
    title: `Revenue report number ${index} for the quarter`,
    score: 0.5 + index / 1700,
    body: 'Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor — naïve café',
    tags: ['revenue', `region-${index % 7}`],
    read: index % 2 === 0,
  };
}
