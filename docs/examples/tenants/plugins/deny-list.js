import { definePlugin } from 'gatechart';
import { z } from 'zod';

export const DenyList = definePlugin({
  config: z.object({ words: z.array(z.string()) }),
  hooks: {
    tool_pre_invoke({ args }, { plugin }) {
      const text = JSON.stringify(args ?? {});
      const word = plugin.config.words.find((denied) => text.includes(denied));
      if (word === undefined) return;
      const violation = { reason: 'Denied word', description: `Nobody may ask for "${word}"`, code: 'DENIED' };
      return { continueProcessing: false, violation };
    },
  },
});
