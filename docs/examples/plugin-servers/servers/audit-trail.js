import { Plugin } from 'gatechart';

/** Counts the calls of each tool, and measures how long each took from one hook to the other. */
export class AuditTrail extends Plugin {
  /** @type {Map<string, number>} */
  #calls = new Map();

  /**
   * @param {import('gatechart').ToolPreInvokePayload} payload
   * @param {import('gatechart').PluginContext} context
   */
  toolPreInvoke(payload, context) {
    const calls = (this.#calls.get(payload.name) ?? 0) + 1;
    this.#calls.set(payload.name, calls);
    // Local state comes back with the next hook of the same request.
    context.state.startedAt = Date.now();
    return { metadata: { calls } };
  }

  /**
   * @param {import('gatechart').ToolPostInvokePayload} _payload
   * @param {import('gatechart').PluginContext} context
   */
  toolPostInvoke(_payload, context) {
    return { metadata: { tookMs: Date.now() - Number(context.state.startedAt) } };
  }
}
