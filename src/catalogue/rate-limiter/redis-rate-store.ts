import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Redis } from 'ioredis';
import { expandHome } from '../../config/source/path-base.js';
import { messageOf } from '../../errors.js';
import { missingPackage } from '../optional-package.js';
import type { Verdict } from './rate-counter.js';
import type { RateLimiterConfig } from './rate-limiter-settings.js';
import { type CountedKey, NotCountedError, type RateStore } from './rate-store.js';
import { redisScripts } from './redis-scripts.js';

/** Milliseconds that connecting, or counting, may take. A limiter that waits holds up every call. */
const timeoutMs = 1_000;

/**
 * Counts in Redis, for several processes together. It connects when something is to be counted, and again for the next
 * call where that has failed: nothing is tried twice for one call.
 */
export class RedisRateStore implements RateStore {
  readonly #config: RateLimiterConfig;
  readonly #baseDir: string;
  readonly #lost: (why: string) => void;
  #connect: (() => Redis) | undefined;
  #client: Redis | undefined;

  /**
   * @param baseDir where relative paths start
   * @param lost hears why the connection ended, or never came about
   */
  constructor(config: RateLimiterConfig, baseDir: string, lost: (why: string) => void) {
    this.#config = config;
    this.#baseDir = baseDir;
    this.#lost = lost;
  }

  async open(): Promise<void> {
    const { Redis: Client } = await import('ioredis').catch(missingPackage('ioredis'));
    const tls = await tlsOf(this.#config, this.#baseDir);
    const url = this.#config.redis_url ?? '';
    this.#connect = () => {
      const client = new Client(url, {
        ...tls,
        connectTimeout: timeoutMs,
        commandTimeout: timeoutMs,
        maxRetriesPerRequest: 0,
        // Whoever counts next connects again.
        retryStrategy: () => null,
      });
      client.on('error', (error) => this.#lost(messageOf(error)));
      return client;
    };
  }

  async take(keys: readonly CountedKey[]): Promise<readonly Verdict[]> {
    if (keys.length === 0) return [];
    const { algorithm, redis_key_prefix: prefix } = this.#config;
    const names = keys.map(({ key, windowMs }) => `${prefix}:${key}:${windowMs / 1000}`);
    const call = randomUUID();
    const values = keys.flatMap(({ count, windowMs }, index) => [count, windowMs / 1000, `${call}:${index}`]);
    try {
      return verdictsOf(await this.#usable().eval(redisScripts[algorithm], names.length, ...names, ...values), keys);
    } catch (error) {
      throw new NotCountedError('unreachable', messageOf(error), error);
    }
  }

  close(): Promise<void> {
    this.#client?.disconnect();
    this.#client = this.#connect = undefined;
    return Promise.resolve();
  }

  #usable(): Redis {
    if (this.#connect === undefined) throw new Error('the plugin has shut down');
    if (this.#client?.status === 'end') this.#client = undefined;
    return (this.#client ??= this.#connect());
  }
}

/** @throws Error for what is no answer of the script */
function verdictsOf(answer: unknown, keys: readonly CountedKey[]): readonly Verdict[] {
  const rows: unknown[] = Array.isArray(answer) ? answer : [];
  return keys.map((_key, index) => {
    const row = rows[index];
    if (!Array.isArray(row) || !row.every((value) => typeof value === 'number')) throw new Error('Redis gave no count');
    const [allowed = 0, remaining = 0, resetMs = 0] = row;
    return { allowed: allowed === 1, remaining, resetMs };
  });
}

async function tlsOf(config: RateLimiterConfig, baseDir: string): Promise<{ readonly tls?: object }> {
  if (config.redis_url?.startsWith('rediss://') !== true) return {};
  const { redis_ssl_ca_certs, redis_ssl_certfile, redis_ssl_keyfile, redis_ssl_check_hostname } = config;
  const [ca, cert, key] = await Promise.all([
    contentOf('redis_ssl_ca_certs', redis_ssl_ca_certs, baseDir),
    contentOf('redis_ssl_certfile', redis_ssl_certfile, baseDir),
    contentOf('redis_ssl_keyfile', redis_ssl_keyfile, baseDir),
  ]);
  return {
    tls: {
      ...(ca && { ca }),
      ...(cert && { cert }),
      ...(key && { key }),
      // The certificate has to be valid all the same.
      ...(!redis_ssl_check_hostname && { checkServerIdentity: () => undefined }),
    },
  };
}

async function contentOf(key: string, path: string | null | undefined, baseDir: string): Promise<string | undefined> {
  if (!path) return undefined;
  try {
    return await readFile(resolve(baseDir, expandHome(path)), 'utf8');
  } catch (error) {
    throw new Error(`config.${key}: ${messageOf(error)}`, { cause: error });
  }
}
