import { fc, test } from '@fast-check/vitest';
import { expect, it } from 'vitest';
import { createManager, silentLogger } from '../../src/index.js';
import { readSchema } from '../../src/catalogue/schemas/schema-validator.js';
import { expectLinearTime } from '../fixtures/catalogue/linear-time.js';
import { managerOf } from '../fixtures/catalogue/one-plugin.js';
import { folderWith } from '../fixtures/manager/managers.js';

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
  [
    'a reference that leads out',
    { properties: { a: { $ref: 'https://example.com/schema.json' } } },
    'properties.a["$ref"]: expected a string that leads to a place in this schema, like #/$defs/name, found the string "https://example.com/schema.json"',
  ],
  [
    'a keyword that nobody knows',
    { type: 'object', properties: { propertees: { propertees: {} } } },
    'properties.propertees.propertees: unknown key; did you mean `properties`?',
  ],
  ['a keyword that is near no other', { frobnicate: 1 }, 'frobnicate: unknown key; nobody would check it'],
  [
    'a format that nobody knows',
    { type: 'string', format: 'postcode' },
    /^format: expected one of date, time, .*binary, found the string "postcode"$/,
  ],
  [
    'a pattern that can take forever',
    { type: 'string', pattern: '(a)\\1' },
    'pattern: this pattern cannot be used: a back-reference cannot be matched in linear time (at position 3)',
  ],
  [
    'a type that is none',
    { $defs: { x: { type: 'text' } } },
    '["$defs"].x.type: expected one of array, boolean, integer, null, number, object, string, or a list of them, found the string "text"',
  ],
  [
    'a type that is none among others',
    { type: ['string', 'text'] },
    'type[1]: expected one of array, boolean, integer, null, number, object, string, found the string "text"',
  ],
  [
    'a schema that is none',
    { properties: { a: 5 } },
    'properties.a: expected a map or true or false, found the number 5',
  ],
  ['a number that is a text', { minimum: '1' }, 'minimum: expected a number, found the string "1"'],
  ['a number that is too small', { maxLength: -1 }, 'maxLength: expected a number >= 0, found the number -1'],
  ['a choice of nothing', { enum: [] }, 'enum: expected a list that is not empty, found an empty list'],
  ['a keyword without the other', { nullable: true }, 'nullable: "nullable" cannot be used without "type"'],
  [
    'an old draft',
    { $schema: 'http://json-schema.org/draft-04/schema#' },
    /^\["\$schema"\]: expected one of draft 2020-12, draft 7, found/,
  ],
])('%s is refused when the plugin starts, with its place and what was expected', async (_, refused, message) => {
  const error: unknown = await managerOf('schema-guard', hooks, { arg_schemas: { save: refused } }).catch(
    (thrown) => thrown,
  );
  const said = String(error).split('config.arg_schemas.save')[1]?.replace(/^\./, '').replace(/\.$/, '');
  expect(said).toEqual(typeof message === 'string' ? message : expect.stringMatching(message));
});

it('all that is wrong with a schema is told at once, each at its place', async () => {
  const wrong = { type: 'objekt', required: 'q', properties: { q: { minLength: '3' } } };
  const folder = folderWith({
    'plugins.yaml': JSON.stringify({
      plugins: [{ name: 'S', kind: 'schema-guard', hooks, config: { arg_schemas: { save: wrong } } }],
    }),
  });
  const file = `${folder}/plugins.yaml`;
  const at = `${file}:1:\\d+ plugins\\[0\\]\\.config\\.arg_schemas\\.save`;
  await expect(createManager({ config: file, logger: silentLogger })).rejects.toThrow(
    new RegExp(
      `${at}\\.type: expected one of .* "objekt"; ${at}\\.required: expected a list, found the string "q"; ${at}\\.properties\\.q\\.minLength: expected an integer, found the string "3"`,
    ),
  );
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
