import { copyData } from './data-copy.js';
import type { GlobalContext } from '../context/global-context.js';
import { isGatechartError } from '../errors.js';
import type { BuiltInHooks } from '../hooks/built-in-hooks.js';
import type { Extensions } from '../extensions/extensions.js';
import { blockedOutcome } from '../invocation/chain-outcome.js';
import type { HookOutcome } from '../hooks/hook-outcome.js';
import type { Violation } from '../hooks/hook-result.js';
import { statedViolation } from '../hooks/stated-violation.js';
import type { PluginManager } from '../manager/plugin-manager.js';
import { PluginViolationError } from '../plugins/plugin-error.js';
import type { CancelSignal } from '../time/cancellation.js';

/** What a guard needs of a manager. */
export type GuardingManager = Pick<PluginManager, 'invokeHook'>;

/** The hooks that guards run before a call. */
export type PreHook = 'tool_pre_invoke' | 'prompt_pre_fetch' | 'resource_pre_fetch';

/** The hooks that guards run after a call. */
export type PostHook = 'tool_post_invoke' | 'prompt_post_fetch' | 'resource_post_fetch';

/** Hears what has come of each hook, before its outcome is acted upon. What it throws fails the call. */
export type OutcomeListener = (outcome: HookOutcome, hook: PreHook | PostHook, context: GlobalContext) => void;

/** One call on its way through its two hooks. */
export interface GuardedCall<Pre extends PreHook, Post extends PostHook> {
  readonly pre: Pre;
  /** A copy that nobody else holds: what the hook looks at is what the call is made with. */
  readonly payload: BuiltInHooks[Pre]['payload'];
  readonly context: GlobalContext;
  readonly extensions: Extensions | undefined;
  readonly signal: CancelSignal | undefined;
  readonly onOutcome: OutcomeListener | undefined;
  /** Makes the call, as the first hook left it. */
  run(allowed: BuiltInHooks[Pre]['payload']): unknown;
  readonly post: Post;
  /** What the second hook looks at. */
  answered(allowed: BuiltInHooks[Pre]['payload'], result: unknown): BuiltInHooks[Post]['payload'];
  /** The result in what the second hook made of it. */
  resultIn(payload: BuiltInHooks[Post]['payload']): unknown;
  /** What the caller gets instead of the answer of a blocked call; may throw. */
  blocked(hook: Pre | Post, violation: Violation): unknown;
  /** What the second hook is to look at when the call failed; undefined lets the error pass. */
  failed(error: unknown): FailedCall | undefined;
}

/** An error, as a result that the second hook can look at. */
export interface FailedCall {
  readonly result: unknown;
  /** What the caller gets if the second hook changed the result; may throw. */
  changed(result: unknown): unknown;
}

type Settled = { readonly result: unknown; readonly failure?: { readonly error: unknown; readonly shown: FailedCall } };

/**
 * Runs a call between its two hooks. What they have looked at is what is passed on: a change to the caller's or the
 * tool's objects in the meantime has no effect.
 */
export async function runGuarded<Pre extends PreHook, Post extends PostHook>(
  manager: GuardingManager,
  call: GuardedCall<Pre, Post>,
): Promise<unknown> {
  const { pre, post, context, extensions, signal, onOutcome } = call;
  const before = await outcomeOf(manager.invokeHook(pre, call.payload, context, { extensions, signal }));
  onOutcome?.(before, pre, context);
  if (!before.continueProcessing) return call.blocked(pre, before.violation);

  const allowed = before.modifiedPayload === undefined ? call.payload : copyData(before.modifiedPayload, pre);
  const { result, failure } = await settled(call, allowed);
  const answer = call.answered(allowed, result);
  const { contexts, modifiedExtensions = extensions } = before;
  const options = { ...(contexts !== undefined && { contexts }), extensions: modifiedExtensions, signal };
  const after = await outcomeOf(manager.invokeHook(post, answer, context, options));
  onOutcome?.(after, post, context);
  if (!after.continueProcessing) return call.blocked(post, after.violation);

  const { modifiedPayload } = after;
  const changed = modifiedPayload === undefined ? undefined : call.resultIn(copyData(modifiedPayload, post));
  if (failure === undefined) return modifiedPayload === undefined ? result : changed;
  if (modifiedPayload === undefined) throw failure.error;
  return failure.shown.changed(changed);
}

/** A violation that a plugin throws is a block, and reaches us as an error. */
export async function outcomeOf<Result>(invocation: Promise<HookOutcome<Result>>): Promise<HookOutcome<Result>> {
  try {
    return await invocation;
  } catch (error) {
    if (!(isGatechartError(error) && error.code === 'PLUGIN_VIOLATION' && 'violation' in error)) throw error;
    const report = error instanceof PluginViolationError ? error : undefined;
    // Of another copy of the package it may be none.
    const violation = (error.violation as Violation | undefined) ?? statedViolation('unknown');
    return blockedOutcome(violation, report);
  }
}

async function settled<Pre extends PreHook, Post extends PostHook>(
  call: GuardedCall<Pre, Post>,
  allowed: BuiltInHooks[Pre]['payload'],
): Promise<Settled> {
  try {
    return { result: copyData(await call.run(allowed), 'the result') };
  } catch (error) {
    const shown = call.signal?.aborted === true ? undefined : call.failed(error);
    if (shown === undefined) throw error;
    return { result: shown.result, failure: { error, shown } };
  }
}
