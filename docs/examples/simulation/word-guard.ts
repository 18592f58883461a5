import { definePlugin, type PluginDefinition } from 'gatechart';

/** Blocks calls with a word in them that somebody else knows. */
export function wordGuard(verdict: (text: string) => string | Promise<string>): PluginDefinition {
  return definePlugin({
    hooks: {
      async tool_pre_invoke({ args }) {
        const said = await verdict(JSON.stringify(args));
        if (said !== 'denied') return;
        return {
          continueProcessing: false,
          violation: { reason: 'Denied word', description: 'The arguments have a denied word in them', code: 'DENIED' },
        };
      },
    },
  });
}
