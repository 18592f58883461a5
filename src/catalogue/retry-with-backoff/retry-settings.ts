import { z } from 'zod';

const keys = {
  max_retries: z.int().min(0).max(10),
  backoff_base_ms: z.int().min(1).max(600_000),
  max_backoff_ms: z.int().min(1).max(600_000),
  retry_on_status: z.array(z.int().min(100).max(599)),
  jitter: z.boolean(),
  check_text_content: z.boolean(),
};

const defaults = {
  max_retries: 2,
  backoff_base_ms: 200,
  max_backoff_ms: 5_000,
  retry_on_status: [429, 500, 502, 503, 504],
  jitter: true,
  check_text_content: false,
};

/** The `config` section, with the defaults of ContextForge. */
export const retryConfig = z
  .strictObject({
    max_retries: keys.max_retries.default(defaults.max_retries),
    backoff_base_ms: keys.backoff_base_ms.default(defaults.backoff_base_ms),
    max_backoff_ms: keys.max_backoff_ms.default(defaults.max_backoff_ms),
    retry_on_status: keys.retry_on_status.default(defaults.retry_on_status),
    jitter: keys.jitter.default(defaults.jitter),
    check_text_content: keys.check_text_content.default(defaults.check_text_content),
    tool_overrides: z.record(z.string(), z.strictObject(keys).partial()).default({}),
  })
  .superRefine((config, context) => {
    for (const tool of [undefined, ...Object.keys(config.tool_overrides)]) {
      const { backoffBaseMs, maxBackoffMs } = retrySettingsOf(config, tool);
      if (backoffBaseMs <= maxBackoffMs) continue;
      const path = [...(tool === undefined ? [] : ['tool_overrides', tool]), 'backoff_base_ms'];
      context.addIssue({
        code: 'custom',
        path,
        message: `is ${backoffBaseMs}, more than max_backoff_ms, ${maxBackoffMs}`,
      });
    }
  });

export type RetryConfig = z.output<typeof retryConfig>;

/** What holds for one tool. */
export interface RetrySettings {
  readonly maxRetries: number;
  readonly backoffBaseMs: number;
  readonly maxBackoffMs: number;
  readonly retryOnStatus: readonly number[];
  readonly jitter: boolean;
  readonly checkTextContent: boolean;
}

/** @param tool undefined: what holds for those that nothing is said of */
export function retrySettingsOf(config: RetryConfig, tool: string | undefined): RetrySettings {
  const { tool_overrides } = config;
  const own = tool !== undefined && Object.hasOwn(tool_overrides, tool) ? tool_overrides[tool] : undefined;
  return {
    maxRetries: own?.max_retries ?? config.max_retries,
    backoffBaseMs: own?.backoff_base_ms ?? config.backoff_base_ms,
    maxBackoffMs: own?.max_backoff_ms ?? config.max_backoff_ms,
    retryOnStatus: own?.retry_on_status ?? config.retry_on_status,
    jitter: own?.jitter ?? config.jitter,
    checkTextContent: own?.check_text_content ?? config.check_text_content,
  };
}
