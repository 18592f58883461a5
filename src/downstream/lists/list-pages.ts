import { GatechartError } from '../../errors.js';
import { describeValue } from '../../json/described-value.js';
import { excerpt } from '../../json/excerpt.js';
import { isRecord } from '../../json/records.js';
import type { Logger } from '../../observability/logger.js';
import type { McpRequest, McpResponse } from '../../transports/mcp/mcp-messages.js';
import type { ListKind, Listed } from '../server-set-api.js';
import { listForms } from './list-kinds.js';

/** What one list of one server may cost us. */
export interface ListLimits {
  readonly pages: number;
  readonly items: number;
  /** Characters of all items as JSON. */
  readonly size: number;
}

const listLimits: ListLimits = { pages: 1_000, items: 20_000, size: 32 * 1024 * 1024 };

/** Odd items that are logged one by one. */
const mostShown = 10;

/**
 * Asks a server for a whole list, page after page. Items that nothing can be done with are left out, with a warning.
 *
 * @throws what `ask` throws; GatechartError PROTOCOL_ERROR for an answer that is no list, a list that does not end, and one
 * that is too large
 */
export async function readPages(
  server: string,
  kind: ListKind,
  ask: (request: McpRequest) => Promise<McpResponse>,
  logger: Logger,
  limits: ListLimits = listLimits,
): Promise<readonly Listed[]> {
  const { method, member } = listForms[kind];
  const found = new FoundItems(server, kind, logger);
  const cursors = new Set<string>();
  let cursor: string | undefined;
  for (let page = 1; page <= limits.pages; page++) {
    const answer = await ask(cursor === undefined ? { method } : { method, params: { cursor } });
    const items: unknown = answer[member];
    if (!Array.isArray(items)) throw wrong(server, method, `\`${member}\` is ${describeValue(items)}, expected a list`);
    found.add(items);
    if (found.items.length > limits.items) throw wrong(server, method, `there are more than ${limits.items} items`);
    if (found.size > limits.size) throw wrong(server, method, `it has more than ${limits.size} characters`);
    const next: unknown = answer['nextCursor'];
    if (next === undefined || next === null) return found.items;
    if (typeof next !== 'string')
      throw wrong(server, method, `\`nextCursor\` is ${describeValue(next)}, expected a string`);
    if (cursors.has(next)) throw wrong(server, method, 'it comes back to a page that it gave before');
    cursors.add(next);
    cursor = next;
  }
  throw wrong(server, method, `it has more than ${limits.pages} pages`);
}

class FoundItems {
  readonly items: Listed[] = [];
  size = 0;
  readonly #ids = new Set<string>();
  #odd = 0;

  constructor(
    private readonly server: string,
    private readonly kind: ListKind,
    private readonly logger: Logger,
  ) {}

  add(items: readonly unknown[]): void {
    const { id: member } = listForms[this.kind];
    for (const item of items) {
      this.size += JSON.stringify(item)?.length ?? 0;
      const id = isRecord(item) ? item[member] : undefined;
      if (!isRecord(item)) this.#leaveOut(`an item is ${describeValue(item)}, expected an object`);
      else if (typeof id !== 'string' || id === '')
        this.#leaveOut(`the \`${member}\` of an item is ${describeValue(id)}`);
      else if (this.#ids.has(id))
        this.#leaveOut(`${JSON.stringify(excerpt(id, 100))} is there more than once; the first counts`);
      else {
        this.#ids.add(id);
        this.items.push(item);
      }
    }
  }

  #leaveOut(why: string): void {
    const level = ++this.#odd <= mostShown ? 'warn' : 'debug';
    const { server, kind } = this;
    this.logger[level]({ server, kind }, `${server}: something was left out of its ${kind}: ${why}`);
  }
}

function wrong(server: string, method: string, what: string): GatechartError {
  return new GatechartError('PROTOCOL_ERROR', `The answer of ${server} to ${method} is no list: ${what}.`, {
    details: { server, method },
  });
}
