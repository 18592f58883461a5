import type { PluginResult } from '../../hooks/hook-result.js';
import { type DefinedPluginContext, definePlugin } from '../../plugins/define-plugin.js';
import { PatternBudgetError } from '../patterns/pattern.js';
import { replaceTexts, ValueTooLargeError } from '../values/text-walk.js';
import { type Replacer, searchReplaceConfig } from './search-replace-config.js';

const limits = { depth: 128, values: 1_000_000 };

/** Milliseconds for all texts of a call. Each has a budget of its own; there can be as many as somebody likes. */
const mostMs = 10_000;

/**
 * Replaces what patterns of Python's `re` match, in all texts, as does ContextForge's
 * `plugins.regex_filter.search_replace.SearchReplacePlugin`.
 */
export const searchReplace = definePlugin({
  config: searchReplaceConfig,
  changesPayloads: () => true,
  hooks: {
    prompt_pre_fetch: (payload, context) => replaced(payload, 'args', 'prompt arguments', context),
    prompt_post_fetch: (payload, context) => replaced(payload, 'result', 'prompt result', context, messageWords),
    tool_pre_invoke: (payload, context) => replaced(payload, 'args', 'tool arguments', context),
    tool_post_invoke: (payload, context) => replaced(payload, 'result', 'tool result', context),
  },
});

/** Fields of messages whose texts are words of the protocol: a message with another role is another message. */
const messageWords: ReadonlySet<unknown> = new Set(['role', 'type', 'mimeType']);

function replaced<Payload extends object>(
  payload: Payload,
  field: keyof Payload & string,
  what: string,
  { plugin }: DefinedPluginContext<Replacer>,
  kept: ReadonlySet<unknown> = new Set(),
): PluginResult<Payload> | undefined {
  let made: unknown;
  const until = plugin.clock.now() + mostMs;
  try {
    made = replaceTexts(
      payload[field],
      (text, path) => {
        if (kept.has(path.at(-1))) return text;
        if (plugin.clock.now() > until) throw new ValueTooLargeError(`its texts were not searched in ${mostMs} ms`);
        return plugin.config(text);
      },
      limits,
    );
  } catch (error) {
    if (!(error instanceof ValueTooLargeError || error instanceof PatternBudgetError)) throw error;
    return {
      continueProcessing: false,
      violation: {
        reason: 'Too large to be searched',
        description: `The ${what} cannot be searched: ${error.message}`,
        code: 'SEARCH_REPLACE_INPUT_TOO_LARGE',
      },
    };
  }
  return made === payload[field] ? undefined : { modifiedPayload: { ...payload, [field]: made } };
}
