import { definePlugin } from 'gatechart';
import { z } from 'zod';

/** Blocks tool calls whose arguments contain a phrase of the list. */
export const DenyList = definePlugin({
  config: z.object({ phrases: z.array(z.string()) }),
  hooks: {
    tool_pre_invoke(payload, { plugin }) {
      const text = JSON.stringify(payload.args ?? {}).toLowerCase();
      const phrase = plugin.config.phrases.find((candidate) => text.includes(candidate));
      if (phrase === undefined) return;
      return {
        continueProcessing: false,
        violation: {
          reason: 'Denied phrase',
          description: `The arguments of ${payload.name} contain "${phrase}".`,
          code: 'DENIED_PHRASE',
          details: { phrase },
        },
      };
    },
  },
});
