import { type ClientCapabilities, ErrorCode } from '@modelcontextprotocol/sdk/types.js';
import { describeValue } from '../../json/described-value.js';
import { isRecord } from '../../json/records.js';
import type { McpRequest } from './mcp-service.js';
import { RpcError } from './rpc-error.js';

/** Why a client may not be asked this, by what it has declared; undefined if it may. */
export function refusedQuestion(
  { method, params = {} }: McpRequest,
  { elicitation, sampling, roots }: ClientCapabilities,
): RpcError | undefined {
  if (params['task'] !== undefined) {
    return new RpcError(ErrorCode.InvalidParams, `${method} cannot be asked of a client as a task`);
  }
  switch (method) {
    case 'ping':
      return undefined;
    case 'roots/list':
      return roots === undefined ? undeclared('roots', method) : undefined;
    case 'sampling/createMessage': {
      if (sampling === undefined) return undeclared('sampling', method);
      const withTools = params['tools'] !== undefined || params['toolChoice'] !== undefined;
      return withTools && sampling.tools === undefined
        ? undeclared('sampling.tools', `${method} with tools`)
        : undefined;
    }
    case 'elicitation/create':
      return elicitation === undefined
        ? undeclared('elicitation', method)
        : refusedElicitation(params['mode'], elicitation);
    default:
      return new RpcError(ErrorCode.MethodNotFound, `${method} cannot be asked of a client`);
  }
}

function refusedElicitation(
  mode: unknown,
  { form, url }: NonNullable<ClientCapabilities['elicitation']>,
): RpcError | undefined {
  switch (mode) {
    case undefined:
    case 'form':
      // Whoever names no mode means forms: so it was before there were others.
      return form === undefined && url !== undefined ? undeclaredMode('form') : undefined;
    case 'url':
      return isRecord(url) ? undefined : undeclaredMode('url');
    default:
      return new RpcError(
        ErrorCode.InvalidParams,
        `elicitation/create: mode: found ${describeValue(mode)}, expected "form" or "url"`,
      );
  }
}

function undeclared(capability: string, what: string): RpcError {
  return new RpcError(
    ErrorCode.MethodNotFound,
    `The client cannot be asked ${what}: it has not declared the capability ${capability}`,
  );
}

function undeclaredMode(mode: string): RpcError {
  return new RpcError(
    ErrorCode.InvalidParams,
    `The client cannot be asked elicitation/create in mode ${mode}: it has not declared the capability elicitation.${mode}`,
  );
}
