import * as fc from 'fast-check';
import { expect, inject, it } from 'vitest';
import { type HookOutcome, PluginContexts } from '../../../src/index.js';
import { ManualClock } from '../../../src/testing/index.js';
import { managerOf } from '../../fixtures/catalogue/one-plugin.js';
import { type OracleCall, type OracleResult, startOracle } from './oracle.js';

const kind = 'plugins.circuit_breaker.circuit_breaker.CircuitBreakerPlugin';
const hooks = ['tool_pre_invoke', 'tool_post_invoke'];
/** Seconds since 1970 at which every sequence begins. */
const epoch = 1_800_000_000;
const seed = 20_260_101;

/** What may part us. What comes after such a call in its sequence is not compared. */
const differences = {
  'a probe is not answered within a cooldown': 'ours opens again then, theirs when the next call comes',
  'another call is answered while a probe is on its way': 'it is counted by both, and opens theirs',
  'calls are answered in another order than they began': 'theirs forgets calls and failures one by one from the front',
} as const;
type Difference = keyof typeof differences;

type Step =
  | { readonly do: 'begin'; readonly tool: string }
  | { readonly do: 'answer'; readonly which: 'oldest' | 'youngest'; readonly result: unknown }
  | { readonly do: 'wait'; readonly quarters: number };

const result = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.constantFrom<unknown>({ isError: true }, { is_error: true, isError: false }, { isError: 1 }),
  },
  { weight: 4, arbitrary: fc.constantFrom<unknown>({ isError: false }, { is_error: false }, {}, null, 'text', [1]) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('begin' as const), tool: fc.constantFrom('a', 'b') }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      which: fc.constantFrom('oldest' as const, 'oldest' as const, 'oldest' as const, 'youngest' as const),
      result,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('wait' as const), quarters: fc.constantFrom(1, 3, 7, 8, 20, 21, 60) }),
  },
);
const config = fc.record(
  {
    error_rate_threshold: fc.constantFrom(0.3, 0.5, 0.75, 1),
    window_seconds: fc.constantFrom(3, 5, 60),
    min_calls: fc.constantFrom(1, 2, 5),
    consecutive_failure_threshold: fc.constantFrom(1, 2, 3),
    cooldown_seconds: fc.constantFrom(1, 2, 5),
    tool_overrides: fc.constantFrom({}, { T_b: { consecutive_failure_threshold: 1, cooldown_seconds: 2 } }),
  },
  { requiredKeys: ['cooldown_seconds'] },
);

/** One sequence, as ours went through it: what was asked, what it said, and where it may part from theirs. */
interface Run {
  readonly config: object;
  readonly calls: OracleCall[];
  readonly ours: object[];
  /** Number of the first call that is not compared. */
  until: number | undefined;
  why: Difference | undefined;
}

async function run(number: number, given: { config: Record<string, unknown>; steps: readonly Step[] }): Promise<Run> {
  const names = (tool: string): string => `${number}_${tool}`;
  const overrides = Object.entries(given.config['tool_overrides'] ?? {});
  const settings = {
    ...given.config,
    tool_overrides: Object.fromEntries(overrides.map(([, value]) => [names('b'), value as unknown])),
  };
  const cooldownOf = (tool: string): number =>
    overrides.length > 0 && tool === names('b') ? 2 : Number(given.config['cooldown_seconds']);
  const clock = new ManualClock();
  await using manager = await managerOf(kind, hooks, settings, { clock });
  const made: Run = { config: settings, calls: [], ours: [], until: undefined, why: undefined };
  const open: { readonly tool: string; readonly request: string; readonly at: number; contexts: PluginContexts }[] = [];
  const probes = new Map<string, { readonly request: string; readonly until: number }>();
  const lastBegan = new Map<string, number>();
  const part = (why: Difference): void => {
    made.until ??= made.calls.length;
    made.why ??= why;
  };
  const ask = async (call: OracleCall, contexts?: PluginContexts): Promise<HookOutcome> => {
    const requestId = call.request ?? '';
    made.calls.push({ ...call, at: epoch + clock.now() / 1000 });
    const outcome = await manager.invokeHook(
      call.hook as 'tool_pre_invoke',
      call.payload as { name: string },
      { requestId },
      contexts && { contexts },
    );
    made.ours.push(shown(outcome));
    return outcome;
  };
  for (const [index, each] of given.steps.entries()) {
    for (const [tool, { until }] of probes) {
      if (clock.now() < until) continue;
      part('a probe is not answered within a cooldown');
      probes.delete(tool);
    }
    if (each.do === 'wait') clock.advance(each.quarters * 250);
    else if (each.do === 'begin') {
      const [tool, request] = [names(each.tool), `${number}-${index}`];
      const call = { hook: 'tool_pre_invoke', payload: { name: tool, args: {} }, request };
      const wasOpen = isOpen(manager, tool);
      const outcome = await ask(call);
      if (!outcome.continueProcessing) continue;
      if (wasOpen) probes.set(tool, { request, until: clock.now() + cooldownOf(tool) * 1000 });
      open.push({ tool, request, at: clock.now(), contexts: outcome.contexts ?? new PluginContexts() });
    } else {
      const call = each.which === 'oldest' ? open.shift() : open.pop();
      if (call === undefined) continue;
      const probe = probes.get(call.tool);
      if (probe?.request === call.request) probes.delete(call.tool);
      else if (probe !== undefined) part('another call is answered while a probe is on its way');
      if (call.at < (lastBegan.get(call.tool) ?? 0)) part('calls are answered in another order than they began');
      lastBegan.set(call.tool, call.at);
      await ask(
        { hook: 'tool_post_invoke', payload: { name: call.tool, result: each.result }, request: call.request },
        call.contexts,
      );
    }
  }
  return made;
}

/** Whether the circuit of a tool is there and not closed, as its actor says. */
function isOpen(manager: Awaited<ReturnType<typeof managerOf>>, tool: string): boolean {
  let open = false;
  manager
    .observe({
      made: (actor) => {
        if (!actor.id.endsWith(`/${tool}`)) return;
        open = Reflect.get(actor.getSnapshot(), 'value') !== 'closed';
      },
      takes: () => {},
      took: () => {},
    })
    .unsubscribe();
  return open;
}

function shown({ continueProcessing, violation, modifiedPayload, metadata }: HookOutcome): object {
  return comparable(continueProcessing, violation, modifiedPayload, metadata ?? {});
}

function theirs({ result, error }: OracleResult): object {
  if (result === undefined) return { error };
  const { continue_processing, violation, modified_payload, metadata } = result;
  return comparable(continue_processing, violation, modified_payload, metadata ?? {});
}

function comparable(continues: unknown, violation: unknown, modified: unknown, metadata: object): object {
  const { code, reason, details } = (violation ?? {}) as Record<string, Record<string, unknown> | undefined>;
  // Wall time: theirs stands still, and ours goes by. What is left of it is compared.
  const { open_until: _until, ...rest } = details ?? {};
  const { circuit_open_until: until, ...figures } = metadata as Record<string, unknown>;
  // Of a call that is blocked, the payload that came in is told.
  const changed = continues === true ? (modified ?? undefined) : undefined;
  return { continues, code, reason, details: rest, changed, ...figures, open: until !== undefined && until !== 0 };
}

it.runIf(inject('pythons') !== null)(
  'circuits open, refuse, try and close as theirs do',
  { timeout: 60_000 },
  async () => {
    const pythons = inject('pythons');
    if (pythons === null) return;
    await using oracle = await startOracle('1.0.0', pythons['1.0.0']);
    const given = fc.sample(fc.record({ config, steps: fc.array(step, { minLength: 10, maxLength: 60 }) }), {
      seed,
      numRuns: 60,
    });
    const codes = new Map<unknown, number>();
    const parted = new Set<Difference>();
    let compared = 0;
    for (const [number, each] of given.entries()) {
      const made = await run(number, each);
      const answers = await oracle.ask({ kind, config: made.config, hooks, calls: made.calls });
      const until = made.until ?? made.calls.length;
      if (made.why !== undefined) parted.add(made.why);
      for (const [index, ours] of made.ours.slice(0, until).entries()) {
        const answer = answers[index];
        expect(ours, `seed ${seed}, sequence ${number}, call ${index}`).toEqual(answer && theirs(answer));
        const code: unknown = Reflect.get(ours, 'code');
        codes.set(code, (codes.get(code) ?? 0) + 1);
        compared++;
      }
    }
    expect(compared).toBeGreaterThanOrEqual(500);
    expect(new Set(codes.keys())).toEqual(new Set(['CIRCUIT_HALF_OPEN_PROBE_IN_FLIGHT', 'CIRCUIT_OPEN', undefined]));
    expect([...parted].sort()).toEqual(Object.keys(differences).sort());
  },
);
