import { isDeepStrictEqual } from 'node:util';
import type { BuiltInHooks } from './built-in-hooks.js';

/**
 * Which fields of a hook's payload plugins may change. On hooks with a result of their own (`http_*`, `identity_resolve`,
 * `token_delegate`) it limits nothing, as in the framework: their results are no payload and are taken whole.
 */
export interface PayloadPolicy {
  readonly writable: readonly string[];
}

/** Hook name → policy. A hook without one follows the default policy: `allow` takes every change, `deny` none. */
export type PayloadPolicies = Readonly<Record<string, PayloadPolicy>>;

/** One for each hook that is built in, of fields that it has: one that is forgotten would be a hook without a policy. */
type BuiltInPolicies = {
  readonly [Name in keyof BuiltInHooks]: {
    readonly writable: readonly (keyof BuiltInHooks[Name]['payload'] | keyof BuiltInHooks[Name]['result'])[];
  };
};

/**
 * The policies a gateway wants: plugins may change what a request asks for and what it answers, and nothing else of it.
 * A host passes them, or some of them, to its manager. Those of hooks with a result of their own (`http_*`,
 * `identity_resolve`, `token_delegate`) only say that these may be answered, where the default policy is `deny`.
 */
export const gatewayPolicies: PayloadPolicies = {
  prompt_pre_fetch: { writable: ['args'] },
  prompt_post_fetch: { writable: ['result'] },
  tool_pre_invoke: { writable: ['name', 'args', 'headers'] },
  tool_post_invoke: { writable: ['result'] },
  tool_list_post: { writable: ['tools'] },
  resource_pre_fetch: { writable: ['uri', 'metadata'] },
  resource_post_fetch: { writable: ['content'] },
  agent_pre_invoke: {
    writable: ['agentId', 'messages', 'tools', 'headers', 'model', 'systemPrompt', 'parameters'],
  },
  agent_post_invoke: { writable: ['messages', 'toolCalls'] },
  http_pre_request: { writable: ['headers'] },
  http_post_request: { writable: ['headers'] },
  http_auth_resolve_user: { writable: [] },
  http_auth_check_permission: { writable: ['reason'] },
  // At no place in particular nobody says what would become of a changed message.
  evaluate: { writable: [] },
  'cmf.tool_pre_invoke': { writable: ['message'] },
  'cmf.tool_post_invoke': { writable: ['message'] },
  'cmf.llm_input': { writable: ['message'] },
  'cmf.llm_output': { writable: ['message'] },
  'cmf.resource_pre_fetch': { writable: ['message'] },
  'cmf.resource_post_fetch': { writable: ['message'] },
  'cmf.prompt_pre_fetch': { writable: ['message'] },
  'cmf.prompt_post_fetch': { writable: ['message'] },
  identity_resolve: { writable: [] },
  token_delegate: { writable: [] },
} satisfies BuiltInPolicies;

/**
 * What a policy leaves of a change: the new payload, or undefined if nothing effective is left.
 *
 * @param emptyIsAbsent fields of which `{}` is no change where they are absent, and the other way about
 */
export function applyPolicy(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  policy: PayloadPolicy,
  emptyIsAbsent: readonly string[] = [],
): { readonly payload: Record<string, unknown> | undefined; readonly refused: readonly string[] } {
  const fields = new Set([...Object.keys(before), ...Object.keys(after)]);
  const payload: Record<string, unknown> = { ...before };
  const refused: string[] = [];
  let changed = false;
  for (const field of fields) {
    const missing = emptyIsAbsent.includes(field) ? {} : undefined;
    const [was, is] = [before[field], after[field]].map((value) => (value === undefined ? missing : value));
    if (isDeepStrictEqual(was, is)) continue;
    if (!policy.writable.includes(field)) {
      refused.push(field);
      continue;
    }
    changed = true;
    if (after[field] === undefined) delete payload[field];
    else payload[field] = after[field];
  }
  return { payload: changed ? payload : undefined, refused };
}
