import * as fc from 'fast-check';
import { expect, inject, it } from 'vitest';
import type { HookOutcome } from '../../../src/index.js';
import { managerOf } from '../../fixtures/catalogue/one-plugin.js';
import { type OracleCall, type OracleResult, startOracle } from './oracle.js';

const kind = 'cpex_retry_with_backoff.RetryWithBackoffPlugin';
const hooks = ['tool_post_invoke', 'resource_post_fetch'];
const seed = 20_260_103;

const status = fc.constantFrom<unknown>(503, 429, 404, 200, '503', true, null);
const said = fc.record(
  { status_code: status, isError: fc.constantFrom<unknown>(true, false, 'yes') },
  { requiredKeys: [] },
);
const text = fc.oneof(
  said.map((value) => JSON.stringify(value)),
  said.map((value) => ` ${JSON.stringify(value)} `),
  fc.constantFrom('503', 'HTTP 503', '', '{', '[{"status_code": 503}]', '{"a": {"status_code": 503}}', '"isError"'),
);
const part = fc.oneof(
  fc.record({ type: fc.constantFrom('text', 'text', 'text', 'image'), text }),
  fc.constantFrom<unknown>({ text: '{"isError": true}' }, null, 'text', { type: 'text', text: 5 }),
);
const result = fc.oneof(
  { weight: 3, arbitrary: fc.constant<unknown>({ isError: true }) },
  {
    weight: 8,
    arbitrary: fc.record(
      {
        isError: fc.constantFrom<unknown>(true, false, 1, 'true'),
        structuredContent: fc.oneof(said, fc.constantFrom<unknown>(null, [], 'x')),
        content: fc.oneof(fc.array(part, { maxLength: 3 }), fc.constantFrom<unknown>('{"isError": true}', null)),
      },
      { requiredKeys: [] },
    ),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
);
const call: fc.Arbitrary<OracleCall> = fc.oneof(
  {
    weight: 9,
    arbitrary: fc.record({
      hook: fc.constant('tool_post_invoke'),
      payload: fc.record({ name: fc.constantFrom('t', 'u'), result }),
      request: fc.constantFrom('a', 'b'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      hook: fc.constant('resource_post_fetch'),
      payload: fc.record({ uri: fc.constant('u'), content: result }),
      request: fc.constant('a'),
    }),
  },
);
const keys = {
  max_retries: fc.constantFrom(0, 1, 2, 5),
  backoff_base_ms: fc.constantFrom(1, 7, 200),
  max_backoff_ms: fc.constantFrom(300, 1000, 5000),
  retry_on_status: fc.constantFrom([503], [], [404, 429]),
  check_text_content: fc.boolean(),
};
const config = fc.record(
  { ...keys, jitter: fc.constant(false), tool_overrides: fc.record({ u: fc.record(keys, { requiredKeys: [] }) }) },
  { requiredKeys: ['jitter'] },
);

/** Delays with jitter are chance, and are not compared. */
function ours({ continueProcessing, modifiedPayload, retryDelayMs, metadata }: HookOutcome): object {
  return {
    continues: continueProcessing,
    modified: modifiedPayload,
    delay: retryDelayMs ?? 0,
    metadata: metadata ?? {},
  };
}

function theirs(answer: OracleResult | undefined): object {
  const { continue_processing, modified_payload, retry_delay_ms, metadata } = answer?.result ?? {};
  return {
    continues: continue_processing,
    modified: modified_payload ?? undefined,
    delay: retry_delay_ms,
    metadata: metadata ?? {},
  };
}

it.runIf(inject('pythons') !== null)('asks for the same delays as theirs', { timeout: 60_000 }, async () => {
  const pythons = inject('pythons');
  if (pythons === null) return;
  await using oracle = await startOracle('cpex', pythons.cpex);
  const given = fc.sample(
    fc.record({ config, calls: fc.array(call, { minLength: 20, maxLength: 30 }), traced: fc.boolean() }),
    { seed, numRuns: 40 },
  );
  const delays = new Map<unknown, number>();
  let compared = 0;
  for (const [number, each] of given.entries()) {
    const extensions = each.traced ? { extensions: { request: { trace_id: 'ab'.repeat(16) } } } : {};
    const answers = await oracle.ask({
      kind,
      config: each.config,
      hooks,
      calls: each.calls.map((made) => ({ ...made, ...extensions })),
    });
    await using manager = await managerOf(kind, hooks, each.config);
    for (const [index, { hook, payload, request = '' }] of each.calls.entries()) {
      const options = each.traced ? { extensions: { request: { traceId: 'ab'.repeat(16) } } } : {};
      const outcome = await manager.invokeHook(
        hook as 'tool_post_invoke',
        payload as { name: string; result: unknown },
        { requestId: request },
        options,
      );
      const found = ours(outcome);
      expect(found, `seed ${seed}, sequence ${number}, call ${index}: ${JSON.stringify(payload)}`).toEqual(
        theirs(answers[index]),
      );
      const delay: unknown = Reflect.get(found, 'delay');
      delays.set(delay, (delays.get(delay) ?? 0) + 1);
      compared++;
    }
  }
  expect(compared).toBeGreaterThanOrEqual(500);
  expect([...delays.keys()].length).toBeGreaterThan(4);
});
