import fc from 'fast-check';
import { expect, inject, it } from 'vitest';
import { type Answer, answersOfBoth } from './both-answers.js';
import { type OracleCall, startOracle } from './oracle.js';

const kind = 'cpex_sql_sanitizer.sql_sanitizer.SQLSanitizerPlugin';
const hooks = ['prompt_pre_fetch', 'tool_pre_invoke'];
const seed = 20_262;

const configs: readonly object[] = [
  {},
  { fields: ['sql', 'query'] },
  { block_on_violation: false },
  { strip_comments: false },
  { blocked_statements: ['\\bINTO\\b', 'se[lt]', '^\\s*exec'], require_parameterization: true },
  { block_delete_without_where: false, block_on_violation: false, require_parameterization: true },
  { block_update_without_where: false, blocked_statements: [] },
];

const fragments = [
  'SELECT',
  'select * from',
  'DELETE FROM',
  'delete',
  'DELETE',
  'UPDATE',
  'update t set',
  'SET',
  'WHERE',
  'where',
  'DROP',
  'drop table',
  'TRUNCATE',
  'Alter',
  'GRANT',
  'revoke',
  'INTO',
  'exec',
  'FROM',
  'a',
  'b.c',
  'x = 1',
  '*',
  "'drop'",
  "'it''s; -- where'",
  "''",
  '"where_"',
  '`t`',
  "'/* a */'",
  'dropped',
  'a_drop',
  '%s',
  '+',
  '{a}',
  '{',
  '}',
  '-- drop',
  '--',
  '# where',
  '/* drop */',
  '/**/',
  '/* where\n */',
  '/*! drop */',
  '/*!50001 alter*/',
  '/* open',
  '*/',
];
const sql = fc
  .array(fc.tuple(fc.constantFrom(...fragments), fc.constantFrom(' ', ' ', ' ', '\n', ';', '; ', '', '\t')), {
    minLength: 1,
    maxLength: 9,
  })
  .map((parts) => parts.flat().join(''));

const keys = fc.constantFrom('sql', 'query', 'other');
const calls: fc.Arbitrary<OracleCall> = fc
  .record({
    isPrompt: fc.boolean(),
    texts: fc.dictionary(keys, sql, { maxKeys: 3 }),
    args: fc.dictionary(
      keys,
      fc.oneof(
        sql,
        sql,
        fc.constantFrom(null, 1),
        fc.array(sql, { maxLength: 2 }),
        fc.dictionary(fc.constantFrom('sql', 'query'), sql, { maxKeys: 2 }),
      ),
      { maxKeys: 3 },
    ),
  })
  .map(({ isPrompt, texts, args }) =>
    isPrompt
      ? { hook: 'prompt_pre_fetch', payload: { prompt_id: 'p', args: texts } }
      : { hook: 'tool_pre_invoke', payload: { name: 't', args } },
  );

interface Difference {
  /** As the page has it. */
  readonly row: string;
  /** Texts that are about it, where random ones are. */
  readonly isAbout?: RegExp;
  readonly sql: string;
  readonly config?: object;
  /** Issues, or what passes. */
  readonly theirs: readonly string[] | string;
  readonly ours: readonly string[] | string;
}

const deletes = ['DELETE without WHERE clause'];
const updates = ['UPDATE without WHERE clause'];
const drops = ['Blocked statement matched: \\bDROP\\b'];

const differences: readonly Difference[] = [
  {
    row: 'a deletion within a statement',
    isAbout: /[^;\s][^;]*delete(?:\s|--.*\n|#.*\n|\/\*[^]*?\*\/)*from/i,
    sql: 'WITH gone AS (DELETE FROM a RETURNING *) SELECT * FROM gone',
    theirs: 'WITH gone AS (DELETE FROM a RETURNING *) SELECT * FROM gone',
    ours: deletes,
  },
  {
    row: 'an update of several tables, or with words before the table',
    isAbout: /update[^;]*[,(.`"[][^;]*set/i,
    sql: 'UPDATE LOW_PRIORITY a, b SET c = 1',
    theirs: 'UPDATE LOW_PRIORITY a, b SET c = 1',
    ours: updates,
  },
  {
    row: 'a `WHERE` of a query inside an update or a deletion',
    sql: 'UPDATE a SET b = (SELECT 1 FROM c WHERE d)',
    theirs: 'UPDATE a SET b = (SELECT 1 FROM c WHERE d)',
    ours: updates,
  },
  {
    row: 'a `WHERE` in a quoted name',
    sql: 'DELETE FROM a AS "where"',
    theirs: 'DELETE FROM a AS "where"',
    ours: deletes,
  },
  {
    row: 'a `WHERE` that goes with its comment',
    sql: 'DELETE FROM a /*! WHERE b */',
    theirs: 'DELETE FROM a ',
    ours: deletes,
  },
  {
    row: 'a `WHERE` in a comment that stays',
    isAbout: /--|#|\/\*/,
    sql: 'DELETE FROM a -- WHERE b',
    config: { strip_comments: false },
    theirs: 'DELETE FROM a -- WHERE b',
    ours: deletes,
  },
  {
    row: 'quotes in quotes of another kind',
    sql: `SELECT "'" FROM a; DROP TABLE a; SELECT "'"`,
    theirs: `SELECT "'" FROM a; DROP TABLE a; SELECT "'"`,
    ours: drops,
  },
  {
    row: 'quotes that databases read differently',
    isAbout: /'''|'[^']*$/,
    sql: "SELECT '\\''; DROP TABLE a; SELECT '1'",
    theirs: "SELECT '\\''; DROP TABLE a; SELECT '1'",
    ours: drops,
  },
  {
    row: 'a semicolon in a quoted name',
    sql: 'DELETE FROM "a;b" WHERE c',
    theirs: deletes,
    ours: 'DELETE FROM "a;b" WHERE c',
  },
  {
    row: 'braces after a closing one',
    isAbout: /^[^{]*\}[^]*\{[^}]*\}/,
    sql: 'a } b {c}',
    config: { require_parameterization: true },
    theirs: 'a } b {c}',
    ours: ['Possible non-parameterized interpolation detected'],
  },
  {
    row: 'what a comment kept apart',
    isAbout: /[-/*'](?:\/\*[^]*?\*\/)+[-/*']/,
    sql: 'DELETE FROM a -/**/- WHERE b',
    theirs: 'DELETE FROM a -- WHERE b',
    ours: 'DELETE FROM a - - WHERE b',
  },
];

function isKnown(text: string, used: object): boolean {
  return differences.some(
    ({ isAbout, config }) =>
      isAbout?.test(text) && Object.entries(config ?? {}).every(([key, value]) => Reflect.get(used, key) === value),
  );
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

it.runIf(inject('pythons') !== null)('what the wheel strips and blocks is stripped and blocked', async () => {
  const pythons = inject('pythons');
  if (pythons === null) return;
  await using oracle = await startOracle('cpex', pythons.cpex);
  let [seen, blocked] = [0, 0];
  for (const [index, config] of configs.entries()) {
    const order = { kind, config, hooks, calls: fc.sample(calls, { seed: seed + index, numRuns: 150 }) };
    for (const { ours, theirs, call } of await answersOfBoth(oracle, order)) {
      if (textsOf(call.payload).some((text) => isKnown(text, config))) continue;
      expect(ours, `seed ${seed}, ${JSON.stringify({ config, call })}`).toEqual(theirs);
      seen++;
      if (theirs.violation !== undefined || theirs.payload !== undefined) blocked++;
    }
  }

  expect(seen).toBeGreaterThanOrEqual(500);
  expect(blocked).toBeGreaterThan(seen / 4);
});

it.runIf(inject('pythons') !== null)('and what the page says besides', async () => {
  const pythons = inject('pythons');
  if (pythons === null) return;
  await using oracle = await startOracle('cpex', pythons.cpex);
  for (const { row, sql: text, config = {}, ours, theirs } of differences) {
    const call = { hook: 'tool_pre_invoke', payload: { name: 't', args: { text } } };
    const [pair] = await answersOfBoth(oracle, { kind, config, hooks, calls: [call] });
    expect([row, outcomeOf(pair?.theirs, text), outcomeOf(pair?.ours, text)]).toEqual([row, theirs, ours]);
  }
});

function outcomeOf(answer: Answer | undefined, given: string): unknown {
  const { violation, payload } = { ...answer } as {
    readonly violation?: { readonly details: { readonly issues: unknown } };
    readonly payload?: { readonly args: { readonly text: string } };
  };
  return violation?.details.issues ?? payload?.args.text ?? given;
}
