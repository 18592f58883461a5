import { isPlainObject } from '../json/records.js';
import type { PostHook, PreHook } from './guarded-call.js';
import { type GuardedMethod, guardedMethod, type MethodHooks, type RunRequest } from './guarded-request.js';
import { argumentsIn, isTextRecord, textIn, withArguments } from './request-params.js';

/** What each method asks and answers, in the terms of its hooks. */
export const methodHooks = {
  'tools/call': hooksOf({
    pre: 'tool_pre_invoke',
    post: 'tool_post_invoke',
    fields: ['name', 'arguments', '_meta'],
    hasErrorResult: true,
    payload: (params, method) => ({
      name: textIn(params, 'name', method),
      ...argumentsIn(params, method, isPlainObject, 'an object'),
    }),
    allowed: (params, { name, args }) => withArguments({ ...params, name }, args),
    headers: ({ headers }) => headers,
    answered: ({ name }, result) => ({ name, result }),
    resultIn: ({ result }) => result,
  }),
  'prompts/get': hooksOf({
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
  'resources/read': hooksOf({
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
} as const;

/**
 * Each method between its hooks. They throw PAYLOAD_INVALID for parameters with fields that no hook is shown, and for
 * what JSON has no place for.
 */
export const guardedMethods: Readonly<Record<GuardedMethod, RunRequest>> = {
  'tools/call': guardedMethod('tools/call', methodHooks['tools/call']),
  'prompts/get': guardedMethod('prompts/get', methodHooks['prompts/get']),
  'resources/read': guardedMethod('resources/read', methodHooks['resources/read']),
};

export function isGuardedMethod(method: unknown): method is GuardedMethod {
  return typeof method === 'string' && Object.hasOwn(guardedMethods, method);
}

/** Checks nothing: it is there so that payloads have their types. */
function hooksOf<Pre extends PreHook, Post extends PostHook>(hooks: MethodHooks<Pre, Post>): MethodHooks<Pre, Post> {
  return hooks;
}
