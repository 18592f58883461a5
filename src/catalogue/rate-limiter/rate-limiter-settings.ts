import { z } from 'zod';
import { readRate } from './rate.js';

const rate = z.string().transform((text, context) => {
  const read = readRate(text);
  if (typeof read !== 'string') return read;
  context.addIssue({ code: 'custom', message: read });
  return z.NEVER;
});

const optionalRate = rate.nullish();
const optionalPath = z.string().min(1).nullish();

/** The name by which a tool, or a prompt, is counted: letter case and white space around it do not matter. */
export function countedName(name: string): string {
  return name.trim().toLowerCase();
}

const byTool = z
  .record(z.string(), rate)
  .nullish()
  .transform((rates, context) => {
    const byName = new Map<string, z.output<typeof rate>>();
    for (const [name, value] of Object.entries(rates ?? {})) {
      const counted = countedName(name);
      if (byName.has(counted)) {
        const message = 'is there twice: letter case and white space around a name do not matter';
        context.addIssue({ code: 'custom', path: [name], message });
      }
      byName.set(counted, value);
    }
    return byName;
  });

/** The `config` section, with the keys of ContextForge. */
export const rateLimiterConfig = z
  .strictObject({
    by_user: optionalRate,
    by_user_per_server: optionalRate,
    by_tenant: optionalRate,
    by_tool: byTool,
    algorithm: z.enum(['fixed_window', 'sliding_window', 'token_bucket']).default('fixed_window'),
    backend: z.enum(['memory', 'redis']).default('memory'),
    redis_url: z
      .string()
      .regex(/^rediss?:\/\//, 'expected redis:// or rediss://')
      .nullish(),
    redis_key_prefix: z.string().default('rl'),
    fail_mode: z.enum(['open', 'closed']).default('closed'),
    redis_ssl_ca_certs: optionalPath,
    redis_ssl_certfile: optionalPath,
    redis_ssl_keyfile: optionalPath,
    redis_ssl_check_hostname: z.boolean().default(true),
    // In shipped files of ContextForge, whose present limiter does not read it either.
    redis_fallback: z.boolean().optional(),
  })
  .superRefine(({ backend, redis_url, ...config }, context) => {
    const refuse = (key: string, message: string): void => context.addIssue({ code: 'custom', path: [key], message });
    if (backend === 'redis' && !redis_url) refuse('redis_url', 'is needed where the backend is redis');
    const isTls = redis_url?.startsWith('rediss://') === true;
    for (const key of ['redis_ssl_ca_certs', 'redis_ssl_certfile', 'redis_ssl_keyfile'] as const) {
      if (config[key] && !isTls) refuse(key, 'means something only where redis_url begins with rediss://');
    }
    if (!config.redis_ssl_check_hostname && !isTls) {
      refuse('redis_ssl_check_hostname', 'means something only where redis_url begins with rediss://');
    }
    if (Boolean(config.redis_ssl_certfile) !== Boolean(config.redis_ssl_keyfile)) {
      refuse('redis_ssl_certfile', 'and redis_ssl_keyfile are needed both, or none');
    }
  });

export type RateLimiterConfig = z.output<typeof rateLimiterConfig>;
