import { type ErrorCode, GatechartError, isGatechartError, messageOf } from '../errors.js';
import { LinkError } from '../transports/transport.js';

/** Errors of links that say more than that a call was refused. */
const ownCodes: ReadonlySet<ErrorCode> = new Set(['MESSAGE_TOO_LARGE', 'QUEUE_FULL', 'LOGIN_NEEDED']);

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

/** The time of a call was over. @param where one line on where the connection was */
export function callTimeout(name: string, timeoutMs: number, where: string): GatechartError {
  return new GatechartError('CALL_TIMEOUT', `No answer from ${name} within ${timeoutMs} ms (${where}).`);
}

/** A call waited for a link as long as it may. @param where one line on where the connection was */
export function noLinkInTime(name: string, ms: number, where: string): GatechartError {
  return new GatechartError('CONNECTION_FAILED', `${name} could not be reached within ${ms} ms (${where}).`);
}

/** The caller gave up. */
export function callCancelled(name: string, reason: unknown): GatechartError {
  return new GatechartError('CALL_CANCELLED', `The call to ${name} was cancelled.`, { cause: reason });
}

/** The link ended under the call, or the connection was lost before it could be sent once more. */
export function callCutOff(name: string, error: Error | undefined): GatechartError {
  const why = error === undefined ? '' : `: ${error.message}`;
  return new GatechartError(
    'CALL_OUTCOME_UNKNOWN',
    `The call to ${name} was cut off and may or may not have been executed${why}`,
    { cause: error },
  );
}

/** The machine of the call broke off. */
export function callBrokeOff(name: string, error: unknown): GatechartError {
  const message = `The call to ${name} broke off: ${messageOf(error)}`;
  return new GatechartError('CALL_OUTCOME_UNKNOWN', message, { cause: error });
}

const timeouts: ReadonlySet<ErrorCode> = new Set(['CALL_TIMEOUT', 'PLUGIN_TIMEOUT']);

/** Whether a caller gave up because the time was over: its own limit may be sooner than the one that was told here. */
export function isTimeout(reason: Error): boolean {
  if (isGatechartError(reason) && timeouts.has(reason.code)) return true;
  return [reason, reason.cause].some((error) => error instanceof Error && error.name === 'TimeoutError');
}
