import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { PluginError, PluginViolationError } from '../../src/index.js';
import { type ChainEntry, startChain } from '../fixtures/manager/timed-chain.js';

const acts = ['passes', 'changes', 'blocks', 'throws', 'denies', 'hangs'] as const;
type Act = (typeof acts)[number];

const limitMs = 100;
const violation = { reason: 'r', description: 'd', code: 'C' };

function run(act: Act, name: string): unknown {
  switch (act) {
    case 'passes':
      return {};
    case 'changes':
      return { modifiedPayload: { name: `${name} was here` } };
    case 'blocks':
      return { continueProcessing: false, violation };
    case 'throws':
      throw new Error('boom');
    case 'denies':
      throw new PluginViolationError('tool_pre_invoke', name, violation);
    case 'hangs':
      return new Promise(() => undefined);
  }
}

const plans = fc.array(
  fc.record({
    mode: fc.constantFrom(
      'enforce',
      'enforce_ignore_error',
      'permissive',
      'sequential',
      'transform',
      'audit',
      'concurrent',
      'fire_and_forget',
    ),
    on_error: fc.constantFrom('fail', 'ignore'),
    takes: fc.constantFrom(undefined, 3, 7, 20),
    act: fc.constantFrom(...acts),
  }),
  { maxLength: 6 },
);

const mayBlock: readonly string[] = ['enforce', 'enforce_ignore_error', 'sequential', 'concurrent'];
const mayModify: readonly string[] = ['enforce', 'enforce_ignore_error', 'permissive', 'sequential', 'transform'];

it('records say what the plugins of a chain did, of each that ran, and of no other', async () => {
  await fc.assert(
    fc.asyncProperty(plans, fc.constantFrom(0, 1, 2), fc.boolean(), async (plan, pool, violationsAsExceptions) => {
      const called = new Set<string>();
      const entries = plan.map(({ act, takes, ...entry }, index): ChainEntry => {
        const name = `p${index}`;
        return {
          ...entry,
          name,
          ...(takes !== undefined && { takes }),
          called: () => called.add(name),
          act: () => run(act, name),
        };
      });
      await using chain = await startChain(entries, { execution_pool: pool });
      const ended = await chain.ended({ violationsAsExceptions });
      const { executions } = ended;
      const isRaised = ended instanceof PluginError;
      // Each that was called has one record; those in the background are called afterwards, and not after an error.
      expect(new Set(executions.map(({ pluginName }) => pluginName))).toEqual(called);
      expect(executions).toHaveLength(called.size);
      const isDenied = ended instanceof PluginViolationError || (!isRaised && !ended.continueProcessing);
      expect(executions.some(({ effectiveAllow }) => !effectiveAllow)).toBe(isDenied || isRaised);
      if (!isRaised) expect(ended.denialOutcome !== undefined).toBe(isDenied);

      for (const record of executions) {
        const { act, mode, takes } = plan[Number(record.pluginName.slice(1))] as (typeof plan)[number];
        expect(record.mode).toBe(mode);
        if (mode === 'fire_and_forget') {
          expect(record).toMatchObject({
            status: 'completed',
            requestedAllow: undefined,
            effectiveAllow: true,
            durationNs: 0,
          });
          continue;
        }
        const tookMs = act === 'hangs' ? limitMs : (takes ?? 0);
        if (record.status === 'cancelled') {
          expect(mode).toBe('concurrent');
          expect(record).toMatchObject({
            requestedAllow: undefined,
            effectiveAllow: true,
            matched: undefined,
            applied: false,
          });
          expect(record.durationNs / 1e6).toBeLessThanOrEqual(tookMs);
          continue;
        }
        expect(record.durationNs / 1e6).toBe(tookMs);
        const asksToDeny = act === 'blocks' || act === 'denies';
        const gaveNoAnswer = act === 'throws' || act === 'hangs';
        const counts = act === 'denies' || (act === 'blocks' && mayBlock.includes(mode));
        const payloadModified = act === 'changes' && mayModify.includes(mode);
        expect(record.status).toBe(act === 'throws' ? 'error' : act === 'hangs' ? 'timeout' : 'completed');
        expect(record.requestedAllow).toBe(gaveNoAnswer ? undefined : !asksToDeny);
        expect(record.matched).toBe(gaveNoAnswer ? undefined : asksToDeny || payloadModified);
        expect(record.payloadModified).toBe(payloadModified);
        expect(record.errorCode).toBe(
          asksToDeny ? 'C' : act === 'throws' ? 'plugin_error' : act === 'hangs' ? 'plugin_timeout' : undefined,
        );
        if (!gaveNoAnswer) expect(record.effectiveAllow).toBe(!counts);
      }
      // What ended the chain is the last that is not cancelled, those in the background left out.
      const stopped = executions.findIndex(({ effectiveAllow }) => !effectiveAllow);
      const behind = stopped === -1 ? [] : executions.slice(stopped + 1);
      for (const { mode } of behind) expect(['concurrent', 'fire_and_forget']).toContain(mode);
    }),
    { numRuns: 300 },
  );
});
