import { definePlugin } from '../../plugins/define-plugin.js';
import { OutputRefused } from './length-guard.js';
import { guardResult } from './result-shapes.js';
import { settingsSchema } from './settings.js';

/** Cuts or blocks what tools answer, where it is too long. */
export const outputLengthGuard = definePlugin({
  config: settingsSchema,
  changesPayloads: ({ config }) => config.strategy === 'truncate',
  hooks: {
    tool_post_invoke(payload, { plugin }) {
      try {
        const { result, metadata } = guardResult(payload.result, plugin.config);
        return result === payload.result ? { metadata } : { modifiedPayload: { ...payload, result }, metadata };
      } catch (error) {
        if (!(error instanceof OutputRefused)) throw error;
        const { violation, metadata } = error;
        return { continueProcessing: false, violation, metadata: { ...metadata } };
      }
    },
  },
});
