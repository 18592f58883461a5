import { GatechartError } from '../../errors.js';
import { LinkError } from '../transport.js';

/** A request that is longer than a message may be. It was not sent. */
export function requestTooLarge(bytes: number, limit: number): LinkError {
  return tooLarge(`the request has ${bytes} bytes, a message may have ${limit}; it was not sent`, bytes, limit);
}

/** An answer that is longer than a message may be. The connection can be read on. */
export function answerTooLarge(bytes: number, limit: number): LinkError {
  return tooLarge(`the answer has ${bytes} bytes, a message may have ${limit}; it was read past`, bytes, limit);
}

function tooLarge(message: string, bytes: number, limit: number): LinkError {
  const cause = new GatechartError('MESSAGE_TOO_LARGE', message, { details: { bytes, limit } });
  return new LinkError('refused', message, { cause });
}
