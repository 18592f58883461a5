import type { McpOutcome } from '../../observability/mcp-telemetry.js';
import { RpcError } from '../../serving/mcp/rpc-error.js';
import { failureOfServer } from '../call/call-errors.js';
import type { GatewayRequest } from '../call/gateway-request.js';

/**
 * What an operation that failed ended with: codes alone, since messages may quote anything.
 *
 * @param request what a server was asked, where one was
 */
export function outcomeOfError(error: unknown, request?: GatewayRequest): McpOutcome {
  if (error instanceof RpcError) return { errorType: String(error.code), rpcCode: error.code };
  if (request === undefined) return { errorType: 'INTERNAL_ERROR', rpcCode: undefined };
  const { code, details } = failureOfServer(error, request);
  return { errorType: code, rpcCode: details.rpcCode };
}
