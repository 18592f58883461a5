import { type JSONRPCRequest, JSONRPCRequestSchema, type RequestId } from '@modelcontextprotocol/sdk/types.js';
import { isRecord } from '../../json/records.js';

/** What a client sent. */
export type Incoming =
  | { readonly kind: 'request'; readonly request: JSONRPCRequest }
  | { readonly kind: 'notification'; readonly method: string; readonly params: Readonly<Record<string, unknown>> }
  /** To a question of ours, or to nothing that we asked. */
  | { readonly kind: 'answer'; readonly answer: Readonly<Record<string, unknown>> }
  /** Its sender waits for answers, so each gets an error. */
  | { readonly kind: 'badRequest'; readonly ids: readonly (RequestId | null)[] }
  | { readonly kind: 'stray' };

/**
 * Tells what a message is. Calls of tools are not checked against the SDK's schema, which costs more than all else that is
 * done before they run; what the SDK's server answers is, because it says nothing at all to what does not fit.
 */
export function readIncoming(parsed: unknown): Incoming {
  if (isRequest(parsed)) return { kind: 'request', request: parsed };
  if (isRecord(parsed) && parsed['jsonrpc'] === '2.0' && parsed['id'] === undefined && isMethod(parsed['method'])) {
    return {
      kind: 'notification',
      method: parsed['method'],
      params: isRecord(parsed['params']) ? parsed['params'] : {},
    };
  }
  if (isRecord(parsed) && parsed['jsonrpc'] === '2.0' && ('result' in parsed || 'error' in parsed)) {
    return { kind: 'answer', answer: parsed };
  }
  // The protocol has no batches any more; those who send them wait for every request in them.
  const requests = (Array.isArray(parsed) ? parsed : [parsed]).filter(isLikeRequest);
  return requests.length === 0 ? { kind: 'stray' } : { kind: 'badRequest', ids: requests.map(idOf) };
}

const members = new Set(['jsonrpc', 'id', 'method', 'params']);

function isRequest(parsed: unknown): parsed is JSONRPCRequest {
  if (!isRecord(parsed) || !isMethod(parsed['method'])) return false;
  if (parsed['method'] !== 'tools/call') return JSONRPCRequestSchema.safeParse(parsed).success;
  const { jsonrpc, id, params } = parsed;
  if (jsonrpc !== '2.0' || !(typeof id === 'string' || Number.isSafeInteger(id))) return false;
  return (params === undefined || isRecord(params)) && Object.keys(parsed).every((key) => members.has(key));
}

function isMethod(method: unknown): method is string {
  return typeof method === 'string';
}

function isLikeRequest(value: unknown): boolean {
  return isRecord(value) && Object.hasOwn(value, 'method') && Object.hasOwn(value, 'id');
}

/** The id of something that was parsed, for an answer to it: null if it has none that can be given back as it was. */
export function idOf(parsed: unknown): RequestId | null {
  return isRecord(parsed) && isRequestId(parsed['id']) ? parsed['id'] : null;
}

/** Whether it can be given back as it was: a text, or a number that is held exactly. */
export function isRequestId(id: unknown): id is RequestId {
  if (typeof id === 'number') return Number.isFinite(id) && (Number.isSafeInteger(id) || !Number.isInteger(id));
  return typeof id === 'string';
}
