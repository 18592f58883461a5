import { suggestionFor } from '../config/suggestion.js';
import { isBareObject, isEmpty, isPlainObject, setOwn } from '../context/plain-data.js';
import { messageOf } from '../errors.js';
import type { HookDefinition } from '../hooks/hook.js';
import { type PluginResult, pluginResultSchema, readStop } from '../hooks/hook-result.js';
import { PluginError } from '../plugins/plugin-error.js';

const strictResult = pluginResultSchema.strict();
const knownKeys: ReadonlySet<string> = new Set(Object.keys(pluginResultSchema.shape));

/** The own data of an answer, and what is no data. */
interface Answer {
  readonly fields: Record<string, unknown>;
  readonly problems: readonly string[];
}

/**
 * What a plugin returned, checked. Only plain objects, undefined and null are answers. A misspelt key must not turn a block
 * into a pass, so unknown keys are refused too; an answer that says stop is a stop, whatever else is in it.
 *
 * @param drop is told which part of a stop could not be used
 * @returns undefined for a result that changes nothing
 * @throws PluginError PLUGIN_RESULT_INVALID
 */
export function checkedResult(
  returned: unknown,
  pluginName: string,
  hook: HookDefinition,
  drop: (field: string) => void,
): PluginResult | undefined {
  if (returned === undefined || returned === null) return undefined;
  try {
    return checkedAnswer(returned, pluginName, hook, drop);
  } catch (error) {
    if (error instanceof PluginError) throw error;
    // A getter or a proxy somewhere in the answer threw.
    throw invalid(pluginName, [`it cannot be read: ${messageOf(error)}`], mayStop(returned, hook));
  }
}

function checkedAnswer(
  returned: unknown,
  pluginName: string,
  hook: HookDefinition,
  drop: (field: string) => void,
): PluginResult | undefined {
  if (!isBareObject(returned) || Array.isArray(returned)) {
    throw invalid(pluginName, [`${kindOf(returned)} is not a plain object`], mayStop(returned, hook));
  }
  if (saysNothing(returned)) return undefined;
  const { fields, problems } = dataOf(returned);
  if (fields['continueProcessing'] === false) {
    for (const problem of problems) drop(problem);
    for (const key of Object.keys(fields)) if (!knownKeys.has(key)) drop(key);
    return readStop(fields, drop);
  }
  const parsed = strictResult.safeParse(fields);
  if (parsed.success && problems.length === 0) return parsed.data;
  const issues = (parsed.error?.issues ?? []).map((issue) =>
    issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`,
  );
  throw invalid(pluginName, [...problems, ...issues], mayStop(returned, hook));
}

// Most results of most plugins: worth not parsing, at twenty plugins a request.
function saysNothing(answer: object): boolean {
  if (Object.getOwnPropertySymbols(answer).length > 0) return false;
  for (const key of Object.getOwnPropertyNames(answer)) {
    const property = Object.getOwnPropertyDescriptor(answer, key);
    if (property === undefined || !('value' in property)) return false;
    const value: unknown = property.value;
    const isQuiet =
      knownKeys.has(key) &&
      (value === undefined ||
        (key === 'continueProcessing' ? value === true : value === null) ||
        (key === 'retryDelayMs' && value === 0) ||
        (key === 'metadata' && isPlainObject(value) && isEmpty(value)));
    if (!isQuiet) return false;
  }
  return true;
}

function dataOf(answer: object): Answer {
  const fields = Object.create(null) as Record<string, unknown>;
  const problems: string[] = [];
  for (const key of Reflect.ownKeys(answer)) {
    const property = Object.getOwnPropertyDescriptor(answer, key);
    if (typeof key === 'symbol') problems.push(`${String(key)}: a symbol is not a key of a result`);
    else if (property !== undefined && 'value' in property) setOwn(fields, key, property.value);
    else problems.push(`${key}: expected a value, received an accessor`);
  }
  return { fields, problems };
}

/**
 * True for what is no answer and may have been meant as a stop: `continueProcessing` of another kind or spelling, `false`,
 * or a denial.
 */
function mayStop(returned: unknown, hook: HookDefinition): boolean {
  if (returned === false) return true;
  if ((typeof returned !== 'object' && typeof returned !== 'function') || returned === null) return false;
  try {
    const meant: unknown = Reflect.get(returned, 'continueProcessing');
    if (meant !== undefined && meant !== true) return true;
    for (const key of Reflect.ownKeys(returned)) {
      if (typeof key !== 'string' || knownKeys.has(key)) continue;
      if (suggestionFor(key, ['continueProcessing']) !== undefined && Reflect.get(returned, key) !== true) return true;
    }
    const modified: unknown = Reflect.get(returned, 'modifiedPayload');
    return modified !== undefined && modified !== null && hook.denies?.(modified) === true;
  } catch {
    return true;
  }
}

function invalid(pluginName: string, problems: readonly string[], mayBeStop: boolean): PluginError {
  const message = `Plugin ${pluginName} returned something that is not a hook result: ${problems.join('; ')}.`;
  return new PluginError({ message, pluginName }, { code: 'PLUGIN_RESULT_INVALID', mayBeStop });
}

function kindOf(returned: unknown): string {
  if (Array.isArray(returned)) return 'an array';
  if (typeof returned === 'object') return 'an object of some class, a proxy, or one that inherits from another,';
  return `a ${typeof returned}`;
}
