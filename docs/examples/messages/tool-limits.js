import { definePlugin, messageViews } from 'gatechart';
import { z } from 'zod';

/** Refuses calls of tools that are not in a list, wherever in a message they are. */
export const ToolLimits = definePlugin({
  config: z.object({ allowed: z.array(z.string()) }),
  hooks: {
    'cmf.llm_output'({ message }, { plugin }) {
      for (const { kind, name, uri } of messageViews(message)) {
        if (kind !== 'tool_call' || plugin.config.allowed.includes(name ?? '')) continue;
        const violation = { reason: 'Tool not allowed', description: `${uri} is not allowed.`, code: 'TOOL_LIMITS' };
        return { continueProcessing: false, violation };
      }
    },
  },
});
