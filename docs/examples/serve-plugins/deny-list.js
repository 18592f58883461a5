import { definePlugin } from 'gatechart';
import { z } from 'zod';

export const DenyList = definePlugin({
  config: z.object({ words: z.array(z.string()) }),
  hooks: {
    tool_pre_invoke(payload, { plugin }) {
      const found = plugin.config.words.find((word) => JSON.stringify(payload.args ?? {}).includes(word));
      if (found === undefined) return;
      return {
        continueProcessing: false,
        violation: { reason: 'Denied word', description: `The arguments contain ${found}`, code: 'DENIED' },
      };
    },
  },
});
