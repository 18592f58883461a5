import type { GlobalContext } from '../../context/global-context.js';
import type { Extensions } from '../../extensions/extensions.js';
import { methodHooks } from '../../guard/guarded-methods.js';
import { type GuardingManager, outcomeOf, type PostHook, type PreHook } from '../../guard/guarded-call.js';
import type { GuardedMethod, MethodHooks } from '../../guard/guarded-request.js';
import { checkFields, type RequestParams } from '../../guard/request-params.js';
import type { BuiltInHooks } from '../../hooks/built-in-hooks.js';
import type { BlockedOutcome, HookOutcome } from '../../hooks/hook-outcome.js';
import type { Violation } from '../../hooks/hook-result.js';
import { requireJson } from '../../json/json-data.js';
import type { CancelSignal } from '../../time/cancellation.js';

/** What hooks are told of a leg besides what is asked. */
export interface LegContext {
  readonly manager: GuardingManager;
  readonly context: GlobalContext;
  readonly extensions: Extensions | undefined;
  readonly signal: CancelSignal;
}

/** A plugin blocked it. */
export interface Blocked {
  readonly kind: 'blocked';
  readonly violation: Violation;
  readonly httpHeaders: Readonly<Record<string, string>> | undefined;
}

/** The hooks before the call let it pass. */
export interface PassedRequest {
  readonly kind: 'passed';
  /** What they left of it. */
  readonly params: RequestParams;
  /** Headers that they want on the request to the server. */
  readonly headers: Readonly<Record<string, string>>;
  /** Runs the hooks after the call over what the server answered. */
  guardAnswer(result: Result): Promise<Blocked | PassedAnswer>;
}

/** The hooks after the call let the answer pass. */
export interface PassedAnswer {
  readonly kind: 'passed';
  readonly result: Result;
  /** Whether they changed it. */
  readonly isChanged: boolean;
  /** Milliseconds after which they want the server to be asked again; 0: they do not. */
  readonly retryDelayMs: number;
}

type Result = Readonly<Record<string, unknown>>;

/** Runs the hooks before a call. */
type GuardRequest = (leg: LegContext, params: RequestParams) => Promise<Blocked | PassedRequest>;

const noHeaders: Readonly<Record<string, string>> = Object.freeze({});

/** The hooks around each method. */
export const guardRequest: Readonly<Record<GuardedMethod, GuardRequest>> = {
  'tools/call': guarded('tools/call', methodHooks['tools/call']),
  'prompts/get': guarded('prompts/get', methodHooks['prompts/get']),
  'resources/read': guarded('resources/read', methodHooks['resources/read']),
};

/** A request that no hooks look at. */
export function unguardedRequest(params: RequestParams): PassedRequest {
  return {
    kind: 'passed',
    params,
    headers: {},
    guardAnswer: (result) => Promise.resolve({ kind: 'passed', result, isChanged: false, retryDelayMs: 0 }),
  };
}

function guarded<Pre extends PreHook, Post extends PostHook>(
  method: GuardedMethod,
  hooks: MethodHooks<Pre, Post>,
): GuardRequest {
  return async (leg, params) => {
    const { manager, context, extensions, signal } = leg;
    checkFields(method, params, hooks.fields);
    const payload = hooks.payload(params, method);
    const before = await outcomeOf(manager.invokeHook(hooks.pre, payload, context, { extensions, signal }));
    if (!before.continueProcessing) return blocked(before);
    const left = before.modifiedPayload ?? payload;
    const allowed = before.modifiedPayload === undefined ? params : hooks.allowed(params, left);
    // Plugins may have put in what JSON has no place for: the server would get something else than they saw.
    if (allowed !== params) requireJson(allowed, `${method} params`);
    return {
      kind: 'passed',
      params: allowed,
      headers: hooks.headers?.(left) ?? noHeaders,
      guardAnswer: (result) => guardAnswer(leg, hooks, left, before, result),
    };
  };
}

async function guardAnswer<Pre extends PreHook, Post extends PostHook>(
  { manager, context, extensions, signal }: LegContext,
  hooks: MethodHooks<Pre, Post>,
  asked: BuiltInHooks[Pre]['payload'],
  before: HookOutcome,
  result: Result,
): Promise<Blocked | PassedAnswer> {
  const { contexts, modifiedExtensions = extensions } = before;
  const options = { contexts, extensions: modifiedExtensions, signal };
  const after = await outcomeOf(manager.invokeHook(hooks.post, hooks.answered(asked, result), context, options));
  if (!after.continueProcessing) return blocked(after);
  const { modifiedPayload, retryDelayMs } = after;
  if (modifiedPayload === undefined) return { kind: 'passed', result, isChanged: false, retryDelayMs };
  const changed = hooks.resultIn(modifiedPayload);
  requireJson(changed, `${hooks.post} result`);
  return { kind: 'passed', result: asResult(changed, hooks.post), isChanged: true, retryDelayMs };
}

function asResult(changed: unknown, hook: string): Result {
  if (typeof changed === 'object' && changed !== null && !Array.isArray(changed)) return { ...changed };
  throw new TypeError(`${hook}: the plugins made something of the result that is no object`);
}

function blocked({ violation, httpHeaders }: BlockedOutcome): Blocked {
  return { kind: 'blocked', violation, httpHeaders: violation.httpHeaders ?? httpHeaders };
}
