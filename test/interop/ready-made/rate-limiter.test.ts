import { setTimeout as wait } from 'node:timers/promises';
import * as fc from 'fast-check';
import { expect, inject, it } from 'vitest';
import type { HookOutcome } from '../../../src/index.js';
import { managerOf } from '../../fixtures/catalogue/one-plugin.js';
import { hasRedis, startRedis } from '../../fixtures/catalogue/redis-server.js';
import { type OracleCall, type OracleResult, startOracle } from './oracle.js';

const kind = 'cpex_rate_limiter.RateLimiterPlugin';
const hooks = ['tool_pre_invoke', 'prompt_pre_fetch'];
const seed = 20_260_102;
const algorithms = ['fixed_window', 'sliding_window', 'token_bucket'] as const;

/**
 * What is left out of the comparison. Times: theirs are whole seconds that are rounded here up and there down, ours are
 * rounded up; they may be one apart, and more on a machine that is busy between the one and the other. Ids that are no texts and no numbers: theirs makes a text of them, ours counts them
 * with those whose id nobody knows. Rates are by the hour, so that no window ends meanwhile: their clock cannot be set.
 */
const tolerance = 10;

const context = fc.record(
  {
    user: fc.oneof(
      fc.constantFrom<unknown>('u', ' u ', 'U', 'v', '', null),
      fc.constantFrom<unknown>(
        { email: 'u' },
        { id: 7 },
        { email: '', sub: 'v' },
        { name: 'u' },
        { email: 'w', id: 'v' },
      ),
    ),
    tenant_id: fc.constantFrom('a', ' a', 'b', '', null),
    server_id: fc.constantFrom('s1', 's1', 's1', 's2', 's 3', '', null, 'x'.repeat(129)),
  },
  { requiredKeys: ['server_id'] },
);
const name = fc.constantFrom('t', 'T', ' t ', 'u', 'other');
const call: fc.Arbitrary<OracleCall> = fc.oneof(
  fc.record({ hook: fc.constant('tool_pre_invoke'), payload: fc.record({ name, args: fc.constant({}) }), context }),
  fc.record({
    hook: fc.constant('prompt_pre_fetch'),
    payload: fc.record({ prompt_id: name, args: fc.constant({}) }),
    context,
  }),
);
const rate = fc.constantFrom('1/h', ' 2 / Hour', '+3/hr', '4/h');
const config = fc.record(
  {
    algorithm: fc.constantFrom(...algorithms),
    by_user: rate,
    by_user_per_server: rate,
    by_tenant: rate,
    by_tool: fc.constantFrom({}, { t: '2/h' }, { ' T': '3/h', u: '1/h' }),
  },
  { requiredKeys: ['algorithm'] },
);

function asked(made: OracleCall, requestId: string): [{ name: string }, object] {
  const { user, tenant_id, server_id } = made.context as Record<string, unknown>;
  const payload = made.payload as { name: string; prompt_id?: string };
  const { prompt_id: promptId, ...rest } = payload;
  const ours = promptId === undefined ? rest : { ...rest, promptId };
  return [ours, { requestId, user, tenantId: tenant_id, serverId: server_id }];
}

interface Compared {
  readonly same: object;
  /** Seconds, of which those of the same place may be so far apart. */
  readonly seconds: readonly number[];
}

function comparable(continues: unknown, given: unknown, metadata: unknown): Compared {
  const violation = (given ?? {}) as Record<string, unknown>;
  const seconds: number[] = [];
  const without = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(without);
    return Object.fromEntries(
      Object.entries(value).flatMap(([key, part]) => {
        if (!['reset_in', 'Retry-After', 'X-RateLimit-Reset'].includes(key)) return [[key, without(part)]];
        seconds.push(Number(part));
        return [];
      }),
    );
  };
  const { code, description, details } = violation;
  const status: unknown = violation['http_status_code'] ?? violation['httpStatusCode'];
  const headers = violation['http_headers'] ?? violation['httpHeaders'];
  return {
    same: {
      continues,
      code,
      description,
      details: without(details),
      headers: without(headers ?? {}),
      status,
      metadata,
    },
    seconds,
  };
}

function expectSame(ours: HookOutcome, theirs: OracleResult | undefined, where: string): unknown {
  const { continue_processing, violation, metadata } = theirs?.result ?? {};
  const one = comparable(ours.continueProcessing, ours.violation, ours.metadata ?? {});
  const other = comparable(continue_processing, violation, metadata ?? {});
  expect(one.same, where).toEqual(other.same);
  expect(one.seconds.length, where).toBe(other.seconds.length);
  one.seconds.forEach((seconds, index) =>
    expect(Math.abs(seconds - (other.seconds[index] ?? 0)), where).toBeLessThanOrEqual(tolerance),
  );
  return Reflect.get(one.same, 'code');
}

it.runIf(inject('pythons') !== null)(
  'what passes, and what is told of it, is as with theirs',
  { timeout: 60_000 },
  async () => {
    const pythons = inject('pythons');
    if (pythons === null) return;
    await using oracle = await startOracle('cpex', pythons.cpex);
    const given = fc.sample(
      fc.record({ config, calls: fc.array(call, { minLength: 15, maxLength: 25 }), traced: fc.boolean() }),
      { seed, numRuns: 40 },
    );
    const codes = new Map<unknown, number>();
    for (const [number, each] of given.entries()) {
      const calls = each.calls.map((made) =>
        each.traced ? { ...made, extensions: { request: { trace_id: 'ab'.repeat(16) } } } : made,
      );
      const answers = await oracle.ask({ kind, config: each.config, hooks, calls });
      await using manager = await managerOf(kind, hooks, each.config);
      for (const [index, made] of each.calls.entries()) {
        const [payload, request] = asked(made, String(index));
        const options = each.traced ? { extensions: { request: { traceId: 'ab'.repeat(16) } } } : {};
        const outcome = await manager.invokeHook(
          made.hook as 'tool_pre_invoke',
          payload,
          request as { requestId: string },
          options,
        );
        const code = expectSame(outcome, answers[index], `seed ${seed}, sequence ${number}, call ${index}`);
        codes.set(code, (codes.get(code) ?? 0) + 1);
      }
    }
    expect([...codes.values()].reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(500);
    expect(new Set(codes.keys())).toEqual(new Set(['RATE_LIMIT', 'RATE_LIMIT_CONTEXT_MISSING', undefined]));
  },
);

it.runIf(inject('pythons') !== null && hasRedis).each(algorithms)(
  'ours and theirs count together in one Redis with %s',
  async (algorithm) => {
    const pythons = inject('pythons');
    if (pythons === null) return;
    await using oracle = await startOracle('cpex', pythons.cpex);
    await using redis = await startRedis();
    const shared = {
      backend: 'redis',
      redis_url: redis.url,
      algorithm,
      by_user: '5/h',
      by_user_per_server: '9/h',
      by_tenant: '20/h',
      by_tool: { t: '30/h' },
    };
    const theirs: OracleCall = {
      hook: 'tool_pre_invoke',
      payload: { name: 'T', args: {} },
      context: { user: 'u', tenant_id: 'a', server_id: 's' },
    };
    await using manager = await managerOf(kind, hooks, shared);
    const ours = async (): Promise<boolean> => {
      const request = { requestId: 'r', user: 'u', tenantId: 'a', serverId: 's' };
      return (await manager.invokeHook('tool_pre_invoke', { name: 't', args: {} }, request)).continueProcessing;
    };
    const their = async (times: number): Promise<unknown[]> =>
      (await oracle.ask({ kind, config: shared, hooks, calls: Array.from({ length: times }, () => theirs) })).map(
        ({ result }) => result?.['continue_processing'],
      );

    expect([await ours(), await ours()]).toEqual([true, true]);
    // In one second with ours, theirs takes the beginning of that second for now, and a part of a token away.
    await wait(1000);
    expect(await their(4)).toEqual([true, true, true, false]);
    expect(await ours()).toBe(false);
    expect(await redis.client.keys('*')).toHaveLength(4);
  },
);
