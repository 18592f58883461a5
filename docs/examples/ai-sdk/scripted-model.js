import { MockLanguageModelV3 } from 'ai/test';

const usage = {
  inputTokens: { total: 1, noCache: 1, cacheRead: 0, cacheWrite: 0 },
  outputTokens: { total: 1, text: 1, reasoning: 0 },
};

/**
 * A stand-in for a model, which calls a tool once and is done.
 *
 * @param {string} toolName
 * @param {object} input
 */
export function scriptedModel(toolName, input) {
  let calls = 0;
  return new MockLanguageModelV3({
    doGenerate: async () => ({
      content:
        calls++ === 0
          ? [{ type: 'tool-call', toolCallId: 'call-1', toolName, input: JSON.stringify(input) }]
          : [{ type: 'text', text: 'done' }],
      finishReason: { unified: calls === 1 ? 'tool-calls' : 'stop', raw: undefined },
      usage,
      warnings: [],
    }),
  });
}
