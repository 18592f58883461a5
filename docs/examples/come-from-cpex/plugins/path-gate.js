import { definePlugin } from 'gatechart';

/** Lets nobody out of the home folder. */
export const PathGate = definePlugin({
  hooks: {
    tool_pre_invoke({ args }) {
      const path = String(args?.['path']);
      if (path.startsWith('/home/')) return;
      const violation = { reason: 'Path', description: `${path} is not in /home.`, code: 'PATH' };
      return { continueProcessing: false, violation };
    },
  },
});
