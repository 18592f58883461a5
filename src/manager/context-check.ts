import type { GlobalContext } from '../context/global-context.js';
import type { NamedCallContext } from '../context/named-call-context.js';
import type { LocalContext } from '../context/plugin-contexts.js';
import { GatechartError, messageOf } from '../errors.js';
import { isPlainObject, setOwn } from '../json/records.js';
import { contextProblem, namedContextProblem } from './context-fields.js';

/**
 * Refuses a context that conditions and plugins would read as something else than was meant: a tenant that is a number
 * is no tenant, and the plugins for it would be skipped.
 *
 * @throws GatechartError CONTEXT_INVALID
 */
export function checkContext(context: unknown, hook: string): asserts context is GlobalContext {
  if (!isUsual(context)) check(hook, () => contextProblem(context, ''));
}

/** Without a word of what is wrong, because almost always nothing is: it is asked for every hook of every request. */
function isUsual(context: unknown): boolean {
  try {
    if (!isPlainObject(context) || typeof context['requestId'] !== 'string') return false;
    for (const key in context) {
      const value = context[key];
      switch (key) {
        case 'requestId':
        case 'tenantId':
        case 'serverId':
        case 'contentType':
          if (typeof value !== 'string') return false;
          break;
        case 'user':
          if (typeof value !== 'string' && !isPlainObject(value)) return false;
          break;
        case 'state':
        case 'metadata':
          if (!isPlainObject(value)) return false;
          break;
        default:
          return false;
      }
    }
    return true;
  } catch {
    return false;
  }
}

/** The same for the context of a call by name. @throws GatechartError CONTEXT_INVALID */
export function checkNamedContext(context: unknown, hook: string): asserts context is NamedCallContext {
  if (!isUsualNamed(context)) check(hook, () => namedContextProblem(context));
}

function isUsualNamed(context: unknown): boolean {
  try {
    if (!isPlainObject(context) || !isUsual(context['globalContext'])) return false;
    for (const key in context) {
      if (key !== 'globalContext' && key !== 'state' && key !== 'metadata') return false;
      if (!isPlainObject(context[key])) return false;
    }
    return true;
  } catch {
    return false;
  }
}

/**
 * Gives what the caller noted to the plugin's local context, and that to the caller: what the plugin leaves is found there.
 *
 * @throws GatechartError CONTEXT_INVALID
 */
export function shareNotes(context: NamedCallContext, local: LocalContext, hook: string): void {
  check(hook, () => {
    for (const part of ['state', 'metadata'] as const) {
      const given = context[part] ?? {};
      for (const key of Object.keys(given)) setOwn(local[part], key, given[key]);
      context[part] = local[part];
    }
    return undefined;
  });
}

// What `check` runs touches what a host made; whatever that throws says nothing but that it cannot be read.
function check(hook: string, find: () => string | undefined): void {
  let problem: string | undefined;
  let cause: unknown;
  try {
    problem = find();
  } catch (error) {
    cause = error;
    problem = `it cannot be read or written: ${messageOf(error)}`;
  }
  if (problem === undefined) return;
  const end = problem.endsWith('?') ? '' : '.';
  const said = problem.startsWith('has no ') ? problem : `is not valid: ${problem}`;
  throw new GatechartError('CONTEXT_INVALID', `The context of ${hook} ${said}${end}`, { cause, details: { hook } });
}
