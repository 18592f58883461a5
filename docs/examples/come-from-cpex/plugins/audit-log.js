import { definePlugin } from 'gatechart';

/** Reports what was decided; nobody waits for it. */
export const AuditLog = definePlugin({
  hooks: {
    async tool_pre_invoke({ name, args }) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      console.log('  logged:', name, args);
    },
  },
});
