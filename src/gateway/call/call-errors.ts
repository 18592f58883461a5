import { type ErrorCode, isGatechartError, messageOf } from '../../errors.js';
import { jsonProblem } from '../../json/json-data.js';
import { RpcError } from '../../serving/mcp/rpc-error.js';
import { LinkError } from '../../transports/transport.js';
import { CallFailure, type FailureCode } from './call-failure.js';
import { type GatewayRequest, subjectOf } from './gateway-request.js';

const codes: Partial<Record<ErrorCode, FailureCode>> = {
  SERVER_NOT_FOUND: 'SERVER_NOT_FOUND',
  SERVER_UNAVAILABLE: 'SERVER_UNAVAILABLE',
  CONNECTION_FAILED: 'SERVER_UNAVAILABLE',
  CONNECTION_CLOSED: 'SERVER_UNAVAILABLE',
  LOGIN_NEEDED: 'LOGIN_NEEDED',
  QUEUE_FULL: 'BUSY',
  CALL_TIMEOUT: 'TIMEOUT',
  CALL_CANCELLED: 'CANCELLED',
  CALL_REFUSED: 'REFUSED_BY_SERVER',
  CALL_OUTCOME_UNKNOWN: 'OUTCOME_UNKNOWN',
  SESSION_LOST: 'OUTCOME_UNKNOWN',
  MESSAGE_TOO_LARGE: 'TOO_LARGE',
  PAYLOAD_TOO_LARGE: 'TOO_LARGE',
  PAYLOAD_INVALID: 'INVALID_ARGUMENTS',
  PLUGIN_FAILED: 'PLUGIN_FAILED',
  PLUGIN_TIMEOUT: 'PLUGIN_FAILED',
  PLUGIN_RESULT_INVALID: 'PLUGIN_FAILED',
  PLUGIN_RETIRED: 'PLUGIN_FAILED',
  INVOCATION_CANCELLED: 'CANCELLED',
};

/** A request to a server, whether hooks are there for it or not. */
export interface AskedOfServer extends Pick<GatewayRequest, 'server' | 'params'> {
  readonly method: string;
}

/** What kind of failure it is that something was thrown. */
export function failureCodeOf(error: unknown): FailureCode {
  // Requests that are not understood are refused with these.
  if (error instanceof RpcError) return 'INVALID_ARGUMENTS';
  return isGatechartError(error) ? (codes[error.code] ?? 'INTERNAL_ERROR') : 'INTERNAL_ERROR';
}

/** What an agent is told of anything that went wrong on the way to a server and back. */
export function failureOfServer(error: unknown, request: AskedOfServer): CallFailure {
  if (error instanceof CallFailure) return error;
  if (!isGatechartError(error)) {
    // Ours or a plugin's, with words that may quote anything: it is for the log.
    return new CallFailure('INTERNAL_ERROR', 'The gateway could not carry out the call.', { cause: error });
  }
  const code = failureCodeOf(error);
  const { cause } = error;
  const answer = cause instanceof LinkError && cause.rpcCode !== undefined ? cause : undefined;
  const words = answer === undefined ? error.message : messageOf(answer);
  const retryAfterMs = error.details['nextTryInMs'];
  return new CallFailure(code, code === 'SERVER_NOT_FOUND' ? words : `${leadOf(request)}: ${words}`, {
    ...(typeof retryAfterMs === 'number' && { retryAfterMs }),
    rpcCode: answer?.rpcCode,
    // What hooks cannot be shown is nobody's to see.
    rpcData: jsonProblem(answer?.rpcData ?? null, 'data') === undefined ? answer?.rpcData : undefined,
    serverMessage: answer?.message,
    cause: error,
  });
}

function leadOf({ server, method, params }: AskedOfServer): string {
  const subject = subjectOf({ method, params });
  switch (method) {
    case 'tools/call':
      return `Tool execution failed: Failed to call tool ${subject} on server ${server}`;
    case 'prompts/get':
      return `Failed to get prompt ${subject} from server ${server}`;
    case 'resources/read':
      return `Failed to read resource ${subject} from server ${server}`;
    default:
      return `${method} failed on server ${server}`;
  }
}

/** The error of a server as the result that the hooks look at; undefined for what no server answered, and where there is no such result. */
export function shownFailure(
  failure: CallFailure,
  { method }: GatewayRequest,
): Readonly<Record<string, unknown>> | undefined {
  const { rpcCode, rpcData } = failure.details;
  if (method !== 'tools/call' || rpcCode === undefined) return undefined;
  const data = rpcData === undefined ? [] : [{ type: 'text', text: JSON.stringify(rpcData) }];
  return { content: [{ type: 'text', text: failure.message }, ...data], isError: true };
}

/** The time of the agent is over. */
export function timeoutFailure({ method, server }: GatewayRequest, timeoutMs: number): CallFailure {
  const what = method === 'tools/call' ? 'Tool execution' : `${method} on server ${server}`;
  return new CallFailure('TIMEOUT', `${what} timed out after ${timeoutMs}ms`);
}
