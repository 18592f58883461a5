import { definePlugin } from 'gatechart';
import { z } from 'zod';

export const DenyList = definePlugin({
  config: z.object({ words: z.array(z.string()) }),
  hooks: {
    tool_pre_invoke: ({ args }, { plugin }) => check(args, plugin.config.words),
    resource_pre_fetch: ({ uri }, { plugin }) => check(uri, plugin.config.words),
  },
});

/**
 * @param {unknown} asked
 * @param {string[]} words
 */
function check(asked, words) {
  const text = JSON.stringify(asked ?? {});
  const word = words.find((denied) => text.includes(denied));
  if (word === undefined) return;
  const violation = { reason: 'Denied word', description: `Nobody may ask for "${word}"`, code: 'DENIED' };
  return { continueProcessing: false, violation };
}
