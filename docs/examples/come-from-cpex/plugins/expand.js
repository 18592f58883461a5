import { definePlugin } from 'gatechart';

/** Writes paths out. */
export const Expand = definePlugin({
  hooks: {
    tool_pre_invoke({ name, args }) {
      const path = String(args?.['path']).replace('~', '/home/ada').replace('$LOGS', '/var/log');
      return { modifiedPayload: { name, args: { ...args, path } } };
    },
  },
});
