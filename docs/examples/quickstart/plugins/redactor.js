import { definePlugin } from 'gatechart';
import { z } from 'zod';

const personal = [
  /[\w.+-]+@[\w-]+\.[\w.]+/g, // an e-mail address
  /\b\d{3}-\d{2}-\d{4}\b/g, // a US social security number
  /\b(?:\d[ -]?){13,16}\b/g, // a payment card
];

/** Replaces personal data with a mask. */
export const Redactor = definePlugin({
  config: z.object({ mask: z.string() }),
  hooks: {
    tool_pre_invoke(payload, { plugin }) {
      const args = /** @type {Record<string, unknown>} */ (redacted(payload.args ?? {}, plugin.config.mask));
      return { modifiedPayload: { ...payload, args } };
    },
    tool_post_invoke(payload, { plugin }) {
      return { modifiedPayload: { ...payload, result: redacted(payload.result, plugin.config.mask) } };
    },
  },
});

/**
 * @param {unknown} value
 * @param {string} mask
 * @returns {unknown}
 */
function redacted(value, mask) {
  if (typeof value === 'string') return personal.reduce((text, pattern) => text.replaceAll(pattern, mask), value);
  if (Array.isArray(value)) return value.map((element) => redacted(element, mask));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, redacted(element, mask)]));
}
