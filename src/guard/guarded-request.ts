import type { GlobalContext } from '../context/global-context.js';
import type { Extensions } from '../extensions/extensions.js';
import { GatechartError } from '../errors.js';
import type { BuiltInHooks } from '../hooks/built-in-hooks.js';
import { requireJson } from '../json/json-data.js';
import type { CancelSignal } from '../time/cancellation.js';
import { blockText, thrownText, toolError, violationError } from './blocked-call.js';
import { copyData } from './data-copy.js';
import {
  type FailedCall,
  type GuardingManager,
  type OutcomeListener,
  type PostHook,
  type PreHook,
  runGuarded,
} from './guarded-call.js';
import { checkedParams, type RequestParams } from './request-params.js';

/** The MCP requests that have hooks. */
export type GuardedMethod = 'tools/call' | 'prompts/get' | 'resources/read';

/** A request that a guard is asked about. */
export interface GuardedRequest {
  readonly method: GuardedMethod;
  /** A copy. */
  readonly params: RequestParams;
}

/** Makes the context of one request. Called once a request, before anything else. */
export type ContextOfRequest = (request: GuardedRequest) => GlobalContext | Promise<GlobalContext>;

/** Says what plugins are told of one request beside its payload. Called once a request, after its context was made. */
export type ExtensionsOfRequest = (request: GuardedRequest) => Extensions | undefined | Promise<Extensions | undefined>;

export interface RequestGuard {
  readonly manager: GuardingManager;
  readonly contextOf: ContextOfRequest;
  readonly extensionsOf: ExtensionsOfRequest | undefined;
  readonly blocks: 'answer' | 'throw';
  readonly onOutcome: OutcomeListener | undefined;
  readonly applyHeaders:
    | ((params: RequestParams, headers: Readonly<Record<string, string>>) => RequestParams)
    | undefined;
}

/** Sends a request on to the server. */
export type SendRequest = (params: RequestParams) => unknown;

/** Runs one request of one method between its hooks. */
export type RunRequest = (
  guard: RequestGuard,
  params: unknown,
  send: SendRequest,
  signal: CancelSignal | undefined,
) => Promise<unknown>;

/** What one method asks and answers, in the terms of its hooks. */
export interface MethodHooks<Pre extends PreHook, Post extends PostHook> {
  readonly pre: Pre;
  readonly post: Post;
  /** The parameters that the hooks are shown, and `_meta`; any other is refused. */
  readonly fields: readonly string[];
  /** Its result may say that it failed: what is blocked or fails need not be thrown. */
  readonly hasErrorResult: boolean;
  /** @throws GatechartError PAYLOAD_INVALID */
  readonly payload: (params: RequestParams, method: GuardedMethod) => BuiltInHooks[Pre]['payload'];
  /** The parameters, as the first hook left them. */
  readonly allowed: (params: RequestParams, payload: BuiltInHooks[Pre]['payload']) => RequestParams;
  /** Headers that the first hook wants on the request, where the method can have some. */
  readonly headers?: (payload: BuiltInHooks[Pre]['payload']) => Readonly<Record<string, string>> | undefined;
  /** What the second hook looks at. */
  readonly answered: (allowed: BuiltInHooks[Pre]['payload'], result: unknown) => BuiltInHooks[Post]['payload'];
  /** The result in what the second hook made of it. */
  readonly resultIn: (payload: BuiltInHooks[Post]['payload']) => unknown;
}

/**
 * What runs the requests of one method. What is sent is checked to be JSON once more: plugins may have changed it, and
 * the server would get something else than what the hooks looked at.
 */
export function guardedMethod<Pre extends PreHook, Post extends PostHook>(
  method: GuardedMethod,
  hooks: MethodHooks<Pre, Post>,
): RunRequest {
  const { pre, post, fields, hasErrorResult, answered, resultIn } = hooks;
  return async (guard, given, send, signal) => {
    const params = checkedParams(method, given, fields);
    return runGuarded(guard.manager, {
      pre,
      payload: hooks.payload(params, method),
      context: await guard.contextOf({ method, params: copyData(params, method) }),
      extensions: await guard.extensionsOf?.({ method, params: copyData(params, method) }),
      signal,
      onOutcome: guard.onOutcome,
      run: (payload) => {
        const allowed = withHeaders(guard, hooks.allowed(params, payload), hooks.headers?.(payload));
        requireJson(allowed, `${method} params`);
        return send(allowed);
      },
      post,
      answered,
      resultIn,
      blocked: (hook, violation) => {
        if (hasErrorResult && guard.blocks === 'answer') return toolError(blockText(violation));
        throw violationError(hook, violation);
      },
      failed: hasErrorResult ? failedRequest : () => undefined,
    });
  };
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

/** An error may have words and data of the server in it, of JSON-RPC or of HTTP, which reach the agent as a result would. */
function failedRequest(error: unknown): FailedCall | undefined {
  if (error instanceof GatechartError) return undefined;
  const { content, ...rest } = toolError(thrownText(error));
  const hasData = error instanceof Error && 'data' in error && error.data !== undefined;
  const data = hasData ? [{ type: 'text', text: JSON.stringify(error.data) }] : [];
  return { result: { content: [...content, ...data], ...rest }, changed: (result) => result };
}
