import type { PluginResult } from '../../hooks/hook-result.js';
import { type DefinedPluginContext, definePlugin } from '../../plugins/define-plugin.js';
import type { PluginSetup } from '../../plugins/plugin.js';
import { PatternBudgetError } from '../patterns/pattern.js';
import { replaceTexts, ValueTooLargeError } from '../values/text-walk.js';
import type { PersonalFinding } from './finding.js';
import { createMasking, type Masking } from './masking.js';
import { personalData } from './personal-data.js';
import { type PiiConfig, piiConfig } from './pii-config.js';
import { detected, notLookedThrough, type PiiHook } from './violations.js';

/** Milliseconds for patterns of users in all texts of a call. Each has a budget of its own; there can be any number. */
const mostMs = 10_000;

/**
 * Masks personal data in prompts and in calls of tools, or blocks what holds any, as does cpex's
 * `cpex_pii_filter.PIIFilterPlugin`.
 */
export const piiFilter = definePlugin({
  config: piiConfig,
  changesPayloads: ({ config }) => !config.blocks,
  hooks: {
    prompt_pre_fetch: (payload, context) => filtered(payload, 'args', 'prompt_pre_fetch', context),
    prompt_post_fetch: (payload, context) => filtered(payload, 'result', 'prompt_post_fetch', context),
    tool_pre_invoke: (payload, context) => filtered(payload, 'args', 'tool_pre_invoke', context),
    tool_post_invoke: (payload, context) => filtered(payload, 'result', 'tool_post_invoke', context),
  },
});

const maskings = new WeakMap<PluginSetup<PiiConfig>, Masking>();

function filtered<Payload extends object>(
  payload: Payload,
  field: keyof Payload & string,
  hook: PiiHook,
  { plugin, extensions }: DefinedPluginContext<PiiConfig>,
): PluginResult<Payload> | undefined {
  const { config } = plugin;
  const found: PersonalFinding[] = [];
  const mask = maskingOf(plugin);
  const hasPatterns = config.customPatterns.length + config.allowed.length > 0;
  const until = hasPatterns ? plugin.clock.now() + mostMs : Number.POSITIVE_INFINITY;
  let masked: unknown;
  try {
    masked = replaceTexts(
      payload[field],
      (text) => {
        if (Buffer.byteLength(text) > config.mostBytes)
          throw new ValueTooLargeError(`it has a text of more than ${config.mostBytes} bytes`);
        if (hasPatterns && plugin.clock.now() > until)
          throw new ValueTooLargeError(`its texts were not searched in ${mostMs} ms`);
        const findings = personalData(text, config);
        for (const finding of findings) found.push(finding);
        return withoutFindings(text, findings, mask);
      },
      config.limits,
    );
  } catch (error) {
    if (!(error instanceof ValueTooLargeError || error instanceof PatternBudgetError)) throw error;
    return { continueProcessing: false, violation: notLookedThrough(hook, error.message) };
  }
  if (found.length === 0) return undefined;
  const types = [...new Set(found.map(({ type }) => type))].toSorted();
  if (config.logs) plugin.logger.warn({ hook, types, count: found.length }, 'personal data was found');
  const counters = {
    total_detections: found.length,
    total_masked: config.blocks ? 0 : found.length,
    detection_types: types,
    stage: hook,
  };
  return {
    ...(config.blocks
      ? { continueProcessing: false, violation: detected(hook, types, found.length) }
      : { modifiedPayload: { ...payload, [field]: masked } }),
    ...(extensions?.request?.traceId && { metadata: { pii_filter: counters } }),
  };
}

function maskingOf(plugin: PluginSetup<PiiConfig>): Masking {
  const known = maskings.get(plugin);
  if (known !== undefined) return known;
  const made = createMasking(plugin.config.redaction, plugin.random);
  maskings.set(plugin, made);
  return made;
}

function withoutFindings(text: string, findings: readonly PersonalFinding[], mask: Masking): string {
  let made = '';
  let from = 0;
  for (const finding of findings) {
    made += text.slice(from, finding.start) + mask(finding);
    from = finding.end;
  }
  return made + text.slice(from);
}
