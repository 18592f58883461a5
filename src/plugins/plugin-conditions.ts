import type { Condition } from '../config/sections/conditions.js';
import { describeValue } from '../json/described-value.js';
import type { GlobalContext } from '../context/global-context.js';
import type { HookDefinition, Subject } from '../hooks/hook.js';

/**
 * True if a plugin with these conditions runs: one of them matches, or there are none. Within a condition every field
 * that is given must match.
 */
export function conditionsMatch(
  conditions: readonly Condition[],
  hook: HookDefinition,
  payload: unknown,
  context: GlobalContext,
): boolean {
  return conditions.length === 0 || conditions.some((condition) => matches(condition, hook, payload, context));
}

/** Which of the conditions' fields do not match, in words: `tools [http__get] does not match`. */
export function mismatchText(
  conditions: readonly Condition[],
  hook: HookDefinition,
  payload: unknown,
  context: GlobalContext,
): string {
  const texts = conditions.map((condition) => {
    const field = mismatchIn(condition, hook, payload, context);
    const [name, allowed] = field === undefined ? ['it', undefined] : [field, condition[field]];
    return `${name}${allowed === undefined ? '' : ` [${allowed.join(', ')}]`} does not match`;
  });
  return texts.join('; ');
}

function matches(condition: Condition, hook: HookDefinition, payload: unknown, context: GlobalContext): boolean {
  return mismatchIn(condition, hook, payload, context) === undefined;
}

/** The first field of a condition that does not match. */
function mismatchIn(
  condition: Condition,
  hook: HookDefinition,
  payload: unknown,
  context: GlobalContext,
): keyof Condition | undefined {
  const { subject } = hook;
  const subjects = hook.subjects?.(payload);
  if (!allows(condition.serverIds, context.serverId)) return 'serverIds';
  if (!allows(condition.tenantIds, context.tenantId)) return 'tenantIds';
  if (!allowsUser(condition.userPatterns, context.user)) return 'userPatterns';
  if (!allowsContentType(condition.contentTypes, context.contentType)) return 'contentTypes';
  if (subject !== undefined && !allowsSubject(condition[subject.list], subject.of(payload))) return subject.list;
  if (subjects !== undefined && !allowsOneOf(condition, subjects)) return subjects[0]?.list;
  return undefined;
}

function allowsOneOf(condition: Condition, subjects: readonly Subject[]): boolean {
  return subjects.length === 0 || subjects.some(({ list, name }) => allowsSubject(condition[list], name));
}

// A payload about nothing in particular is seen by every plugin: it is safer to run a guard than to skip it.
function allowsSubject(allowed: readonly string[] | undefined, actual: string): boolean {
  if (typeof actual !== 'string')
    throw new TypeError(`what it is about is ${describeValue(actual)}, expected a string`);
  return actual === '' || allows(allowed, actual);
}

function allows(allowed: readonly string[] | undefined, actual: string | null | undefined): boolean {
  if (allowed === undefined || allowed.length === 0) return true;
  return typeof actual === 'string' && allowed.includes(actual);
}

function allowsUser(patterns: readonly string[] | undefined, user: GlobalContext['user']): boolean {
  if (patterns === undefined || patterns.length === 0) return true;
  const name =
    typeof user === 'string' ? user : (user?.['email'] ?? user?.['user_id'] ?? user?.['userId'] ?? user?.['sub']);
  // Nobody is no match; a user that cannot be compared must not be taken for nobody.
  if (name !== undefined && name !== null && typeof name !== 'string')
    throw new TypeError(`the user is named by ${describeValue(name)}, expected a string`);
  // An empty name is nobody's: it contains the empty pattern, and matches none.
  return typeof name === 'string' && name !== '' && patterns.some((pattern) => name.includes(pattern));
}

function allowsContentType(allowed: readonly string[] | undefined, actual: string | null | undefined): boolean {
  if (allowed === undefined || allowed.length === 0) return true;
  if (typeof actual !== 'string') return false;
  const wanted = withoutParameters(actual);
  // An empty one is a missing one, which never matches.
  if (wanted === '') return false;
  return allowed.some((contentType) => withoutParameters(contentType) === wanted);
}

function withoutParameters(contentType: string): string {
  return (contentType.split(';', 1)[0] ?? '').trim().toLowerCase();
}
