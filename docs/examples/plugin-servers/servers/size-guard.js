import { definePlugin } from 'gatechart';
import { z } from 'zod';

/** Blocks tool calls whose arguments are longer than the limit. */
export const SizeGuard = definePlugin({
  config: z.object({ limit: z.number() }),
  hooks: {
    tool_pre_invoke(payload, { plugin }) {
      const size = JSON.stringify(payload.args ?? {}).length;
      if (size <= plugin.config.limit) return { metadata: { size } };
      return {
        continueProcessing: false,
        violation: {
          reason: 'Arguments too long',
          description: `${size} characters, ${plugin.config.limit} allowed.`,
          code: 'ARGUMENTS_TOO_LONG',
        },
      };
    },
  },
});
