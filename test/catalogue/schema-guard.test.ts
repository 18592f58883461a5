import { fc, test } from '@fast-check/vitest';
import { expect, it } from 'vitest';
import { readSchema } from '../../src/catalogue/schemas/schema-validator.js';
import { expectLinearTime } from '../fixtures/catalogue/linear-time.js';
import { managerOf } from '../fixtures/catalogue/one-plugin.js';

const hooks = ['tool_pre_invoke', 'tool_post_invoke'];
const context = { requestId: 'r' };
const schema = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'integer' }, tags: { type: 'array', items: { type: 'string' } } },
};

it('arguments that do not keep their schema are blocked, with what is wrong and where', async () => {
  await using manager = await managerOf('schema-guard', hooks, { arg_schemas: { save: schema } });
  const { violation } = await manager.invokeHook(
    'tool_pre_invoke',
    { name: 'save', args: { tags: ['a', 1] } },
    context,
  );

  expect(violation).toMatchObject({
    code: 'SCHEMA_GUARD_ARGS',
    details: { errors: ['Missing required property: id', 'tags: [1]: Type mismatch: expected string'] },
  });
});

it.each(['constructor', 'toString', '__proto__'])(
  'what every object inherits is not %s that was sent',
  async (name) => {
    await using manager = await managerOf('schema-guard', hooks, {
      arg_schemas: { save: { required: [name] }, open: { properties: { constructor: { type: 'string' } } } },
    });
    const missing = await manager.invokeHook('tool_pre_invoke', { name: 'save', args: {} }, context);
    expect(missing.violation?.code).toBe('SCHEMA_GUARD_ARGS');
    const open = await manager.invokeHook('tool_pre_invoke', { name: 'open', args: {} }, context);
    expect(open.continueProcessing).toBe(true);
  },
);

it('results are held to theirs', async () => {
  await using manager = await managerOf('schema-guard', hooks, { result_schemas: { save: schema } });
  const { violation } = await manager.invokeHook('tool_post_invoke', { name: 'save', result: 'text' }, context);
  expect(violation).toMatchObject({ code: 'SCHEMA_GUARD_RESULT' });
});

it('no value of a request is told', async () => {
  const secret = 'sk-very-secret';
  const strict = { properties: { a: { enum: ['x'] }, b: { const: 1 }, c: { pattern: '^x$' }, d: { maxLength: 1 } } };
  await using manager = await managerOf('schema-guard', hooks, { arg_schemas: { save: strict } });
  const args = { a: secret, b: secret, c: secret, d: secret };
  const { violation } = await manager.invokeHook('tool_pre_invoke', { name: 'save', args }, context);

  expect(violation?.details?.['errors']).toHaveLength(4);
  expect(JSON.stringify(violation)).not.toContain(secret);
});

it('problems are only noted where nothing is to be blocked', async () => {
  const config = { arg_schemas: { save: schema }, block_on_violation: false };
  await using manager = await managerOf('schema-guard', hooks, config);
  const outcome = await manager.invokeHook('tool_pre_invoke', { name: 'save', args: {} }, context);

  expect(outcome.continueProcessing).toBe(true);
  expect(outcome.metadata).toEqual({ schema_errors: ['Missing required property: id'] });
});

it.each([
  ['a reference that leads out', { $ref: 'https://example.com/schema.json' }, /can't resolve reference/],
  ['a keyword that nobody knows', { type: 'object', propertees: {} }, /unknown keyword: "propertees"/],
  ['a format that nobody knows', { type: 'string', format: 'postcode' }, /unknown format "postcode"/],
  ['a pattern that can take forever', { type: 'string', pattern: '(a)\\1' }, /config.arg_schemas.save/],
  ['a type that is none', { type: 'text' }, /config.arg_schemas.save/],
])('%s is refused when the plugin starts', async (_, refused, message) => {
  await expect(managerOf('schema-guard', hooks, { arg_schemas: { save: refused } })).rejects.toThrow(message);
});

it.each([
  ['a schema that refers to itself', { $ref: '#' }, {}],
  ['values nested too deep', { type: 'object' }, { a: nested(300) }],
  ['more values than are looked at', { type: 'object' }, { a: Array.from({ length: 100_001 }, () => 1) }],
])('%s: what cannot be checked does not pass', async (_, asked, args) => {
  const config = { arg_schemas: { save: asked }, block_on_violation: false };
  await using manager = await managerOf('schema-guard', hooks, config);
  const outcome = await manager.invokeHook('tool_pre_invoke', { name: 'save', args }, context);

  expect(outcome.violation).toMatchObject({ code: 'SCHEMA_GUARD_ARGS' });
  expect(outcome.violation?.description).toContain('could not be checked');
});

it('schemas of draft 7 are read as such', () => {
  const pair = { $schema: 'http://json-schema.org/draft-07/schema#', items: [{ type: 'string' }, { type: 'number' }] };

  expect(readSchema(pair)(['a', 1])).toEqual([]);
  expect(readSchema(pair)([1, 'a'])).toHaveLength(2);
  expect(() => readSchema({ items: pair.items })).toThrow();
});

test.prop([fc.jsonValue(), fc.jsonValue()])('items are unique as JSON tells them apart', (one, other) => {
  const unique = readSchema({ uniqueItems: true });
  const same = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
  expect(unique([one, other]).length > 0).toBe(same);
});

test.prop([fc.jsonValue()], { numRuns: 30 })('whatever comes, a call settles', async (result) => {
  await using manager = await managerOf('schema-guard', hooks, { result_schemas: { save: schema } });
  const outcome = await manager.invokeHook('tool_post_invoke', { name: 'save', result }, context);
  expect(outcome.continueProcessing).toBe(readSchema(schema)(result).length === 0);
});

it('the worst texts take time in proportion', async () => {
  const validate = readSchema({ pattern: '^(a+)+$' });
  await expectLinearTime(validate, (length) => `${'a'.repeat(length)}b`);
});

it('and so do lists whose items have to be unique', async () => {
  const validate = readSchema({ uniqueItems: true });
  await expectLinearTime(
    (text) => validate(Array.from({ length: text.length / 32 }, (_, at) => [at])),
    (length) => 'x'.repeat(length),
  );
});

it.each([
  ['^[a-z]+$', 'abc', 'abc\n'],
  ['^\\d{4}$', '2026', '\u0662\u0660\u0662\u0666'],
  ['^\\w+$', 'a_1', '\u00e9'],
  ['^[\\W]+$', '\u00e9', 'a'],
  ['^\\S+$', 'a\u0085\u001f', 'a\u00a0b'],
  ['^\\S+$', 'a', '\ufeffb'],
  ['^a.b$', 'a-b', 'a\u2028b'],
  ['\\bb', '\u00e9b', 'ab'],
])('the pattern %j means what ECMAScript means: %j and not %j', (pattern, right, wrong) => {
  const validate = readSchema({ type: 'string', pattern });
  const expected = new RegExp(pattern, 'u');

  expect([expected.test(right), expected.test(wrong)]).toEqual([true, false]);
  expect(validate(right)).toEqual([]);
  expect(validate(wrong)).toHaveLength(1);
});

it('each pattern of a schema is its own', () => {
  const validate = readSchema({ properties: { a: { pattern: '^a$' }, b: { pattern: '^b$' } } });

  expect(validate({ a: 'a', b: 'b' })).toEqual([]);
  expect(validate({ a: 'b', b: 'a' })).toHaveLength(2);
});

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = [value];
  return value;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value)
    .map(([key, part]) => [key, sorted(part)] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return { fields };
}
