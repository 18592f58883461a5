import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { builtInHooks } from '../../src/hooks/built-in-hooks.js';
import type { HookDefinition } from '../../src/hooks/hook.js';
import { shapeCheck } from '../../src/hooks/shape-check.js';
import { strictSchema } from '../../src/hooks/strict-schema.js';

const leaf = fc.constantFrom<unknown>('a', '', 'a', 1, 0.5, true, null, undefined, 1n, [], {});
const value = fc.oneof(
  { arbitrary: leaf, weight: 3 },
  fc.dictionary(fc.constantFrom('a', '__proto__'), leaf, { maxKeys: 2, noNullPrototype: false }),
  fc.array(fc.oneof(leaf, fc.dictionary(fc.constantFrom('a'), leaf)), { maxLength: 2 }),
  fc.constantFrom<unknown>(new Date(0), new Map(), Object.create({ a: 1 }), ['a'], { a: 'b' }),
);
const hooks: readonly HookDefinition[] = builtInHooks.map((hook) => hook as HookDefinition);
const schemas = hooks.flatMap(({ name, payload, result }) => [
  { what: `payload of ${name}`, schema: payload },
  ...(result === undefined ? [] : [{ what: `result of ${name}`, schema: result }]),
]);

describe.each(schemas)('the $what', ({ schema }) => {
  it('fits only where the schema says so, and comes out the same', () => {
    const check = shapeCheck(schema);
    if (check === undefined) return;
    const strict = strictSchema(schema);
    const names = schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
    const fields = fc.dictionary(fc.constantFrom(...names, 'more'), value, { noNullPrototype: true });
    const given = fc.oneof({ arbitrary: fields, weight: 5 }, value);
    fc.assert(
      fc.property(given, (one) => {
        if (!check(one)) return;
        const parsed = z.safeParse(strict, one);
        expect(parsed.success).toBe(true);
        expect(parsed.data).toEqual(one);
      }),
      { numRuns: 500 },
    );
  });
});

test('usual payloads of tools fit, and nothing that has other fields', () => {
  const check = shapeCheck(hooks.find(({ name }) => name === 'tool_pre_invoke')?.payload ?? z.never());
  expect(check?.({ name: 'n', args: { a: 1 }, headers: { a: 'b' } })).toBe(true);
  expect(check?.({ name: 'n', args: undefined })).toBe(true);
  for (const other of [
    {},
    { name: 1 },
    { name: 'n', more: 1 },
    { name: 'n', args: [] },
    { name: 'n', headers: { a: 1 } },
  ])
    expect(check?.(other)).toBe(false);
});

test('a schema with rules of its own is left to zod', () => {
  const own = [
    z.string().min(1),
    z.email(),
    z.coerce.string(),
    z.looseObject({}),
    z.object({ a: z.string() }).refine(() => false),
    z.array(z.string()).max(1),
    z.object({ a: z.string().transform(Number) }),
    z.string().trim(),
  ];
  for (const schema of own) expect(shapeCheck(schema)).toBe(undefined);
});
