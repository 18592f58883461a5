import { definePlugin } from 'gatechart';

/** Labels answers in which somebody is named, for whoever looks at the request later. */
export const Labels = definePlugin({
  hooks: {
    tool_post_invoke({ result }, { extensions }) {
      if (!JSON.stringify(result ?? null).includes('@')) return;
      const labels = extensions?.security?.labels ?? [];
      return {
        modifiedExtensions: { security: { labels: [...labels, 'PII'] } },
        metadata: { trace: extensions?.request?.traceId },
      };
    },
  },
});
