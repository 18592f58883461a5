import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InvocationDetail, StepDetail } from '../../../src/inspect/live/feed/feed-invocations.js';
import {
  type ChainLayout,
  chainLayout,
  type ChainRow,
} from '../../../src/inspect/live/page/invocations/chain-layout.js';
import { niceStep } from '../../../src/inspect/live/page/invocations/chain-axis.js';
import { sampleInvocation } from '../../fixtures/inspect/sample-world.js';

const measure = (text: string): number => text.length * 6.2;
const blocked = sampleInvocation(4, 0);

const rowsOf = ({ phases }: ChainLayout): ChainRow[] => phases.flatMap(({ rows }) => rows);
const rowOf = (layout: ChainLayout, name: string): ChainRow => {
  const row = rowsOf(layout).find(({ step }) => step.p === name);
  if (row === undefined) throw new Error(`no row of ${name}`);
  return row;
};

describe('the time line of a chain', () => {
  const layout = chainLayout(blocked, 0, 520, measure);

  it('has a group for each phase, in the order of the chain', () => {
    expect(layout.phases.map(({ name, remark, rows }) => [name, remark, rows.length])).toEqual([
      ['sequential', '', 3],
      ['transform', '', 1],
      ['audit', '', 1],
      ['concurrent', '3 at once', 3],
      ['background', '', 1],
    ]);
  });

  it('ends what was blocked at the line of the decision', () => {
    const { bar, label, decides } = rowOf(layout, 'SecretsDetection');
    expect((bar?.x ?? 0) + (bar?.width ?? 0)).toBeCloseTo(layout.axis.decided?.x ?? 0, 5);
    expect(decides).toBe(true);
    expect(label?.text).toBe('6.44 ms, blocked');
  });

  it('starts plugins that run side by side at one place', () => {
    const starts = ['OpaPolicy', 'SecretsDetection', 'Moderation'].map((name) => rowOf(layout, name).bar?.x ?? 0);
    expect(Math.max(...starts) - Math.min(...starts)).toBeLessThan(2);
  });

  it('gives the background a scale of its own, behind the cut', () => {
    const { bar } = rowOf(layout, 'Telemetry');
    const { cut, background } = layout.axis;
    expect(cut?.x).toBeGreaterThan(layout.axis.decided?.x ?? 0);
    expect(bar?.x).toBe(background?.x);
    expect(bar?.width).toBeCloseTo((background?.width ?? 0) * 0.4, 5);
  });

  it('says why a plugin was left out, and draws nothing', () => {
    const { bar, label, text } = rowOf(layout, 'HeaderInjector');
    expect([bar, label, text]).toEqual([undefined, undefined, 'skipped: tools [http__*] does not match']);
  });

  it('names the time in which nothing ran', () => {
    expect(rowOf(layout, 'OpaPolicy').gap?.text).toBe(
      '0.72 ms in which no plugin ran: waiting, or the work between plugins',
    );
    const late = {
      ...blocked,
      steps: blocked.steps.map((step) => (step.p === 'Moderation' ? { ...step, t: 9.44, ms: 3 } : step)),
    };
    expect(rowOf(chainLayout(late, 0, 520, measure), 'Moderation').gap?.text).toBe(
      '3.04 ms after the first of them: it waited for its turn',
    );
  });
});

describe('a chain that runs', () => {
  const { decided: _decided, by: _by, ...rest } = blocked;
  const running: InvocationDetail = {
    ...rest,
    outcome: 'running',
    steps: [
      { p: 'SqlGuard', phase: 'sequential', status: 'passed', t: 0.2, ms: 1.8, mode: 'sequential' },
      { p: 'Moderation', phase: 'concurrent', status: 'running', t: 2, deadlineMs: 500, mode: 'concurrent' },
    ],
  };

  it('has bars that grow and are open', () => {
    const [early, late] = [50, 100].map((now) => rowOf(chainLayout(running, now, 520, measure), 'Moderation'));
    expect([early?.open, late?.open]).toEqual([true, true]);
    expect(late?.text).toBe('98.00 ms, running, given up after 500 ms');
    expect(rowOf(chainLayout(running, 4, 520, measure), 'SqlGuard').bar?.width).toBeGreaterThan(
      rowOf(chainLayout(running, 40, 520, measure), 'SqlGuard').bar?.width ?? Number.POSITIVE_INFINITY,
    );
  });

  it('shows the deadline once that is in sight', () => {
    expect(chainLayout(running, 20, 520, measure).axis.deadline).toBeUndefined();
    const { axis } = chainLayout(running, 400, 520, measure);
    expect(axis.deadline).toBeGreaterThan(axis.place(0, 400, false).width);
    expect(axis.deadline).toBeLessThanOrEqual(520);
  });
});

const step = fc.record({
  phase: fc.constantFrom('sequential', 'transform', 'concurrent', 'background'),
  status: fc.constantFrom('passed', 'modified', 'blocked', 'failed', 'timedOut', 'aborted', 'skipped', 'running'),
  t: fc.double({ min: 0, max: 40, noNaN: true }),
  ms: fc.oneof(fc.constant(0), fc.double({ min: 0, max: 4000, noNaN: true })),
  deadlineMs: fc.option(fc.integer({ min: 1, max: 5000 }), { nil: undefined }),
});

const order = ['sequential', 'transform', 'concurrent', 'background'];

const chains = fc
  .record({
    steps: fc.array(step, { minLength: 1, maxLength: 14 }),
    decided: fc.option(fc.double({ min: 0, max: 5000, noNaN: true }), { nil: undefined }),
    width: fc.integer({ min: 140, max: 1200 }),
    now: fc.double({ min: 0, max: 6000, noNaN: true }),
  })
  .map(({ steps, decided, width, now }) => {
    const sorted = steps.toSorted((one, other) => order.indexOf(one.phase) - order.indexOf(other.phase));
    const details = sorted.map(({ phase, status, t, ms, deadlineMs }, index): StepDetail => {
      const base = { p: `Plugin${index}`, phase, status, mode: phase } as const;
      if (status === 'skipped') return { ...base, why: 'tools does not match' };
      return {
        ...base,
        t: phase === 'background' ? t + (decided ?? 0) : t,
        ...(status !== 'running' && { ms }),
        ...(deadlineMs !== undefined && { deadlineMs }),
      };
    });
    const { decided: _decided, ...rest } = blocked;
    const invocation: InvocationDetail = { ...rest, steps: details, ...(decided !== undefined && { decided }) };
    return { invocation, width, now };
  });

describe('of any chain', () => {
  it('nothing leaves the box, and no label covers a bar, the line of the decision or the cut', () => {
    fc.assert(
      fc.property(chains, ({ invocation, width, now }) => {
        const layout = chainLayout(invocation, now, width, measure);
        const { decided, cut } = layout.axis;
        for (const { bar, label, room } of rowsOf(layout)) {
          if (bar === undefined) expect(room).toBeLessThanOrEqual(decided?.x ?? width);
          if (bar === undefined) continue;
          expect(bar.x).toBeGreaterThanOrEqual(0);
          expect(bar.x + bar.width).toBeLessThanOrEqual(width + 1e-6);
          expect(bar.width).toBeGreaterThan(0);
          if (label === undefined) continue;
          expect(label.x).toBeGreaterThanOrEqual(0);
          expect(label.x + label.width).toBeLessThanOrEqual(width);
          expect(overlap(label, bar)).toBe(label.inside);
          if (decided !== undefined && !label.inside) {
            expect(label.x < decided.x && label.x + label.width > decided.x).toBe(false);
          }
          if (cut !== undefined) expect(overlap(label, cut)).toBe(false);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('ticks stand apart from each other and from the word of the decision', () => {
    fc.assert(
      fc.property(chains, ({ invocation, width, now }) => {
        const { ticks, decided, deadline } = chainLayout(invocation, now, width, measure).axis;
        for (const [index, { x, text }] of ticks.entries()) {
          const next = ticks[index + 1]?.x ?? Number.POSITIVE_INFINITY;
          expect(x + measure(text)).toBeLessThanOrEqual(next);
          const words = [
            ...(decided === undefined ? [] : [{ x: decided.x - measure(decided.text), width: measure(decided.text) }]),
            ...(deadline === undefined ? [] : [{ x: deadline - measure('deadline'), width: measure('deadline') }]),
          ];
          for (const word of words) expect(overlap({ x, width: measure(text) }, word)).toBe(false);
        }
      }),
      { numRuns: 500 },
    );
  });
});

it.each([
  [0.3, 0.5],
  [1, 1],
  [1.2, 2],
  [6, 10],
  [21, 50],
  [0, 0],
])('the step of an axis above %d is %d', (least, expected) => {
  expect(niceStep(least)).toBeCloseTo(expected, 10);
});

function overlap(one: { x: number; width: number }, other: { x: number; width: number }): boolean {
  return one.x < other.x + other.width && other.x < one.x + one.width;
}
