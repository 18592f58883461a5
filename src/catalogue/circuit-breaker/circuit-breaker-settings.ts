import { z } from 'zod';

/** Calls of one tool whose answers are remembered at most, unless `min_calls` asks for more. */
const rememberedCalls = 1_000;

const seconds = z.int().min(1).max(604_800);

const keys = {
  error_rate_threshold: z.number().min(0).max(1),
  window_seconds: seconds,
  min_calls: z.int().min(1).max(10_000),
  consecutive_failure_threshold: z.int().min(1),
  cooldown_seconds: seconds,
};

/** The `config` section, with the defaults of ContextForge. */
export const circuitBreakerConfig = z.strictObject({
  error_rate_threshold: keys.error_rate_threshold.default(0.5),
  window_seconds: keys.window_seconds.default(60),
  min_calls: keys.min_calls.default(10),
  consecutive_failure_threshold: keys.consecutive_failure_threshold.default(5),
  cooldown_seconds: keys.cooldown_seconds.default(60),
  tool_overrides: z.record(z.string(), z.strictObject(keys).partial()).default({}),
});

export type CircuitBreakerConfig = z.output<typeof circuitBreakerConfig>;

/** What holds for one tool. Times in milliseconds. */
export interface CircuitSettings {
  /** Share of failures, from 0 to 1. */
  readonly errorRate: number;
  readonly windowMs: number;
  /** Calls before the share of failures says anything. */
  readonly minCalls: number;
  readonly consecutiveFailures: number;
  readonly cooldownMs: number;
  readonly rememberedCalls: number;
}

export function settingsOf({ tool_overrides, ...base }: CircuitBreakerConfig, tool: string): CircuitSettings {
  const own = Object.hasOwn(tool_overrides, tool) ? tool_overrides[tool] : undefined;
  const minCalls = own?.min_calls ?? base.min_calls;
  return {
    errorRate: own?.error_rate_threshold ?? base.error_rate_threshold,
    windowMs: (own?.window_seconds ?? base.window_seconds) * 1000,
    minCalls,
    consecutiveFailures: own?.consecutive_failure_threshold ?? base.consecutive_failure_threshold,
    cooldownMs: (own?.cooldown_seconds ?? base.cooldown_seconds) * 1000,
    rememberedCalls: Math.max(rememberedCalls, minCalls),
  };
}
