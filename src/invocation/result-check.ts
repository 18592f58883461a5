import { types } from 'node:util';
import { suggestionFor } from '../config/suggestion.js';
import { setOwn } from '../json/records.js';
import { messageOf } from '../errors.js';
import type { HookDefinition } from '../hooks/hook.js';
import { type PluginResult, pluginResultSchema, readStop } from '../hooks/hook-result.js';
import type { ChainPlugin } from '../plugins/plugin-registry.js';
import { PluginError } from '../plugins/plugin-error.js';
import { isBareObject } from './bare-object.js';
import { plainAnswer, saysNothing } from './plain-answer.js';
import { DecodedResult } from '../wire/decoded-result.js';
import type { MergeRules } from './chain-state.js';

const strictResult = pluginResultSchema.strict();
const knownKeys: ReadonlySet<string> = new Set(Object.keys(pluginResultSchema.shape));

/** The own data of an answer, and what is no data. */
interface Answer {
  readonly fields: Record<string, unknown>;
  readonly problems: readonly string[];
}

/**
 * True for what most plugins answer: nothing, or `continueProcessing: true` and no word beside it. Runs nothing of what it
 * looks at. At twenty plugins a request it is worth not parsing, nor asking for symbols, which costs 40 ns.
 */
export function isNoOpAnswer(returned: unknown): boolean {
  if (returned === undefined || returned === null) return true;
  if (typeof returned !== 'object' || types.isProxy(returned)) return false;
  if (Object.getOwnPropertyDescriptor(returned, 'continueProcessing')?.value !== true) return false;
  // Read where it is known to be a value of its own. With that the compiler knows what kind of object it is, and need not ask
  // for the prototype, which costs 10 ns.
  if (!('continueProcessing' in returned) || returned.continueProcessing !== true) return false;
  return Object.getPrototypeOf(returned) === Object.prototype && Object.getOwnPropertyNames(returned).length === 1;
}

/**
 * What a plugin returned, checked. Only plain objects, undefined and null are answers. A misspelt key must not turn a block
 * into a pass, so unknown keys are refused too; an answer that says stop is a stop, whatever else is in it. What came over
 * a wire was checked there.
 *
 * @returns undefined for most results that change nothing
 * @throws PluginError PLUGIN_RESULT_INVALID
 */
export function checkedResult(returned: unknown, plugin: ChainPlugin, rules: MergeRules): PluginResult | undefined {
  if (isNoOpAnswer(returned)) return undefined;
  if (DecodedResult.is(returned)) return returned;
  try {
    return checkedAnswer(returned, plugin, rules);
  } catch (error) {
    if (error instanceof PluginError) throw error;
    // A getter or a proxy somewhere in the answer threw.
    throw invalid(plugin.name, [`it cannot be read: ${messageOf(error)}`], mayStop(returned, rules.hook));
  }
}

function checkedAnswer(returned: unknown, plugin: ChainPlugin, rules: MergeRules): PluginResult | undefined {
  const { hook } = rules;
  const pluginName = plugin.name;
  if (!isBareObject(returned) || Array.isArray(returned)) {
    throw invalid(pluginName, [`${kindOf(returned)} is not a plain object`], mayStop(returned, hook));
  }
  const plain = plainAnswer(returned);
  if (plain !== undefined) return plain === saysNothing ? undefined : plain;
  const { fields, problems } = dataOf(returned);
  if (fields['continueProcessing'] === false) {
    const drop = (part: string): void =>
      rules.warn(plugin, `it says stop, and what else it says is left out where it is not usable: ${part}`);
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
