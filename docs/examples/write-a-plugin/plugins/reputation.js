import { definePlugin } from 'gatechart';
import { z } from 'zod';

/** Asks a service before a resource is fetched. */
export const Reputation = definePlugin({
  config: z.object({ url: z.url() }),
  hooks: {
    async resource_pre_fetch({ uri }, { plugin, signal, globalContext }) {
      const answer = await fetch(`${plugin.config.url}?uri=${encodeURIComponent(uri)}`, { signal });
      const { score } = z.object({ score: z.number() }).parse(await answer.json());
      (globalContext.state ??= {})['reputation'] = score;
      if (score > 0) return;
      return {
        continueProcessing: false,
        violation: { reason: 'Bad reputation', description: `${uri} has the score ${score}.`, code: 'REPUTATION' },
      };
    },
  },
});
