import { ErrorCode, type JSONRPCErrorResponse, type RequestId } from '@modelcontextprotocol/sdk/types.js';
import { messageOf } from '../../errors.js';

/** A JSON-RPC error as it goes out; the SDK's own class changes the message. */
export class RpcError extends Error {
  constructor(
    readonly code: number,
    message: string,
    readonly data?: unknown,
  ) {
    super(message);
  }
}

/** The answer to a request that came to nothing; whatever is no {@link RpcError} is an internal error. */
export function errorAnswer(id: RequestId, error: unknown): JSONRPCErrorResponse {
  const { code, data } = error instanceof RpcError ? error : { code: ErrorCode.InternalError, data: undefined };
  return { jsonrpc: '2.0', id, error: { code, message: messageOf(error), ...(data !== undefined && { data }) } };
}
