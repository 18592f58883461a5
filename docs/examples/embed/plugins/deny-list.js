import { definePlugin } from 'gatechart';

export const DenyList = definePlugin({
  hooks: {
    tool_pre_invoke({ name }) {
      if (name !== 'delete_everything') return;
      return {
        continueProcessing: false,
        violation: { reason: 'Denied tool', description: `Nobody may call ${name}.`, code: 'DENIED_TOOL' },
      };
    },
  },
});
