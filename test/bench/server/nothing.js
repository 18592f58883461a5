import { definePlugin } from 'gatechart';

/** Lets everything pass. */
export const Nothing = definePlugin({ hooks: { tool_pre_invoke: () => ({ continueProcessing: true }) } });
