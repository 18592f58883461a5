import type { ToolPostInvokePayload } from '../../hooks/built-in-hooks.js';
import type { PluginResult } from '../../hooks/hook-result.js';
import type { PluginSetup } from '../../plugins/plugin.js';
import { definitionOfClass, Plugin } from '../../plugins/plugin-class.js';
import type { PluginContext } from '../../plugins/plugin-context.js';
import { RetryCounts } from './retry-counts.js';
import { type RetryConfig, retryConfig, type RetrySettings, retrySettingsOf } from './retry-settings.js';
import { isTransientFailure } from './transient-failure.js';

/** Asks the host to call a tool again that has failed for a moment. It calls nothing itself. */
class RetryWithBackoff extends Plugin<RetryConfig> {
  static override config = retryConfig;
  readonly #counts: RetryCounts;

  constructor(setup: PluginSetup<RetryConfig>) {
    super(setup);
    this.#counts = new RetryCounts(setup.clock);
  }

  tool_post_invoke(
    { name, result }: ToolPostInvokePayload,
    { globalContext, extensions }: PluginContext,
  ): PluginResult<never> {
    const settings = retrySettingsOf(this.setup.config, name);
    const call = JSON.stringify([name, globalContext.requestId]);
    const retries = isTransientFailure(result, settings) ? this.#counts.of(call) + 1 : 0;
    const retryDelayMs = this.#delay(call, retries, settings);
    const figures = { retry_count: retries, retry_delay_ms: retryDelayMs };
    return {
      retryDelayMs,
      ...(extensions?.request?.traceId && { metadata: { retry_with_backoff: figures } }),
    };
  }

  /** Resources are not fetched again: what would be done is told. */
  resource_post_fetch(): PluginResult<never> {
    const { max_retries, backoff_base_ms, max_backoff_ms, retry_on_status } = this.setup.config;
    return { metadata: { retry_policy: { max_retries, backoff_base_ms, max_backoff_ms, retry_on_status } } };
  }

  /** Milliseconds to wait before the call is made again; 0: it is not. */
  #delay(call: string, retries: number, settings: RetrySettings): number {
    if (retries === 0 || retries > settings.maxRetries || !this.#counts.hasRoomFor(call)) {
      this.#counts.forget(call);
      return 0;
    }
    const delayMs = this.#backoff(retries, settings);
    this.#counts.note(call, retries, delayMs);
    return delayMs;
  }

  #backoff(retries: number, { backoffBaseMs, maxBackoffMs, jitter }: RetrySettings): number {
    const mostMs = Math.min(backoffBaseMs * 2 ** (retries - 1), maxBackoffMs);
    // No delay would mean that the call is not made again.
    return jitter ? Math.max(1, Math.floor(this.setup.random() * mostMs)) : mostMs;
  }
}

export const retryWithBackoff = definitionOfClass(RetryWithBackoff);
