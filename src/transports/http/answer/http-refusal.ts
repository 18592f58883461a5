import type { IncomingHttpHeaders } from 'node:http';
import { isRecord } from '../../../json/records.js';
import type { GatechartError } from '../../../errors.js';
import { challengeOf, loginNeeded } from '../authorization.js';
import { describeAnswer, isSessionUnknown } from './http-answer.js';
import { refusedBy } from './answer-finder.js';
import type { HttpClientSession } from '../http-client-session.js';
import { isErrorAnswer, isIdOf, messagesIn, refusalOfAnswer, type WireMessage } from '../../mcp/json-rpc.js';
import type { LinkError } from '../../transport.js';

/** Statuses that may be others soon, for a question that can be asked again. */
const passing: ReadonlySet<number> = new Set([429, 502, 503, 504]);

/** What an answer with an error status says. */
export type Refusal =
  /** The result, all the same. */
  | { readonly kind: 'result'; readonly message: WireMessage }
  | { readonly kind: 'sessionLost'; readonly lost: GatechartError }
  /** `mayPass`: the server may say something else soon. */
  | { readonly kind: 'refused'; readonly error: LinkError; readonly mayPass: boolean };

/** @param request what it answers: the id, and whether it named a session */
export function readRefusal(
  session: HttpClientSession,
  request: { readonly id: unknown; readonly hasSession: boolean },
  { status, headers, text }: { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string },
): Refusal {
  const refused = (error: LinkError): Refusal => ({ kind: 'refused', error, mayPass: false });
  const messages = messagesIn(text);
  const message = messages.find(({ id, result }) => isIdOf(id, request.id) && isRecord(result));
  // What asks for no answer has no id, and a result without one is none of it.
  if (message !== undefined && request.id !== undefined) return { kind: 'result', message };
  const challenge = challengeOf(status, headers);
  const error = messages.find(isErrorAnswer);
  // Without a challenge, an error with the id of the request is the answer to it.
  const isAnswered = challenge?.wwwAuthenticate === undefined && error !== undefined && isIdOf(error.id, request.id);
  if (challenge !== undefined && !isAnswered)
    return refused(refusedBy(loginNeeded({ name: session.options.name, target: session.target }, challenge)));
  if (request.hasSession && isSessionUnknown(status, text, request.id))
    return { kind: 'sessionLost', lost: session.lost(`no longer knows our session (status ${status})`) };
  const what = describeAnswer(status, headers, text);
  if (status === 413) return refused(refusedBy(session.tooLarge(what)));
  if (error !== undefined) return refused(refusalOfAnswer(error));
  return { kind: 'refused', error: refusedBy(session.refusal(what)), mayPass: passing.has(status) };
}
