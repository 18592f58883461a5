import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { RateLimit } from '../../src/serving/http/rate-limit.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { initialize, post } from '../fixtures/hosting/raw-http.js';
import { bearer, callOnce, errorOf, openGateway } from '../fixtures/gateway/gateway-over-http.js';

const rates = fc.record({ perSecond: fc.integer({ min: 1, max: 50 }), burst: fc.integer({ min: 1, max: 10 }) });
const acts = fc.array(fc.record({ client: fc.constantFrom('a', 'b', 'c'), after: fc.integer({ min: 0, max: 400 }) }), {
  maxLength: 60,
});

test.prop([rates, acts])('each client has a bucket of tokens, that fills by the clock', (rate, all) => {
  const clock = new ManualClock();
  const limit = new RateLimit(rate, clock);
  const buckets = new Map<string, { tokens: number; at: number }>();
  for (const { client, after } of all) {
    clock.advance(after);
    const { tokens, at } = buckets.get(client) ?? { tokens: rate.burst, at: 0 };
    const now = Math.min(rate.burst, tokens + ((clock.now() - at) * rate.perSecond) / 1000);
    const waitMs = limit.take(client);
    // What both compute differs by rounding alone.
    if (now >= 1 + 1e-6) expect(waitMs).toBeUndefined();
    if (now < 1 - 1e-6) expect(waitMs).toBeCloseTo(((1 - now) * 1000) / rate.perSecond, 4);
    buckets.set(client, { tokens: waitMs === undefined ? now - 1 : now, at: clock.now() });
  }
});

test.prop([rates, fc.array(fc.integer({ min: 0, max: 30 }), { minLength: 5, maxLength: 200 })])(
  'clients are forgotten only when they have everything back, and never more are kept than may be',
  (rate, clients) => {
    const clock = new ManualClock();
    const limit = new RateLimit(rate, clock, 4);
    const taken = new Map<number, number>();
    for (const client of clients) {
      clock.advance(1);
      if (limit.take(`${client}`) === undefined) taken.set(client, (taken.get(client) ?? 0) + 1);
      expect(limit.size).toBeLessThanOrEqual(4);
    }
    const most = rate.burst + (clients.length / 1000) * rate.perSecond + 1;
    for (const count of taken.values()) expect(count).toBeLessThanOrEqual(2 * most);
  },
);

it('clients beyond those that are told apart share what one may have', () => {
  const clock = new ManualClock();
  const limit = new RateLimit({ perSecond: 1, burst: 2 }, clock, 2);
  const taken = ['a', 'b', 'c', 'd', 'e'].map((client) => limit.take(client) === undefined);
  expect(taken).toEqual([true, true, true, true, false]);
  clock.advance(1_000);
  expect(['f', 'g'].map((client) => limit.take(client) === undefined)).toEqual([true, true]);
});

describe('over HTTP', () => {
  const token = 'a-token-of-more-than-16-characters';

  it('a client that asks too often is told when to ask again', async () => {
    const clock = new ManualClock();
    const { url } = await openGateway({ rate: { perSecond: 0.5, burst: 2 } }, { clock });
    expect([(await post(url, initialize)).status, (await post(url, initialize)).status]).toEqual([200, 200]);
    const answer = await post(url, initialize);
    expect(answer).toMatchObject({ status: 429, headers: { 'retry-after': '2' } });
    expect(errorOf(answer)).toMatchObject({ code: -32_005, message: expect.stringContaining('Too many requests') });
    clock.advance(2_000);
    expect((await post(url, initialize)).status).toBe(200);
  });

  it('who has proven who they are is not held up by those at the same address who have not', async () => {
    const { url } = await openGateway({ token, rate: { perSecond: 1, burst: 2 } }, { clock: new ManualClock() });
    const statuses = [];
    for (let attempt = 0; attempt < 4; attempt++) statuses.push((await post(url, initialize, bearer('wrong'))).status);
    expect(statuses).toEqual([401, 401, 429, 429]);
    expect((await callOnce(url, bearer(token))).status).toBe(200);
    expect((await post(url, initialize, bearer(token))).status).toBe(429);
  });
});
