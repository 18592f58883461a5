import { definePlugin } from 'gatechart';
import { z } from 'zod';

/** @typedef {{ content: { type: string, text?: string }[] }} ToolResult */

export const Shortener = definePlugin({
  config: z.object({ characters: z.number() }),
  hooks: {
    tool_post_invoke(payload, { plugin }) {
      if (typeof payload.result === 'string') return;
      const result = /** @type {ToolResult} */ (payload.result);
      const content = result.content.map((block) =>
        block.text === undefined ? block : { ...block, text: block.text.slice(0, plugin.config.characters) },
      );
      return { modifiedPayload: { ...payload, result: { ...result, content } } };
    },
  },
});
