import fc from 'fast-check';
import { isDeepStrictEqual } from 'node:util';
import { expect, inject, it } from 'vitest';
import { type Answer, answersOfBoth, type Compared } from './both-answers.js';
import { startOracle } from './oracle.js';

const guard = 'plugins.schema_guard.schema_guard.SchemaGuardPlugin';
const sparc = 'plugins.sparc_static_validator.sparc_static_validator.SPARCStaticValidatorPlugin';
const seed = 20_262;

/** Why an answer may be another than theirs. Each stands on the page of the plugin. */
const differences: Readonly<Record<string, (compared: Compared) => boolean>> = {
  'a truth value is no number': ({ call, ours }) =>
    /true|false/.test(JSON.stringify(call.payload)) && JSON.stringify(ours).includes('expected number'),
};

const leaf = fc.constantFrom('string', 'number', 'integer', 'boolean').map((type) => ({ type }));
const schemas = fc.letrec((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3 },
    leaf,
    fc.record({ type: fc.constant('array'), items: tie('schema') }),
    fc.record({
      type: fc.constant('object'),
      required: fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 2 }),
      properties: fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('schema'), { maxKeys: 3 }),
    }),
  ),
})).schema;
const values = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('text', '', 1, 2.5, -3, true, false, null),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('value'), { maxKeys: 4 }),
  ),
})).value;

it.runIf(inject('pythons') !== null)('what their subset refuses is refused, and nothing else', async () => {
  const pythons = inject('pythons');
  if (pythons === null) return;
  await using oracle = await startOracle('1.0.0', pythons['1.0.0']);
  const all: Compared[] = [];
  const tools = Array.from({ length: 40 }, (_, at) => `tool${at}`);
  for (const [index, block_on_violation] of [true, false].entries()) {
    const some = fc.sample(schemas, { seed: seed + index, numRuns: tools.length });
    const ofTools = Object.fromEntries(tools.map((tool, at) => [tool, some[at]]));
    const config = { arg_schemas: ofTools, result_schemas: ofTools, block_on_violation };
    const calls = tools.flatMap((name, at) => [
      ...fc
        .sample(fc.dictionary(fc.constantFrom('a', 'b', 'c'), values), { seed: at, numRuns: 5 })
        .map((args) => ({ hook: 'tool_pre_invoke', payload: { name, args } })),
      ...fc
        .sample(values, { seed: at, numRuns: 8 })
        .map((result) => ({ hook: 'tool_post_invoke', payload: { name, result } })),
    ]);
    const hooks = ['tool_pre_invoke', 'tool_post_invoke'];
    all.push(...(await answersOfBoth(oracle, { kind: guard, config, hooks, calls })));
  }
  const unexplained = all
    .filter(({ ours, theirs }) => !isDeepStrictEqual(view(ours), view(theirs)))
    .filter((compared) => !Object.values(differences).some((isSo) => isSo(compared)));

  expect(unexplained.slice(0, 3).map((compared) => JSON.stringify({ ...compared, config: {} }))).toEqual([]);
  expect(all.length).toBeGreaterThanOrEqual(500);
  expect(all.filter(({ theirs }) => theirs.stop).length).toBeGreaterThan(150);
});

it.runIf(inject('pythons') !== null)('theirs lets everything pass where its toolkit is not installed', async () => {
  const pythons = inject('pythons');
  if (pythons === null) return;
  await using oracle = await startOracle('1.0.0', pythons['1.0.0']);
  const schema = { type: 'object', required: ['a'], properties: { a: { type: 'integer' }, b: { type: 'string' } } };
  const calls = fc
    .sample(fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom(1, '1', true, 'x', null)), {
      seed,
      numRuns: 500,
    })
    .map((args) => ({ hook: 'tool_pre_invoke', payload: { name: 'tool', args } }));
  const config = { tool_schemas: { tool: schema } };
  const all = await answersOfBoth(oracle, { kind: sparc, config, hooks: ['tool_pre_invoke'], calls });

  expect(all.every(({ theirs }) => theirs.metadata['reason'] === 'ALTK not installed' && !theirs.stop)).toBe(true);
  expect(new Set(all.map(({ ours }) => ours.violation?.['code']))).toEqual(
    new Set([undefined, 'SPARC_TYPE_ERROR', 'SPARC_UNKNOWN_PARAM', 'SPARC_MISSING_REQUIRED']),
  );
});

/** The order of the errors says nothing. */
function view({ stop, violation, payload, metadata }: Answer): unknown {
  const details = (violation?.['details'] ?? {}) as { readonly errors?: readonly string[] };
  const noted = metadata['schema_errors'] as readonly string[] | undefined;
  const { reason, description, code } = violation ?? {};
  return JSON.parse(
    JSON.stringify({
      stop,
      reason,
      description,
      code,
      errors: [...(details.errors ?? noted ?? [])].sort(),
      payload,
    }),
  );
}
