import { eventIdHeader } from '../events/event-id.js';
import type { Belonging } from '../../mcp/server-messages.js';
import type { UnansweredRequests } from '../../mcp/unanswered-requests.js';
import type { CallListener } from '../../transport.js';
import type { TraceParent } from '../../../observability/spans.js';
import type { HttpRequest } from '../dispatch/http-exchange.js';

/** A message that is sent, as JSON. */
export interface PostedMessage {
  readonly body: string;
  /** The JSON-RPC id an answer is due for; undefined where none is. */
  readonly id?: unknown;
  /** Hears what the server says and asks in response, before its answer. */
  readonly on?: CallListener | undefined;
  /** It does not wait for a free connection. */
  readonly isUrgent?: boolean;
  /** What goes with it beside the headers that each has. */
  readonly headers?: TraceParent | undefined;
}

/** One object for all, so that what is made of it for one request serves the next one too. */
const postHeaders = { 'content-type': 'application/json', accept: 'application/json, text/event-stream' };

/** The request that sends it. */
export function postOf(
  { body, isUrgent = false, headers: added }: PostedMessage,
  idleTimeoutMs: number,
): Omit<HttpRequest, 'path'> {
  const headers = added === undefined ? postHeaders : { ...added, ...postHeaders };
  return { method: 'POST', headers, body, idleTimeoutMs, isUrgent };
}

/** The request for the rest of an answer, or for what else comes behind an event. */
export function streamAfter(lastEventId: string, idleTimeoutMs: number): Omit<HttpRequest, 'path'> {
  const resumed = lastEventId === '' ? {} : { 'last-event-id': eventIdHeader(lastEventId) };
  return { method: 'GET', headers: { accept: 'text/event-stream', ...resumed }, idleTimeoutMs };
}

/** What comes on the stream of an answer belongs to its request, and what comes elsewhere to none. */
export function belongingOf(posted: PostedMessage | undefined, pending: UnansweredRequests): Belonging {
  if (posted?.on === undefined) return { kind: 'none' };
  const request = pending.find(posted.id);
  return request === undefined ? { kind: 'ended' } : { kind: 'requests', listener: posted.on, ids: [request.id] };
}
