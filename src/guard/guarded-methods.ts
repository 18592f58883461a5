import { GatechartError } from '../errors.js';
import { isPlainObject } from '../json/records.js';
import { type GuardedMethod, guardedMethod, type RequestGuard, type RunRequest } from './guarded-request.js';
import { argumentsIn, isTextRecord, type RequestParams, textIn, withArguments } from './request-params.js';

/**
 * Each method between its hooks. They throw PAYLOAD_INVALID for parameters with fields that no hook is shown, and for
 * what JSON has no place for.
 */
export const guardedMethods: Readonly<Record<GuardedMethod, RunRequest>> = {
  'tools/call': guardedMethod('tools/call', {
    pre: 'tool_pre_invoke',
    post: 'tool_post_invoke',
    fields: ['name', 'arguments', '_meta'],
    hasErrorResult: true,
    payload: (params, method) => ({
      name: textIn(params, 'name', method),
      ...argumentsIn(params, method, isPlainObject, 'an object'),
    }),
    allowed: (params, { name, args, headers }, guard) =>
      withHeaders(guard, withArguments({ ...params, name }, args), headers),
    answered: ({ name }, result) => ({ name, result }),
    resultIn: ({ result }) => result,
  }),
  'prompts/get': guardedMethod('prompts/get', {
    pre: 'prompt_pre_fetch',
    post: 'prompt_post_fetch',
    fields: ['name', 'arguments', '_meta'],
    hasErrorResult: false,
    payload: (params, method) => ({
      promptId: textIn(params, 'name', method),
      ...argumentsIn(params, method, isTextRecord, 'an object of strings'),
    }),
    allowed: (params, { promptId, args }) => withArguments({ ...params, name: promptId }, args),
    answered: ({ promptId }, result) => ({ promptId, result }),
    resultIn: ({ result }) => result,
  }),
  'resources/read': guardedMethod('resources/read', {
    pre: 'resource_pre_fetch',
    post: 'resource_post_fetch',
    fields: ['uri', '_meta'],
    hasErrorResult: false,
    payload: (params, method) => ({ uri: textIn(params, 'uri', method) }),
    // What plugins note in the metadata is for the plugins behind them; MCP has no place for it.
    allowed: (params, { uri }) => ({ ...params, uri }),
    answered: ({ uri }, content) => ({ uri, content }),
    resultIn: ({ content }) => content,
  }),
};

export function isGuardedMethod(method: unknown): method is GuardedMethod {
  return typeof method === 'string' && Object.hasOwn(guardedMethods, method);
}

function withHeaders(
  guard: RequestGuard,
  params: RequestParams,
  headers: Readonly<Record<string, string>> | undefined,
): RequestParams {
  if (headers === undefined || Object.keys(headers).length === 0) return params;
  if (guard.applyHeaders !== undefined) return guard.applyHeaders(params, headers);
  throw new GatechartError(
    'UNGUARDED',
    `A plugin asks for headers (${Object.keys(headers).join(', ')}) on the call of ${String(params['name'])}, and an MCP client has no place for them; ` +
      'give guardClient the option applyHeaders.',
  );
}
