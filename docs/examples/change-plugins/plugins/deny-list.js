import { definePlugin } from 'gatechart';
import { z } from 'zod';

/** Blocks calls whose arguments have one of the words. */
export const DenyList = definePlugin({
  config: z.object({ words: z.array(z.string()) }),
  hooks: {
    tool_pre_invoke({ args }, { plugin }) {
      const text = JSON.stringify(args ?? {});
      const word = plugin.config.words.find((one) => text.includes(one));
      if (word === undefined) return;
      const violation = { reason: 'Denied word', description: `"${word}" may not leave.`, code: 'DENIED' };
      return { continueProcessing: false, violation };
    },
  },
  shutdown: ({ config }) => console.log(`  the deny list of ${config.words.join(', ')} ends`),
});
