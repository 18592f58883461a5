import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Refusal } from '../../serving/http/http-answers.js';
import { RateLimit } from '../../serving/http/rate-limit.js';
import type { Clock } from '../../time/clock.js';
import type { CallRecorder } from '../call/call-record.js';

/** Whoever has proven nothing must not push out of an audit log what others did. */
const mostRecorded = { perSecond: 10, burst: 100 };

/** Tells recorders of HTTP requests that were refused before they were read: of all of them, but for a flood. */
export function httpRefusals(
  record: CallRecorder,
  clock: Pick<Clock, 'now'>,
): (refusal: Refusal, request: IncomingMessage) => void {
  const limit = new RateLimit(mostRecorded, clock);
  return ({ status }, { socket }) => {
    if (limit.take('all') !== undefined) return;
    const { remoteAddress } = socket;
    record({
      requestId: randomUUID(),
      agent: undefined,
      client: remoteAddress === undefined ? undefined : `address:${remoteAddress}`,
      operation: 'http',
      server: undefined,
      subject: undefined,
      decision: status < 500 ? 'DENY' : 'ERROR',
      rule: undefined,
      reason: `answered with HTTP status ${status}`,
      error: `HTTP_${status}`,
      latencyMs: 0,
      request: undefined,
      result: undefined,
    });
  };
}
