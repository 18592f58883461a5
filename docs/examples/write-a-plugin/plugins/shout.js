import { definePlugin } from 'gatechart';
import { z } from 'zod';

export const Shout = definePlugin({
  config: z.object({ shouts: z.boolean().default(true) }),
  changesPayloads: ({ config }) => config.shouts,
  hooks: {
    tool_pre_invoke(payload, { plugin }) {
      if (!plugin.config.shouts) return;
      return { modifiedPayload: { ...payload, args: { ...payload.args, loud: true } } };
    },
  },
});
