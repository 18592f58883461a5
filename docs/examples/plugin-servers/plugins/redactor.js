import { Plugin } from 'gatechart';
import { z } from 'zod';

const personal = [
  /[\w.+-]+@[\w-]+\.[\w.]+/g, // an e-mail address
  /\b\d{3}-\d{2}-\d{4}\b/g, // a US social security number
  /\b(?:\d[ -]?){13,16}\b/g, // a payment card
];

/**
 * Replaces personal data with a mask. The class form, because it counts what it has replaced.
 *
 * @extends {Plugin<{ mask: string }>}
 */
export class Redactor extends Plugin {
  /** @override */
  static config = z.object({ mask: z.string() });

  #replaced = 0;

  /** @param {import('gatechart').ToolPreInvokePayload} payload */
  toolPreInvoke(payload) {
    const before = this.#replaced;
    const args = /** @type {Record<string, unknown>} */ (this.#redact(payload.args ?? {}));
    return this.#result({ ...payload, args }, before);
  }

  /** @param {import('gatechart').ToolPostInvokePayload} payload */
  toolPostInvoke(payload) {
    const before = this.#replaced;
    return this.#result({ ...payload, result: this.#redact(payload.result) }, before);
  }

  /**
   * @template Payload
   * @param {Payload} modifiedPayload
   * @param {number} before
   */
  #result(modifiedPayload, before) {
    const count = this.#replaced - before;
    return count === 0 ? {} : { modifiedPayload, metadata: { redacted: count } };
  }

  /**
   * @param {unknown} value
   * @returns {unknown}
   */
  #redact(value) {
    if (typeof value === 'string') return this.#redactText(value);
    if (Array.isArray(value)) return value.map((element) => this.#redact(element));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, element]) => [key, this.#redact(element)]));
  }

  /** @param {string} text */
  #redactText(text) {
    return personal.reduce(
      (left, pattern) =>
        left.replace(pattern, () => {
          this.#replaced += 1;
          return this.setup.config.mask;
        }),
      text,
    );
  }
}
