import { definePlugin } from 'gatechart';

/** Hides a card number from the tool, and puts it back into the tool's answer. */
export const Masker = definePlugin({
  hooks: {
    tool_pre_invoke(payload, context) {
      const text = payload.args?.['text'];
      const card = typeof text === 'string' ? /\d{16}/.exec(text)?.[0] : undefined;
      if (typeof text !== 'string' || card === undefined) return;
      context.state['card'] = card;
      return { modifiedPayload: { ...payload, args: { ...payload.args, text: text.replace(card, '[card]') } } };
    },
    tool_post_invoke(payload, context) {
      const { card } = context.state;
      if (typeof card !== 'string') return;
      const result = JSON.parse(JSON.stringify(payload.result).replace('[card]', card));
      return { modifiedPayload: { ...payload, result } };
    },
  },
});
