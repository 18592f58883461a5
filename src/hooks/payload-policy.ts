import { isDeepStrictEqual } from 'node:util';
import { isRecord, setOwn } from '../json/records.js';
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
 * What a policy leaves of a change: the new payload, or undefined if nothing effective is left. It is `after` itself where
 * all that is another is taken.
 *
 * @param emptyIsAbsent fields of which `{}` is no change where they are absent, and the other way about
 */
export function applyPolicy(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  policy: PayloadPolicy,
  emptyIsAbsent: readonly string[] = [],
): { readonly payload: Readonly<Record<string, unknown>> | undefined; readonly refused: readonly string[] } {
  const fields = Object.keys(before);
  const given = Object.keys(after);
  const refused: string[] = [];
  const changed: string[] = [];
  /** Whether to take over what changed, and nothing else, gives what was answered. */
  let isWhole = fields.length === given.length;
  const compare = (field: string): void => {
    if (Object.is(before[field], after[field])) return;
    if (before[field] === undefined || after[field] === undefined) isWhole = false;
    const missing = emptyIsAbsent.includes(field) ? {} : undefined;
    const { [field]: was = missing } = before;
    const { [field]: is = missing } = after;
    if (!differ(was, is)) return;
    (policy.writable.includes(field) ? changed : refused).push(field);
  };
  for (let index = 0; index < fields.length; index++) {
    const field = fields[index] ?? '';
    if (given[index] !== field) isWhole = false;
    compare(field);
  }
  if (!isWhole) for (const field of given) if (!Object.hasOwn(before, field)) compare(field);
  if (changed.length === 0) return { payload: undefined, refused };
  return { payload: isWhole && refused.length === 0 ? after : changedIn(before, after, changed), refused };
}

function changedIn(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
  changed: readonly string[],
): Readonly<Record<string, unknown>> {
  // Key by key: to freeze what was spread costs three times as much as to put it together.
  const payload: Record<string, unknown> = {};
  for (const field of Object.keys(before)) setOwn(payload, field, before[field]);
  for (const field of changed) {
    if (after[field] === undefined) delete payload[field];
    else setOwn(payload, field, after[field]);
  }
  return payload;
}

/** A text or a number that is another one shows at a glance; the rest takes as long as all that has to be compared. */
function differ(was: unknown, is: unknown): boolean {
  if (isRecord(was) && isRecord(is)) {
    for (const key of Object.keys(is)) {
      const value = is[key];
      if ((typeof value === 'string' || typeof value === 'number') && !Object.is(value, was[key])) return true;
    }
  }
  return !isDeepStrictEqual(was, is);
}
