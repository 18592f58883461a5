import * as fc from 'fast-check';
import { applyFault, createConnectionHarness, faultArbitrary } from 'gatechart/testing';
import { expect, test } from 'vitest';

test('whatever goes wrong, every call ends in time and there is never more than one link', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(faultArbitrary({ maxMs: 5_000 }), { maxLength: 10 }), async (faults) => {
      await using harness = createConnectionHarness({ reply: (message: string) => message });
      for (const fault of faults) {
        applyFault(harness.transport, fault);
        const call = harness.connection.request('hello', { timeoutMs: 2_000 });
        const [ended] = await Promise.allSettled([harness.after(2_000, call)]);
        expect(['fulfilled', 'rejected']).toContain(ended.status);
      }
      expect(harness.transport.mostLiving).toBeLessThanOrEqual(1);
    }),
    { numRuns: 50 },
  );
});
