import * as fc from 'fast-check';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SlidingWindow } from '../../src/catalogue/rate-limiter/rate-counter.js';
import { MemoryRateStore, mostKeys } from '../../src/catalogue/rate-limiter/memory-rate-store.js';
import { readRate } from '../../src/catalogue/rate-limiter/rate.js';
import {
  createManager,
  type GlobalContext,
  type HookOutcome,
  type PluginManager,
  silentLogger,
} from '../../src/index.js';
import { ManualClock } from '../../src/testing/index.js';
import { managerOf } from '../fixtures/catalogue/one-plugin.js';
import { hasRedis, hasRedisTls, type RedisTls, startRedis } from '../fixtures/catalogue/redis-server.js';
import { type Certificates, makeCertificates } from '../fixtures/certificates.js';
import { rejection } from '../fixtures/waiting.js';

const hooks = ['tool_pre_invoke', 'prompt_pre_fetch'];
const algorithms = ['fixed_window', 'sliding_window', 'token_bucket'] as const;

function call(manager: PluginManager, context: Partial<GlobalContext> = {}, name = 't'): Promise<HookOutcome> {
  return manager.invokeHook('tool_pre_invoke', { name, args: {} }, { requestId: 'r', ...context });
}

async function codes(manager: PluginManager, contexts: readonly Partial<GlobalContext>[]): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const context of contexts) found.push((await call(manager, context)).violation?.code);
  return found;
}

describe('a rate', () => {
  it.each([
    ['60/m', 60, 60],
    ['1/s', 1, 1],
    [' 5 / Hour ', 5, 3600],
    ['+7/min', 7, 60],
  ])('is read from %s', (text, count, seconds) => {
    expect(readRate(text)).toEqual({ count, windowMs: seconds * 1000 });
  });

  it.each(['', '5', '5/', '/m', '0/m', '-1/m', '1.5/m', '1e3/s', '5/d', '5/m/s', '1000001/s', '5/toString', '5/ms'])(
    'is not %j',
    (text) => {
      expect(readRate(text)).toEqual(expect.stringContaining(text));
    },
  );
});

describe('the rate limiter', () => {
  it('counts users, tenants and tools, each on their own, and says how long to wait', async () => {
    const clock = new ManualClock();
    await using manager = await managerOf(
      'rate-limiter',
      hooks,
      { by_user: '3/h', by_tenant: '2/m', by_tool: { ' T ': '5/h' } },
      { clock },
    );
    const a = { user: 'u', tenantId: 'a' };
    expect(await codes(manager, [a, a])).toEqual([undefined, undefined]);
    clock.advance(20_000);
    const reset = Math.floor(Date.now() / 1000) + 40;
    const { continueProcessing, violation } = await call(manager, a);

    expect(continueProcessing).toBe(false);
    expect(violation).toMatchObject({
      code: 'RATE_LIMIT',
      httpStatusCode: 429,
      httpHeaders: { 'X-RateLimit-Limit': '2', 'X-RateLimit-Remaining': '0', 'Retry-After': '40' },
      details: {
        limited: true,
        remaining: 0,
        reset_in: 40,
        user_id: 'u',
        tenant_id: 'a',
        dimensions: {
          violated: [{ reset_in: 40 }],
          allowed: [
            { remaining: 0, reset_in: 3580 },
            { remaining: 2, reset_in: 3580 },
          ],
        },
      },
    });
    expect(Number(violation?.httpHeaders?.['X-RateLimit-Reset'])).toBeGreaterThanOrEqual(reset);
    expect(Number(violation?.httpHeaders?.['X-RateLimit-Reset'])).toBeLessThanOrEqual(reset + 1);
    clock.advance(40_000);
    expect(await codes(manager, [{ ...a, user: 'v' }])).toEqual([undefined]);
  });

  it('keeps a user of one tenant apart from the same name in another', async () => {
    await using manager = await managerOf('rate-limiter', hooks, { by_user: '1/h' });
    const users = [
      { user: 'u', tenantId: 'a' },
      { user: 'u', tenantId: 'b' },
      { user: ' u ', tenantId: 'a' },
    ];
    expect(await codes(manager, users)).toEqual([undefined, undefined, 'RATE_LIMIT']);
  });

  it('counts those whose id nobody knows as one', async () => {
    await using manager = await managerOf('rate-limiter', hooks, { by_user: '1/h' });
    expect(await codes(manager, [{}, { user: '' }, { user: { name: 'x' } }])).toEqual([
      undefined,
      'RATE_LIMIT',
      'RATE_LIMIT',
    ]);
  });

  it('lets nothing pass that it cannot put to a server, where it counts by server', async () => {
    await using manager = await managerOf('rate-limiter', hooks, { by_user_per_server: '1/h' });
    const missing = 'RATE_LIMIT_CONTEXT_MISSING';
    const servers = [{}, { serverId: 'a b' }, { serverId: 'x'.repeat(129) }, { serverId: 's' }, { serverId: 's' }];
    expect(await codes(manager, servers)).toEqual([missing, missing, missing, undefined, 'RATE_LIMIT']);
  });

  it('counts a prompt under its name as it counts a tool', async () => {
    await using manager = await managerOf('rate-limiter', hooks, { by_tool: { t: '1/h' } });
    await call(manager, {}, ' T');
    const outcome = await manager.invokeHook('prompt_pre_fetch', { promptId: 't' }, { requestId: 'r' });
    expect(outcome.violation?.code).toBe('RATE_LIMIT');
    expect((await call(manager, {}, 'other')).continueProcessing).toBe(true);
  });

  it('tells its figures where the request is traced', async () => {
    await using manager = await managerOf('rate-limiter', hooks, { by_user: '1/h' });
    const traced = { extensions: { request: { traceId: '0af7651916cd43dd8448eb211c80319c' } } };
    const ask = (): Promise<HookOutcome> =>
      manager.invokeHook('tool_pre_invoke', { name: 't', args: {} }, { requestId: 'r' }, traced);
    expect((await ask()).metadata).toMatchObject({ rate_limiter: { allowed: 1, throttled: 0, backend: 'memory' } });
    expect((await ask()).metadata).toMatchObject({ rate_limiter: { allowed: 0, throttled: 1 } });
  });

  it.each([
    [{ by_user: 'sixty' }, 'config.by_user: "sixty" is no rate'],
    [{ by_tool: { T: '1/s', ' t': '2/s' } }, 'config.by_tool[" t"]: is there twice'],
    [{ by_tool: { t: '0/s' } }, 'config.by_tool.t: "0/s" allows 0 calls'],
    [{ byUser: '1/s' }, 'config.byUser: unknown key'],
    [{ backend: 'redis' }, 'config.redis_url: is needed'],
    [{ redis_url: 'http://x' }, 'config.redis_url: expected redis:// or rediss://'],
    [
      { redis_url: 'redis://x', redis_ssl_check_hostname: false },
      'config.redis_ssl_check_hostname: means something only',
    ],
    [{ backend: 'redis', redis_url: 'rediss://x', redis_ssl_ca_certs: '/none' }, 'config.redis_ssl_ca_certs: ENOENT'],
    [{ fail_mode: 'maybe' }, 'config.fail_mode: '],
  ])('refuses the configuration %j', async (config, message) => {
    const error = await rejection(managerOf('rate-limiter', hooks, config));
    expect(error).toMatchObject({ code: 'PLUGIN_LOAD_FAILED', message: expect.stringContaining(message) });
  });

  it('takes any context, and never fails', async () => {
    await using manager = await managerOf('rate-limiter', hooks, {
      by_user: '1000000/h',
      by_tenant: '1000000/h',
      by_tool: { t: '1000000/h' },
    });
    const user = fc.oneof(
      fc.string(),
      fc.constant(null),
      fc.dictionary(fc.constantFrom('email', 'id', 'sub', '__proto__'), fc.jsonValue()),
    );
    await fc.assert(
      fc.asyncProperty(user, fc.option(fc.string()), fc.string(), async (who, tenantId, name) => {
        const outcome = await call(manager, { user: who, tenantId }, name);
        expect(outcome).toMatchObject({ continueProcessing: true, modifiedPayload: undefined });
      }),
    );
  });
});

/** What each algorithm promises, written down once more: from all calls that passed, and their times. */
function expected(algorithm: (typeof algorithms)[number], count: number, windowMs: number) {
  const passed: number[] = [];
  let beganAt = Number.NEGATIVE_INFINITY;
  let [tokens, at] = [count, 0];
  return (now: number): boolean => {
    if (algorithm === 'fixed_window' && now >= beganAt + windowMs) {
      beganAt = now;
      passed.length = 0;
    }
    tokens = Math.min(count, tokens + ((now - at) * count) / windowMs);
    at = now;
    const allowed = {
      fixed_window: passed.length < count,
      sliding_window: passed.filter((time) => time > now - windowMs).length < count,
      token_bucket: tokens >= 1,
    }[algorithm];
    if (allowed) passed.push(now);
    if (allowed) tokens--;
    return allowed;
  };
}

describe('counting in memory', () => {
  it.each(algorithms)('lets pass with %s what it promises, and nobody who waits as told waits in vain', (algorithm) => {
    const waits = fc.array(fc.constantFrom(0, 0, 1, 125, 250, 500, 1_000, 2_000, 'as told' as const), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(waits, fc.constantFrom(1, 2, 4, 8), (list, count) => {
        const clock = new ManualClock();
        const store = new MemoryRateStore(algorithm, clock);
        const model = expected(algorithm, count, 1_000);
        let told = 0;
        for (const wait of list) {
          clock.advance(wait === 'as told' ? told : wait);
          const [verdict] = store.take([{ key: 'k', count, windowMs: 1_000 }]);
          expect(verdict?.allowed).toBe(model(clock.now()));
          if (wait === 'as told') expect(verdict?.allowed).toBe(true);
          expect(verdict?.remaining).toBeGreaterThanOrEqual(0);
          told = verdict?.resetMs ?? 0;
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each(algorithms)('gives nobody their calls back with %s because others call', (algorithm) => {
    const clock = new ManualClock();
    const store = new MemoryRateStore(algorithm, clock);
    const take = (key: string): boolean =>
      store.take([{ key, count: 1, windowMs: 3_600_000 }]).every(({ allowed }) => allowed);
    expect([take('first'), take('first')]).toEqual([true, false]);
    for (let index = 1; index < mostKeys; index++) take(`flood ${index}`);
    expect(() => take('one too many')).toThrow('as many keys are counted as there is room for');
    expect(take('first')).toBe(false);
    clock.advance(3_600_000);
    expect(take('one too many')).toBe(true);
  });

  it('lets no more pass in a sliding window where calls share times, and none wait that keep an eighth below', () => {
    const [windowMs, count] = [800, 4];
    const calls = fc.array(fc.record({ gap: fc.nat({ max: 400 }), isThrifty: fc.boolean() }), { maxLength: 60 });
    fc.assert(
      fc.property(calls, (list) => {
        const counter = new SlidingWindow({ count, windowMs });
        const passed: number[] = [];
        let now = 0;
        for (const { gap, isThrifty } of list) {
          now += gap;
          const since = (ms: number): number => passed.filter((time) => time > now - ms).length;
          const { allowed, remaining } = counter.take(now, isThrifty);
          if (since(windowMs) >= count) expect(allowed).toBe(false);
          if (since((windowMs * 9) / 8) < count) expect(allowed).toBe(true);
          if (allowed) passed.push(now);
          expect(remaining).toBeGreaterThanOrEqual(0);
          expect(counter.size).toBeLessThanOrEqual(count);
        }
      }),
      { numRuns: 500 },
    );
  });

  describe('with as many times of calls as it remembers', () => {
    const windowMs = 3_600_000;
    const filled = () => {
      const clock = new ManualClock();
      const store = new MemoryRateStore('sliding_window', clock);
      const take = (key: string, count = 5): boolean | undefined =>
        store.take([{ key, count, windowMs }]).at(0)?.allowed;
      take('early');
      for (let index = 1; index < 1_000_000; index++) take('many', 1_000_000);
      return { clock, take };
    };

    it('takes no new key, and says what there is no room for', () => {
      const { take } = filled();
      expect(() => take('new')).toThrow('as many times of calls are remembered as there is room for');
    });

    it('goes on counting who is counted already, for whom it lets pass what it promises', () => {
      const { clock, take } = filled();
      expect([take('early'), take('early')]).toEqual([true, true]);
      clock.advance(windowMs / 2);
      expect([take('early'), take('early'), take('early')]).toEqual([true, true, false]);
      clock.advance(windowMs / 2);
      expect([take('early'), take('early'), take('early'), take('early')]).toEqual([true, true, true, false]);
    });

    it('has room again for what is over, though the key has calls that are not', () => {
      const { clock, take } = filled();
      clock.advance(windowMs - 1);
      take('many', 1_000_001);
      clock.advance(1);
      expect(take('new')).toBe(true);
    });
  });
});

describe.runIf(hasRedis)('counting in Redis', () => {
  it.each(algorithms)('is shared by all who count there with %s', async (algorithm) => {
    await using redis = await startRedis();
    const config = { algorithm, backend: 'redis', redis_url: redis.url, by_user: '2/h', by_tenant: '9/m' };
    await using one = await managerOf('rate-limiter', hooks, config);
    await using other = await managerOf('rate-limiter', hooks, config);
    const who = { user: 'u', tenantId: 'a' };

    expect([...(await codes(one, [who])), ...(await codes(other, [who, who])), ...(await codes(one, [who]))]).toEqual([
      undefined,
      undefined,
      'RATE_LIMIT',
      'RATE_LIMIT',
    ]);
    expect((await redis.client.keys('*')).sort()).toEqual(['rl:a:tenant:a:60', 'rl:a:user:u:3600']);
    for (const key of await redis.client.keys('*')) expect(await redis.client.ttl(key)).toBeGreaterThan(0);
  });

  it.each(algorithms)('lets calls pass again with %s once the window is over', async (algorithm) => {
    await using redis = await startRedis();
    await using manager = await managerOf('rate-limiter', hooks, {
      algorithm,
      backend: 'redis',
      redis_url: redis.url,
      by_user: '2/s',
    });
    expect(await codes(manager, [{}, {}, {}])).toEqual([undefined, undefined, 'RATE_LIMIT']);
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await codes(manager, [{}])).toEqual([undefined]);
  });

  it.each(algorithms)('lets no more pass with %s than may, however many ask at once', async (algorithm) => {
    await using redis = await startRedis();
    await using manager = await managerOf('rate-limiter', hooks, {
      algorithm,
      backend: 'redis',
      redis_url: redis.url,
      by_user: '10/h',
    });
    const outcomes = await Promise.all(Array.from({ length: 50 }, () => call(manager)));
    expect(outcomes.filter(({ continueProcessing }) => continueProcessing)).toHaveLength(10);
  });

  it('lets nothing pass while Redis is away, unless it is told to, and counts again when it is back', async () => {
    const gone = await startRedis();
    const config = { backend: 'redis', redis_url: gone.url, by_user: '1/h' };
    await using closed = await managerOf('rate-limiter', hooks, config);
    await using open = await managerOf('rate-limiter', hooks, { ...config, fail_mode: 'open' });
    await codes(closed, [{}]);
    await gone[Symbol.asyncDispose]();

    const { violation } = await call(closed);
    expect(violation).toMatchObject({
      code: 'BACKEND_UNAVAILABLE',
      httpStatusCode: 503,
      httpHeaders: { 'Retry-After': '1' },
    });
    expect((await call(open)).continueProcessing).toBe(true);
    await using back = await startRedis(Number(new URL(gone.url).port));
    expect(back.url).toBeDefined();
    expect(await codes(closed, [{}, {}])).toEqual([undefined, 'RATE_LIMIT']);
  });
});

describe.runIf(hasRedisTls)('counting in Redis over TLS', () => {
  let certificates: Certificates;
  beforeAll(() => {
    certificates = makeCertificates();
  });
  afterAll(() => certificates.remove());

  const away = 'BACKEND_UNAVAILABLE';
  it.each<[string, (all: Certificates) => object, (all: Certificates) => RedisTls, string | undefined]>([
    ['an authority that is known', () => ({ redis_ssl_ca_certs: 'ca.crt' }), (all) => all, undefined],
    ['one that is not', () => ({}), (all) => all, away],
    ['another one', () => ({ redis_ssl_ca_certs: 'other-ca.crt' }), (all) => all, away],
    ['another host', () => ({ redis_ssl_ca_certs: 'ca.crt' }), (all) => ({ ...all, server: all.wrongHost }), away],
    [
      'another host that need not be the right one',
      () => ({ redis_ssl_ca_certs: 'ca.crt', redis_ssl_check_hostname: false }),
      (all) => ({ ...all, server: all.wrongHost }),
      undefined,
    ],
    [
      'a certificate of ours, which is asked for',
      () => ({ redis_ssl_ca_certs: 'ca.crt', redis_ssl_certfile: 'client.crt', redis_ssl_keyfile: 'client.key' }),
      (all) => ({ ...all, asksClients: true }),
      undefined,
    ],
    [
      'none, though one is asked for',
      () => ({ redis_ssl_ca_certs: 'ca.crt' }),
      (all) => ({ ...all, asksClients: true }),
      away,
    ],
  ])('with %s, by files beside the configuration', async (_, settings, server, code) => {
    await using redis = await startRedis(undefined, server(certificates));
    const config = { backend: 'redis', redis_url: redis.url, by_user: '2/h', ...settings(certificates) };
    const file = join(certificates.dir, 'plugins.json');
    await writeFile(file, JSON.stringify({ plugins: [{ name: 'Guard', kind: 'rate-limiter', hooks, config }] }));
    await using manager = await createManager({ config: file, logger: silentLogger, env: {} });
    expect(await codes(manager, [{}])).toEqual([code]);
  });
});
