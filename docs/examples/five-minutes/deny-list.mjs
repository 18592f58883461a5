import { definePlugin } from 'gatechart';

export const DenyList = definePlugin({
  hooks: {
    tool_pre_invoke({ args }) {
      if (!JSON.stringify(args ?? {}).includes('secret')) return;
      const violation = { reason: 'Denied word', description: 'The arguments contain "secret".', code: 'DENIED' };
      return { continueProcessing: false, violation };
    },
  },
});
