import { ErrorCode } from '@modelcontextprotocol/sdk/types.js';
import { RpcError } from '../../serving/mcp/rpc-error.js';
import { CallFailure, type FailureCode, failureRecord } from '../call/call-failure.js';

/** Codes of JSON-RPC errors that no server gave. */
const rpcCodes: Partial<Record<FailureCode, number>> = {
  INVALID_AGENT_ID: ErrorCode.InvalidParams,
  FALLBACK_AGENT_NOT_IN_RULES: ErrorCode.InvalidParams,
  NO_FALLBACK_CONFIGURED: ErrorCode.InvalidParams,
  INVALID_ARGUMENTS: ErrorCode.InvalidParams,
  TOOL_NOT_FOUND: ErrorCode.InvalidParams,
  PROMPT_NOT_FOUND: ErrorCode.InvalidParams,
  DENIED_BY_POLICY: -32_000,
  BLOCKED_BY_PLUGIN: -32_000,
  SERVER_UNAVAILABLE: -32_001,
  LOGIN_NEEDED: -32_001,
  BUSY: -32_001,
  // What MCP has for it up to 2025-11-25.
  RESOURCE_NOT_FOUND: -32_002,
  TIMEOUT: -32_003,
};

/** A failure as an error of JSON-RPC: that of the server in its own words, or one of ours. */
function rpcErrorOf(failure: CallFailure): RpcError {
  const { rpcCode, rpcData, serverMessage } = failure.details;
  if (serverMessage !== undefined && rpcCode !== undefined) return new RpcError(rpcCode, serverMessage, rpcData);
  const code = rpcCode ?? rpcCodes[failure.code] ?? ErrorCode.InternalError;
  return new RpcError(code, failure.message, failureRecord(failure));
}

/** Whatever was thrown, as an error of JSON-RPC; what is no failure of a call is thrown as it is. */
export function asRpcError(error: unknown): unknown {
  return error instanceof CallFailure ? rpcErrorOf(error) : error;
}
