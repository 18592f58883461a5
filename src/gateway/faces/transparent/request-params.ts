import { ErrorCode } from '@modelcontextprotocol/sdk/types.js';
import { describeValue } from '../../../json/described-value.js';
import { isRecord } from '../../../json/records.js';
import { RpcError } from '../../../serving/mcp/rpc-error.js';

/** The parameters of a request. */
export type Params = Readonly<Record<string, unknown>>;

/** @throws RpcError */
export function textIn(params: Params, field: string, method: string): string {
  const value = params[field];
  if (typeof value === 'string') return value;
  throw invalid(`${method}: ${field}: expected a string, found ${describeValue(value)}`);
}

/** @throws RpcError */
export function recordIn(params: Params, field: string, method: string): Params {
  const value = params[field];
  if (isRecord(value)) return value;
  throw invalid(`${method}: ${field}: expected an object, found ${describeValue(value)}`);
}

export function invalid(message: string): RpcError {
  return new RpcError(ErrorCode.InvalidParams, message);
}
