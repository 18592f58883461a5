import { isRecord } from '../../json/records.js';
import type { McpRequest } from './mcp-messages.js';

/** The token under which whoever made a request wants to hear of its progress. */
export function progressTokenOf({ params }: McpRequest): string | number | undefined {
  const meta = params?.['_meta'];
  const token = isRecord(meta) ? meta['progressToken'] : undefined;
  return typeof token === 'string' || typeof token === 'number' ? token : undefined;
}

/**
 * The params of a request as they are sent: with its id as progress token, where it has one. Two clients whose requests share
 * a link choose their tokens on their own, and choose the same.
 */
export function sentParams(request: McpRequest, id: number): McpRequest['params'] {
  const { params } = request;
  if (progressTokenOf(request) === undefined) return params;
  const meta = params?.['_meta'];
  return { ...params, _meta: { ...(isRecord(meta) ? meta : {}), progressToken: id } };
}
