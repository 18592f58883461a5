import { isGatechartError, messageOf } from '../../errors.js';
import type { Violation } from '../../hooks/hook-result.js';
import type { Logger } from '../../observability/logger.js';
import type { Refusal } from '../../serving/http/http-answers.js';
import { answerHeaders } from './hook-headers.js';

/** JSON-RPC code of a request that plugins refuse, where their violation has none. */
const refusedCode = -32_000;
const internalError = -32_603;

/** The answer to a request that a plugin refuses: its status, code, description and headers. */
export function violationRefusal(violation: Violation, status: number, logger: Logger): Refusal {
  const { reason, description, code, mcpErrorCode, httpStatusCode, details = {} } = violation;
  const stated = [httpStatusCode, details['http_status'], details['http_status_code']].find(isErrorStatus) ?? status;
  const headers = answerHeaders(violation.httpHeaders ?? {}, logger);
  return {
    status: stated,
    message: [description, reason].find((text) => text.trim() !== '') ?? 'Refused by a plugin',
    rpcCode: mcpErrorCode ?? refusedCode,
    ...(code !== '' && { rpcData: { code } }),
    // A 401 has to say how one proves it.
    headers: { ...(stated === 401 && { 'www-authenticate': 'Bearer' }), ...headers },
  };
}

function isErrorStatus(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 400 && Number(value) <= 599;
}

/** Codes of errors that pass: the same request may be looked at later. */
const passing: ReadonlySet<string> = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_FAILED',
  'CALL_TIMEOUT',
  'LINK_LOST',
  'MANAGER_CLOSED',
  'PLUGIN_TIMEOUT',
  'QUEUE_FULL',
]);

/** The answer where plugins could not look at a request. It does not pass, and what went wrong is for the log alone. */
export function failureRefusal(hook: string, error: unknown, logger: Logger): Refusal {
  logger.error({ hook, error: messageOf(error) }, 'plugins could not look at an HTTP request; refused');
  const message = `The request is refused, because the plugins on ${hook} could not look at it`;
  return isGatechartError(error) && passing.has(error.code)
    ? { status: 503, message, rpcCode: internalError, headers: { 'retry-after': '1' } }
    : { status: 500, message, rpcCode: internalError };
}
