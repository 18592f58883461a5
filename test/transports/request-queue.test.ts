import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Exchange } from '../../src/transports/http/dispatch/http-exchange.js';
import { RequestQueue } from '../../src/transports/http/dispatch/request-queue.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { httpSettings } from '../fixtures/transports/transports.js';

const poolTimeoutMs = 100;

/** A queue, and requests that leave it when they fail, as those of the dispatcher do. */
function newQueue() {
  const clock = new ManualClock();
  const queue = new RequestQueue<Exchange>({ name: 'guard', http: { ...httpSettings, poolTimeoutMs }, clock });
  const failed: number[] = [];
  const owner = { clock, broke() {}, released: (exchange: Exchange) => queue.remove(exchange), ended() {} };
  const newExchange = (number: number): Exchange =>
    new Exchange(
      owner,
      { method: 'POST', path: '/', headers: {}, idleTimeoutMs: 0 },
      {
        head() {},
        data() {},
        end() {},
        failed: (error, stage) => {
          expect(error.message).toContain('no connection became free within 100 ms');
          expect(stage).toBe('queued');
          failed.push(number);
        },
      },
    );
  return { clock, queue, failed, newExchange };
}

// One more waits, the first goes, one of them is cancelled, or time passes.
const steps = fc.array(
  fc.oneof(
    fc.constant('add' as const),
    fc.constant('next' as const),
    fc.record({ cancel: fc.nat() }),
    fc.record({ ms: fc.nat(60) }),
  ),
  { maxLength: 60 },
);

test('requests leave the queue in the order in which they came, by themselves after the pool time-out, each once', () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const { clock, queue, failed, newExchange } = newQueue();
      let waiting: { exchange: Exchange; number: number; until: number }[] = [];
      const expected: number[] = [];
      for (const [number, step] of taken.entries()) {
        if (step === 'add') {
          const exchange = newExchange(number);
          queue.add(exchange);
          waiting.push({ exchange, number, until: clock.now() + poolTimeoutMs });
        } else if (step === 'next') {
          expect(queue.next()).toBe(waiting.shift()?.exchange);
        } else if ('cancel' in step) {
          const [cancelled] = waiting.splice(step.cancel % Math.max(waiting.length, 1), 1);
          cancelled?.exchange.cancel();
        } else {
          clock.advance(step.ms);
          expected.push(...waiting.filter(({ until }) => until <= clock.now()).map((one) => one.number));
          waiting = waiting.filter(({ until }) => until > clock.now());
        }
        expect(failed).toEqual(expected);
        expect(clock.holding).toBe(waiting.length > 0 ? 1 : 0);
      }
      for (const { exchange } of waiting) expect(queue.next()).toBe(exchange);
      expect(queue.next()).toBeUndefined();
      queue.close();
      expect(clock.size).toBe(0);
    }),
  );
});
