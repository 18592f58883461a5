import { ErrorCode } from '@modelcontextprotocol/sdk/types.js';
import { isRecord } from '../../json/records.js';
import type { McpRequest } from './mcp-service.js';
import { RpcError } from './rpc-error.js';

/** What a `tools/call` asks for, with the arguments as an object. */
export interface ToolCall {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
}

/** Reads the parameters of a `tools/call`. @throws RpcError if they are not what they must be, or ask for a task */
export function readToolCall({ params = {} }: McpRequest): ToolCall {
  // Some clients write out what they leave out.
  const { name, arguments: args, task } = params;
  if (typeof name !== 'string' || isRecord(task)) throw badParameters();
  if (args === undefined || args === null) return { name, args: {} };
  if (!isRecord(args)) throw badParameters();
  return { name, args };
}

function badParameters(): RpcError {
  return new RpcError(ErrorCode.InvalidParams, 'Invalid request parameters', '');
}
