import { type ErrorCode, GatechartError, isGatechartError } from '../errors.js';
import { LinkError } from '../transports/transport.js';

/** Errors of links that say more than that a call was refused. */
const ownCodes: ReadonlySet<ErrorCode> = new Set(['MESSAGE_TOO_LARGE', 'QUEUE_FULL']);

/** Errors of links for an answer that came and tells nothing: it is neither a result nor a refusal, or not for us. */
const unclearCodes: ReadonlySet<ErrorCode> = new Set(['PROTOCOL_ERROR', 'SESSION_LOST']);

/** What a call is rejected with that was refused, by the other side or by a link. */
export function callRefusal(name: string, error: Error | undefined): GatechartError {
  if (isGatechartError(error)) return error;
  if (error instanceof LinkError && isGatechartError(error.cause) && ownCodes.has(error.cause.code)) return error.cause;
  if (error instanceof LinkError && error.outcome === 'sessionLost') {
    return new GatechartError('SESSION_LOST', `${name} forgot the session twice in a row: ${error.message}`, {
      cause: error,
    });
  }
  if (error instanceof LinkError && isGatechartError(error.cause) && unclearCodes.has(error.cause.code)) {
    return new GatechartError(
      'CALL_OUTCOME_UNKNOWN',
      `The call to ${name} got no answer that can be read, and may or may not have been executed: ${error.message}`,
      { cause: error },
    );
  }
  return new GatechartError('CALL_REFUSED', `The call to ${name} was refused: ${error?.message ?? 'no reason given'}`, {
    cause: error,
  });
}
