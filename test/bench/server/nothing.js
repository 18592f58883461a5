import { definePlugin } from 'gatechart';

/** Lets everything pass, and says nothing. */
export const Nothing = definePlugin({ hooks: { tool_pre_invoke: () => ({ continueProcessing: true }) } });

/** Says something of each call, which no two answers have in common. */
export const Answering = definePlugin({
  hooks: {
    tool_pre_invoke: ({ args }) => ({ continueProcessing: true, metadata: { checked: true, call: args?.call } }),
  },
});

/** Changes each payload, and keeps state and metadata that came with the call. */
export const Keeping = definePlugin({
  hooks: {
    tool_pre_invoke: (payload, context) => {
      const { call } = payload.args ?? {};
      context.state = { ...context.state, last: call };
      context.metadata = { ...context.metadata, seen: call };
      context.globalContext.state = { ...context.globalContext.state, counted: call };
      return {
        continueProcessing: true,
        modifiedPayload: { ...payload, args: { ...payload.args, checked: call } },
        metadata: { checked: true, call },
      };
    },
  },
});

/** Takes its time where a call asks for that. */
export const Waiting = definePlugin({
  hooks: {
    tool_pre_invoke: async ({ args }) => {
      const { call, waitMs } = args ?? {};
      if (typeof waitMs === 'number') await new Promise((resolve) => setTimeout(resolve, waitMs));
      return { continueProcessing: true, metadata: { checked: true, call } };
    },
  },
});
