import type { GatechartError } from '../../../errors.js';
import { LinkError, type RequestOutcome } from '../../transport.js';
import { refusedBy } from './answer-finder.js';
import type { HttpClientSession } from '../http-client-session.js';
import { brokeWhileSending } from '../dispatch/http-connector.js';
import type { HttpStage } from '../dispatch/http-exchange.js';

/** Characters from which on servers may refuse a request for its size, some of them by hanging up. */
const largeBody = 1_000_000;

/** What a request that failed at some stage has come to. One that found no free connection is not worth a new link. */
const outcomeAt: Readonly<Record<HttpStage, RequestOutcome>> = {
  queued: 'refused',
  connecting: 'notSent',
  sent: 'cutOff',
};

/** What a request has come to on which the server hung up while it was sent, if that may be because of its size. */
export function refusalForSize(session: HttpClientSession, body: string, error: Error): LinkError | undefined {
  if (body.length < largeBody || !brokeWhileSending(error)) return undefined;
  const what = `hung up while ${body.length} characters were sent to it, which may be too many for it`;
  return refusedBy(session.tooLarge(what));
}

/** What a request has come to that failed at `stage`, for `why`. */
export function failureAt(session: HttpClientSession, stage: HttpStage, why: GatechartError): LinkError {
  // What came whole, and cannot be read, will be no better the next time.
  const outcome = stage === 'sent' && !session.isBroken(why) ? 'refused' : outcomeAt[stage];
  return new LinkError(outcome, why.message, { cause: why });
}
