import { definePlugin } from 'gatechart';

/** Counts one further, so that every answer carries a payload that was not sent. */
export const Counting = definePlugin({
  hooks: {
    tool_pre_invoke: (payload) => ({
      modifiedPayload: { ...payload, args: { ...payload.args, count: Number(payload.args?.count) + 1 } },
    }),
  },
});
