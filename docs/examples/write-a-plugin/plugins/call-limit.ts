import { Plugin, type PluginContext, type PluginResult, type ToolPreInvokePayload } from 'gatechart';
import { z } from 'zod';

const config = z.object({ limit: z.number().int().positive() });

/** Lets each user make so many calls. */
export class CallLimit extends Plugin<z.output<typeof config>> {
  static override config = config;
  readonly #calls = new Map<string, number>();

  toolPreInvoke(_payload: ToolPreInvokePayload, { globalContext }: PluginContext): PluginResult<ToolPreInvokePayload> {
    const user = typeof globalContext.user === 'string' ? globalContext.user : 'anonymous';
    const calls = (this.#calls.get(user) ?? 0) + 1;
    this.#calls.set(user, calls);
    if (calls <= this.setup.config.limit) return { metadata: { calls } };
    return {
      continueProcessing: false,
      violation: { reason: 'Too many calls', description: `${user} has made ${calls - 1} calls.`, code: 'LIMIT' },
    };
  }

  override shutdown(): void {
    this.#calls.clear();
  }
}
