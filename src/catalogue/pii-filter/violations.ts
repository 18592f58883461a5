import type { Violation } from '../../hooks/hook-result.js';

/** What each hook looks at, and the code of its blocks. */
const places = {
  prompt_pre_fetch: { code: 'PII_DETECTED', reason: 'prompt arguments', description: 'prompt arguments' },
  prompt_post_fetch: { code: 'PII_DETECTED_IN_PROMPT_RESULT', reason: 'prompt messages', description: 'prompt result' },
  tool_pre_invoke: { code: 'PII_DETECTED_IN_TOOL_ARGS', reason: 'tool arguments', description: 'tool arguments' },
  tool_post_invoke: { code: 'PII_DETECTED_IN_TOOL_RESULT', reason: 'tool result', description: 'tool result' },
};

export type PiiHook = keyof typeof places;

export function detected(hook: PiiHook, types: readonly string[], count: number): Violation {
  const { code, reason, description } = places[hook];
  return {
    reason: `PII detected in ${reason}`,
    description: `Sensitive information detected in ${description}`,
    code,
    details: { detected_types: types, count },
  };
}

/** @param why the end of a sentence that begins with what was to be looked through */
export function notLookedThrough(hook: PiiHook, why: string): Violation {
  return {
    reason: 'Too large to be looked through',
    description: `The ${places[hook].description} cannot be looked through for personal data: ${why}`,
    code: 'PII_INPUT_TOO_LARGE',
  };
}
