import { isEmpty, isPlainObject } from '../context/plain-data.js';
import { type PluginResult, pluginResultSchema } from '../hooks/hook-result.js';
import { PluginError } from '../plugins/plugin-error.js';

const strictResult = pluginResultSchema.strict();

/**
 * What a plugin returned, checked. A misspelt key must not turn a block into a pass, so unknown keys are refused too.
 *
 * @returns undefined for a result that changes nothing
 * @throws PluginError PLUGIN_RESULT_INVALID
 */
export function checkedResult(returned: unknown, pluginName: string): PluginResult | undefined {
  if (returned === undefined || returned === null) return undefined;
  if (saysNothing(returned)) return undefined;
  const parsed = strictResult.safeParse(returned);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) =>
    issue.path.length === 0 ? issue.message : `${issue.path.join('.')}: ${issue.message}`,
  );
  throw new PluginError(
    {
      message: `Plugin ${pluginName} returned something that is not a hook result: ${problems.join('; ')}.`,
      pluginName,
    },
    { code: 'PLUGIN_RESULT_INVALID' },
  );
}

// Most results of most plugins: worth not parsing, at twenty plugins a request.
function saysNothing(returned: unknown): boolean {
  if (typeof returned !== 'object' || returned === null || Array.isArray(returned)) return false;
  for (const key in returned) {
    const value: unknown = (returned as Record<string, unknown>)[key];
    if (value === undefined || (key === 'continueProcessing' && value === true)) continue;
    if (key === 'retryDelayMs' && value === 0) continue;
    if (key !== 'metadata' || !isPlainObject(value) || !isEmpty(value)) return false;
  }
  return true;
}
