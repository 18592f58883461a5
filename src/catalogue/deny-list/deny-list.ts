import { z } from 'zod';
import type { PluginResult } from '../../hooks/hook-result.js';
import { definePlugin } from '../../plugins/define-plugin.js';
import { ValueTooLargeError } from '../values/text-walk.js';
import { hasText } from './text-search.js';

const config = z.strictObject({ words: z.array(z.string().min(1, 'an empty word is in every text')) });

type Config = z.output<typeof config>;

/** Stops prompts and tool calls with a denied word in their arguments: as it is written, and within words too. */
export const denyList = definePlugin({
  config,
  hooks: {
    prompt_pre_fetch: ({ args }, { plugin }) => answer(args, plugin.config, 'prompt'),
    tool_pre_invoke: ({ args }, { plugin }) => answer(args, plugin.config, 'tool call'),
  },
});

function answer(args: unknown, { words }: Config, what: string): PluginResult<never> | undefined {
  try {
    if (!hasText(args, (text) => words.some((word) => text.includes(word)))) return undefined;
  } catch (error) {
    if (!(error instanceof ValueTooLargeError)) throw error;
    const description = `The arguments of the ${what} cannot be looked through: ${error.message}`;
    return blocked('Arguments too large', description, 'DENY_LIST_INPUT_TOO_LARGE');
  }
  const asked = `${what[0]?.toUpperCase()}${what.slice(1)}`;
  return blocked(`${asked} not allowed`, `A deny word was found in the ${what}`, 'deny');
}

function blocked(reason: string, description: string, code: string): PluginResult<never> {
  return { continueProcessing: false, violation: { reason, description, code, details: {} } };
}
