import * as fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { z } from 'zod';
import { builtInHooks } from '../../src/hooks/built-in-hooks.js';
import type { HookDefinition } from '../../src/hooks/hook.js';
import { hookReaders } from '../../src/hooks/hook-readers.js';
import { strictSchema } from '../../src/hooks/strict-schema.js';

const leaf = fc.constantFrom<unknown>('a', '', 1, 0.5, true, null, undefined, [], {}, ['a'], { a: 'b' }, { a: 1 });
const hooks: readonly HookDefinition[] = builtInHooks.map((hook) => hook as HookDefinition);

describe.each(hooks)('the payload of $name', (hook) => {
  it('is taken without a word only where its schema takes it', () => {
    const { payload: reader } = hookReaders(hook);
    const strict = strictSchema(hook.payload);
    const names = hook.payload instanceof z.ZodObject ? Object.keys(hook.payload.shape) : [];
    const given = fc.dictionary(fc.constantFrom(...names, 'more'), leaf, { noNullPrototype: true });
    fc.assert(
      fc.property(given, (one) => {
        const { value, problems, unknown } = reader.read(one, 1_000);
        const parsed = z.safeParse(strict, value);
        expect(parsed.success).toBe(problems.length === 0 && unknown.length === 0);
      }),
      { numRuns: 500 },
    );
  });
});

test('of a payload nothing is taken that every object inherits', () => {
  const hook = hooks.find(({ name }) => name === 'tool_pre_invoke');
  if (hook === undefined) throw new Error('there is no such hook');
  const inherited = { value: { a: 'b' }, writable: true, enumerable: true, configurable: true };
  // oxlint-disable-next-line no-extend-native -- as the program around it may have done
  Object.defineProperty(Object.prototype, 'headers', inherited);
  try {
    const { value } = hookReaders(hook).payload.read({ name: 'n', args: { a: 1 } }, 1_000);
    expect(JSON.stringify(value)).toBe('{"name":"n","args":{"a":1}}');
  } finally {
    Reflect.deleteProperty(Object.prototype, 'headers');
  }
});
