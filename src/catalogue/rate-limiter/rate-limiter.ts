import type { PromptPreFetchPayload, ToolPreInvokePayload } from '../../hooks/built-in-hooks.js';
import type { PluginResult, Violation } from '../../hooks/hook-result.js';
import type { PluginSetup } from '../../plugins/plugin.js';
import { definitionOfClass, Plugin } from '../../plugins/plugin-class.js';
import type { PluginContext } from '../../plugins/plugin-context.js';
import { countedRequest, type CountedRequest, type MissingContext } from './counted-request.js';
import { MemoryRateStore } from './memory-rate-store.js';
import type { Verdict } from './rate-counter.js';
import { type RateLimiterConfig, rateLimiterConfig } from './rate-limiter-settings.js';
import { NotCountedError, type RateStore } from './rate-store.js';
import { RedisRateStore } from './redis-rate-store.js';

/** Lets so many calls pass in so long, for each user, tenant and tool. */
class RateLimiter extends Plugin<RateLimiterConfig> {
  static override config = rateLimiterConfig;
  readonly #store: RateStore;

  constructor(setup: PluginSetup<RateLimiterConfig>) {
    super(setup);
    const { config, clock, logger, name, baseDir } = setup;
    const lost = (why: string): void => logger.warn({ plugin: name }, `plugin ${name}: Redis cannot be used: ${why}`);
    this.#store =
      config.backend === 'redis'
        ? new RedisRateStore(config, baseDir, lost)
        : new MemoryRateStore(config.algorithm, clock);
  }

  override initialize(): Promise<void> {
    return this.#store.open();
  }

  override shutdown(): Promise<void> {
    return this.#store.close();
  }

  tool_pre_invoke({ name }: ToolPreInvokePayload, context: PluginContext): Promise<PluginResult<never>> {
    return this.#limit({ name, isTool: true }, context);
  }

  prompt_pre_fetch({ promptId }: PromptPreFetchPayload, context: PluginContext): Promise<PluginResult<never>> {
    return this.#limit({ name: promptId, isTool: false }, context);
  }

  async #limit(
    subject: Parameters<typeof countedRequest>[2],
    { globalContext, extensions }: PluginContext,
  ): Promise<PluginResult<never>> {
    const { backend, fail_mode } = this.setup.config;
    const figures = (allowed: 0 | 1): PluginResult<never> =>
      extensions?.request?.traceId ? { metadata: { rate_limiter: { allowed, throttled: 1 - allowed, backend } } } : {};
    const request = countedRequest(this.setup.config, globalContext, subject);
    if ('problem' in request) return { continueProcessing: false, violation: contextMissing(request) };
    try {
      const verdicts = await this.#store.take(request.keys);
      if (verdicts.every(({ allowed }) => allowed)) return figures(1);
      return { continueProcessing: false, violation: limited(request, verdicts), ...figures(0) };
    } catch (error) {
      if (!(error instanceof NotCountedError)) throw error;
      if (error.why === 'unreachable' && fail_mode === 'open') return {};
      return { continueProcessing: false, violation: notCounted(error) };
    }
  }
}

export const rateLimiter = definitionOfClass(RateLimiter);

/** Seconds, rounded up: who waits so long does not come too early. */
function secondsOf({ resetMs }: Verdict): number {
  return Math.max(1, Math.ceil(resetMs / 1000));
}

function limited({ user, tenant, keys }: CountedRequest, verdicts: readonly Verdict[]): Violation {
  const all = verdicts.map((verdict, index) => ({
    allowed: verdict.allowed,
    limit: keys[index]?.count ?? 0,
    told: { limited: true, remaining: verdict.remaining, reset_in: secondsOf(verdict) },
  }));
  const violated = all.filter(({ allowed }) => !allowed);
  const allowed = all.filter((each) => each.allowed);
  const soonest = violated.reduce((one, other) => (other.told.reset_in < one.told.reset_in ? other : one));
  const { reset_in, remaining } = soonest.told;
  return {
    reason: 'Rate limit exceeded',
    description: 'Rate limit exceeded',
    code: 'RATE_LIMIT',
    details: {
      ...soonest.told,
      user_id: user,
      ...(tenant !== undefined && { tenant_id: tenant }),
      dimensions: {
        violated: violated.map(({ told }) => told),
        ...(allowed.length > 0 && { allowed: allowed.map(({ told }) => told) }),
      },
    },
    httpStatusCode: 429,
    httpHeaders: {
      'X-RateLimit-Limit': String(soonest.limit),
      'X-RateLimit-Remaining': String(remaining),
      'X-RateLimit-Reset': String(Math.floor(Date.now() / 1000) + reset_in),
      'Retry-After': String(reset_in),
    },
  };
}

function contextMissing({ field, problem }: MissingContext): Violation {
  return {
    reason: 'Rate limit context unavailable',
    description: problem,
    code: 'RATE_LIMIT_CONTEXT_MISSING',
    details: { field, error: problem },
    httpStatusCode: 503,
  };
}

function notCounted({ why }: NotCountedError): Violation {
  const [code, description] =
    why === 'full'
      ? ['RATE_LIMIT_STATE_FULL', 'More users, tenants and tools call than can be counted, so that nobody else may']
      : ['BACKEND_UNAVAILABLE', 'Rate limiter backend unavailable; failing closed per fail_mode=closed'];
  const [httpStatusCode, httpHeaders] = [503, { 'Retry-After': '1' }];
  return { reason: 'Calls cannot be counted', description, code, details: {}, httpStatusCode, httpHeaders };
}
