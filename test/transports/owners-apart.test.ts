import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import type { McpLink } from '../../src/transports/mcp/mcp-messages.js';
import { RecordingListener, reported, type Step, talkTo, work } from '../fixtures/transports/talking-links.js';

/** One call of one of two clients, which may give it up; a heedless server works on all the same. */
interface Plan {
  readonly owner: 0 | 1;
  readonly steps: readonly Step[];
  readonly startMs: number;
  readonly giveUpMs: number | undefined;
  readonly heedless: boolean;
}

const plans = fc.array(
  fc.record<Plan>({
    owner: fc.constantFrom(0, 1),
    steps: fc.array(fc.constantFrom<Step>('progress', 'log', 'ask', 'pause'), { maxLength: 6 }),
    startMs: fc.nat(20),
    giveUpMs: fc.option(fc.nat(15), { nil: undefined, freq: 3 }),
    heedless: fc.boolean(),
  }),
  { minLength: 2, maxLength: 8 },
);

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What somebody was told or asked in words that name the call of whom they are. */
const labelsIn = ({ heard, asked }: RecordingListener): unknown[] =>
  [...heard, ...asked].map(({ params }) => params?.['data'] ?? params?.['message']);

async function carryOut(link: McpLink, plan: Plan, label: string, owner: object) {
  const on = new RecordingListener(owner, async () => ({ by: label }));
  await pause(plan.startMs);
  const controller = new AbortController();
  if (plan.giveUpMs !== undefined) setTimeout(() => controller.abort(new Error('enough')), plan.giveUpMs);
  const { steps, heedless } = plan;
  const options = { on, signal: controller.signal, label, token: 'same', heedless };
  let heardAtEnd = -1;
  const answer = await work(link, steps, options).then(
    (found) => found,
    (error: unknown) => error,
  );
  heardAtEnd = on.heard.length + on.asked.length;
  return { plan, label, on, answer, heardAtEnd };
}

describe.each(['stdio', 'http', 'sse'] as const)('two clients on one link over %s', (kind) => {
  test.prop([plans], { numRuns: 25 })(
    'never hear, are never asked and never answer what concerns the other',
    async (given) => {
      const link = await talkTo(kind);
      const unasked: unknown[] = [];
      link.answerWith(async ({ params }) => {
        unasked.push(params?.['message']);
        return { by: 'nobody' };
      });
      const owners = [{ client: 0 }, { client: 1 }];
      const calls = await Promise.all(
        given.map((plan, n) => carryOut(link, plan, `${plan.owner}.${n}`, owners[plan.owner] ?? {})),
      );
      const isAll = kind === 'http' ? 1 : 0;
      const { asked } = await reported(
        link,
        ({ running, asked }) => running === 0 && Object.values(asked).every((answers) => answers >= 1 - isAll),
      );
      for (const { plan, label, on, answer, heardAtEnd } of calls) {
        // Whatever came, came before the end, and to its owner.
        expect(on.heard.length + on.asked.length).toBe(heardAtEnd);
        for (const found of labelsIn(on)) expect(String(found).split('.')[0]).toBe(String(plan.owner));
        const progress = on.heard.filter(({ method }) => method === 'notifications/progress');
        expect(progress.every(({ params }) => params?.['progressToken'] === 'same')).toBe(true);
        expect(progress.every(({ params }) => params?.['message'] === label)).toBe(true);
        if (answer instanceof Error) {
          expect(answer.message).toBe('enough');
          continue;
        }
        expect(answer).toMatchObject({ label });
        expect(progress).toHaveLength(plan.steps.filter((step) => step === 'progress').length);
        const { answers } = answer as { answers: readonly { by?: string }[] };
        expect(answers).toHaveLength(plan.steps.filter((step) => step === 'ask').length);
        for (const { by } of answers)
          if (by !== undefined && by !== 'nobody') expect(by.split('.')[0]).toBe(String(plan.owner));
        // A stream of its own leaves nothing unclear.
        if (kind === 'http') expect(answers).toEqual(answers.map(() => ({ by: label })));
      }
      // On a stream that was given up, questions are lost on their way.
      const wasGivenUp = kind === 'http' && given.some(({ giveUpMs }) => giveUpMs !== undefined);
      const counts = new Set(Object.values(asked));
      for (const count of counts) expect(wasGivenUp ? [0, 1] : [1]).toContain(count);
      await link.close();
    },
    60_000,
  );
});
