import { z } from 'zod';
import { isPlainObject } from '../json/records.js';
import type { HookDefinition } from './hook.js';

/**
 * What a plugin answered on a hook with a result of its own, as that result; undefined if it is none. Null for what may
 * be left out is absent. What would be a denial but for fields that do not fit is a denial without them.
 */
export function ownResultOf(answered: unknown, hook: HookDefinition): unknown {
  const schema = hook.result;
  if (schema === undefined) return undefined;
  const whole = schema.safeParse(answered);
  if (whole.success) return whole.data;
  if (!isPlainObject(answered) || !(schema instanceof z.ZodObject)) return undefined;
  const given = Object.fromEntries(Object.entries(answered).filter(([, value]) => value !== null));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const unfit = new Set(parsed.error.issues.map(({ path: [field] }) => field));
  const rest = schema.safeParse(Object.fromEntries(Object.entries(given).filter(([field]) => !unfit.has(field))));
  return rest.success && hook.denies?.(rest.data) === true ? rest.data : undefined;
}

/** True for a denial, and for what is no result of the hook and may have been meant as one. */
export function mayDeny(answered: unknown, hook: HookDefinition): boolean {
  if (hook.denies === undefined) return false;
  try {
    return hook.denies(answered);
  } catch {
    // It was made for results, and this is none.
    return true;
  }
}
