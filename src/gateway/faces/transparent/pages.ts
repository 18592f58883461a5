import { ErrorCode } from '@modelcontextprotocol/sdk/types.js';
import type { Listed } from '../../../downstream/server-set-api.js';
import { RpcError } from '../../../serving/mcp/rpc-error.js';
import type { OfferedItem } from '../../offer/offered-names.js';
import type { Seal } from '../../seal.js';

/** Things on one page of a list. */
const pageSize = 1000;

export interface Page {
  readonly items: readonly Listed[];
  readonly nextCursor?: string;
}

/**
 * One page of a list. A cursor says behind which thing the page begins, so that it stays right when things come and go
 * before it.
 *
 * @param offered each by its name, or its URI, which tells it from all others
 * @throws RpcError for a cursor that was not given here, to this one, for this list
 */
export function pageOf(
  offered: readonly OfferedItem[],
  cursor: unknown,
  { seal, principal }: { readonly seal: Seal; readonly principal: string },
): Page {
  let start = 0;
  if (cursor !== undefined) {
    const after = typeof cursor === 'string' ? seal.open(cursor, principal) : undefined;
    if (after === undefined) throw new RpcError(ErrorCode.InvalidParams, 'Invalid cursor');
    start = offered.findIndex(({ name }) => name === after) + 1;
    // What it pointed behind is gone, and so is the place.
    if (start === 0) throw new RpcError(ErrorCode.InvalidParams, 'Invalid cursor: the list has changed, begin anew');
  }
  const page = start === 0 && offered.length <= pageSize ? offered : offered.slice(start, start + pageSize);
  const items = page.map(({ item }) => item);
  const last = page.at(-1);
  if (last === undefined || start + pageSize >= offered.length) return { items };
  return { items, nextCursor: seal.close(last.name, principal) };
}
