import { definePlugin } from 'gatechart';
import { z } from 'zod';

export const DenyList = definePlugin({
  config: z.object({ words: z.array(z.string()).min(1) }),
  hooks: {
    tool_pre_invoke({ name, args }, { plugin }) {
      const text = JSON.stringify(args ?? {}).toLowerCase();
      const word = plugin.config.words.find((candidate) => text.includes(candidate));
      if (word === undefined) return;
      return {
        continueProcessing: false,
        violation: {
          reason: 'Denied word',
          description: `The arguments of ${name} contain "${word}".`,
          code: 'DENIED_WORD',
          details: { word },
        },
      };
    },
  },
});
