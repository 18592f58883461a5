import { ErrorCode } from '@modelcontextprotocol/sdk/types.js';
import { describeValue } from '../../../json/described-value.js';
import { methodHooks } from '../../../guard/guarded-methods.js';
import type { GuardedMethod } from '../../../guard/guarded-request.js';
import { excerpt } from '../../../json/excerpt.js';
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

/**
 * The parameters of a request that hooks look at, with none that they would not be shown.
 *
 * @throws RpcError
 */
export function guardedParams(params: Params, method: GuardedMethod): Params {
  const { fields } = methodHooks[method];
  for (const field of Object.keys(params)) if (!isIn(fields, field)) throw unknownField(field, method);
  const { arguments: args, _meta: meta } = params;
  if (meta !== undefined && !isRecord(meta)) recordIn(params, '_meta', method);
  if (args === undefined || isRecord(args)) return params;
  if (args !== null) recordIn(params, 'arguments', method);
  // Some clients write out what they leave out.
  const { arguments: _nothing, ...rest } = params;
  return rest;
}

/**
 * The parameters of a request that is for a server as it is, which has to be understood.
 *
 * @throws RpcError
 */
export function knownParams(params: Params, fields: readonly string[], method: string): Params {
  for (const field of Object.keys(params)) if (!isIn(fields, field)) throw unknownField(field, method);
  return params;
}

function isIn(fields: readonly string[], field: string): boolean {
  return fields.includes(field);
}

function unknownField(field: string, method: string): RpcError {
  return invalid(`${method}: ${excerpt(field, 60)}: there is no such parameter, or nothing here that looks at it`);
}

export function invalid(message: string): RpcError {
  return new RpcError(ErrorCode.InvalidParams, message);
}
