import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { z } from 'zod';
import { anyRecord } from '../../src/hooks/record-schemas.js';
import { decodeReturnedContext } from '../../src/wire/context-codec.js';
import { hookCodec } from '../../src/wire/hook-codec.js';
import { decodeResult, isNoOp } from '../../src/wire/result-codec.js';
import { issueOf } from '../../src/wire/wire-issue.js';
import { builtInHook } from '../fixtures/hosting/memory-host.js';

const odd: readonly unknown[] = [
  undefined,
  null,
  true,
  false,
  0,
  -0,
  1,
  -1.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  1n,
  '',
  'a',
  [],
  [1],
  {},
  { a: 1 },
  JSON.parse('{"__proto__":1}'),
  Object.create(null),
  new Date(0),
  new Map(),
  Object.create({ a: 1 }),
];
const anything = fc.constantFrom(...odd);
const records = fc.constantFrom<unknown>({}, { a: 1 }, null, undefined);
const mostly = (usual: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ arbitrary: usual, weight: 4 }, anything);

describe('a context that comes back', () => {
  const schema = z.object({
    state: anyRecord.nullish(),
    metadata: anyRecord.nullish(),
    global_context: z.object({ state: anyRecord.nullish() }).nullish(),
  });
  const global = fc.record({ state: mostly(records), metadata: anything }, { requiredKeys: [] });
  const context = fc.record(
    { state: mostly(records), metadata: mostly(records), global_context: mostly(global), more: anything },
    { requiredKeys: [] },
  );

  test.prop([mostly(context)], { numRuns: 2_000 })('is read as its schema reads it', (wire) => {
    const parsed = schema.safeParse(wire);
    const expected = parsed.success
      ? {
          ok: true,
          value: {
            ...(parsed.data.state && { state: parsed.data.state }),
            ...(parsed.data.metadata && { metadata: parsed.data.metadata }),
            ...(parsed.data.global_context?.state && { globalState: parsed.data.global_context.state }),
          },
        }
      : { ok: false, issue: issueOf(parsed.error, wire, 'context') };
    expect(decodeReturnedContext(wire)).toStrictEqual(expected);
  });
});

describe('a result', () => {
  const hook = builtInHook('tool_pre_invoke');
  if (hook === undefined) throw new Error('there is no such hook');
  const codec = hookCodec(hook).result;
  const payload = fc.record({ name: mostly(fc.constant('t')), args: mostly(records), headers: mostly(records) });
  const result = fc.record(
    {
      continue_processing: mostly(fc.constant(true)),
      modified_payload: mostly(payload),
      violation: mostly(fc.constantFrom(null, { reason: 'r', description: 'd', code: 'c' })),
      metadata: mostly(records),
      retry_delay_ms: mostly(fc.constantFrom(0, 5, null)),
      more: anything,
    },
    { requiredKeys: [] },
  );

  test.prop([result.filter((wire) => !isNoOp(wire))], { numRuns: 2_000 })(
    'is read without its schema as with it',
    (wire) => {
      // Headers are left to the schema, and with them all else.
      const read = decodeResult(wire, codec);
      const asked = decodeResult({ ...wire, http_headers: {} }, codec);
      expect(read.ok).toBe(asked.ok);
      if (read.ok && asked.ok) expect({ ...read.value, httpHeaders: {} }).toEqual({ ...asked.value });
      else expect(read).toStrictEqual(asked);
    },
  );

  test.prop([mostly(payload)], { numRuns: 2_000 })('has a payload that is taken where its schema takes it', (wire) => {
    // Null is absent on the wire.
    const given = Object.entries(Object(wire)).filter(([, value]) => value !== null);
    const isObject = typeof wire === 'object' && wire !== null && !Array.isArray(wire);
    const expected = isObject && hook.payload.safeParse(Object.fromEntries(given)).success;
    expect(codec.decode(wire, 'payload').ok).toBe(expected);
  });
});
