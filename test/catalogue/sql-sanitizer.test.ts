import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowanceIssues } from '../../src/catalogue/sql-sanitizer/allowed-statements.js';
import { withoutComments } from '../../src/catalogue/sql-sanitizer/sql-comments.js';
import { readSql } from '../../src/catalogue/sql-sanitizer/sql-reading.js';
import type { HookOutcome } from '../../src/index.js';
import { expectLinearTime } from '../fixtures/catalogue/linear-time.js';
import { managerOf } from '../fixtures/catalogue/one-plugin.js';

const hooks = ['prompt_pre_fetch', 'tool_pre_invoke'];
const reading = ['SELECT', 'WITH', 'EXPLAIN'];

async function answerTo(config: object, args: Record<string, unknown>): Promise<HookOutcome> {
  await using manager = await managerOf('sql-sanitizer', hooks, config);
  return await manager.invokeHook('tool_pre_invoke', { name: 't', args }, { requestId: 'r' });
}

const issuesIn = ({ violation }: HookOutcome): unknown => violation?.details?.['issues'];

describe('the sanitizer of SQL', () => {
  it('blocks each risky statement of a text', async () => {
    const outcome = await answerTo({}, { sql: 'DELETE FROM a; SELECT 1 WHERE 1; DROP TABLE b' });

    expect(outcome.violation?.code).toBe('SQL_SANITIZER');
    expect(issuesIn(outcome)).toEqual(['DELETE without WHERE clause', 'Blocked statement matched: \\bDROP\\b']);
  });

  it('blocks any number of risky statements, and tells of a hundred', async () => {
    const sql = Array.from({ length: 170_000 }, (_, at) => `a${at.toString(36)}`).join(';');
    const outcome = await answerTo({ allowed_statements: ['SELECT'] }, { sql });

    expect(outcome.violation?.code).toBe('SQL_SANITIZER');
    expect(issuesIn(outcome)).toHaveLength(100);
  });

  it.each([
    'UPDATE ONLY a AS b SET c = 1',
    'UPDATE a INDEXED BY i SET c = 1',
    'UPDATE a NOT INDEXED SET c = 1',
    'UPDATE a SET b = @where',
    'UPDATE a SET b = a.where',
    'DELETE FROM a AS [where]',
    'DELETE FROM a RETURNING :where',
    'UPDATE a SET b = (SELECT 1 FROM c WHERE d)',
    'DELETE FROM a RETURNING (SELECT 1 FROM c WHERE d)',
    'WITH gone AS (DELETE FROM a RETURNING *) SELECT * FROM gone WHERE 1',
    'UPDATE a SET b = 1) (WHERE c',
    'UPDATE a SET b = ((1), (SELECT 1 WHERE c)',
  ])('blocks %j, which has no WHERE', async (sql) => {
    expect((await answerTo({}, { sql })).violation?.code).toBe('SQL_SANITIZER');
  });

  it.each([
    'UPDATE a SET b = (SELECT 1 FROM c) WHERE d',
    'UPDATE a SET (b, c) = (SELECT 1, 2 WHERE d) WHERE (e IN (1, 2))',
    'DELETE FROM a USING (SELECT 1 FROM b WHERE c) AS d WHERE a.e = d.e',
    'WITH gone AS (DELETE FROM a WHERE b RETURNING *) SELECT count(*) FROM gone',
    'INSERT INTO a (b) VALUES (1) ON CONFLICT (b) DO UPDATE SET c = (SELECT 1)',
  ])('lets %j pass, where what needs a WHERE has its own', async (sql) => {
    expect(await answerTo({}, { sql })).toMatchObject({ continueProcessing: true, modifiedPayload: undefined });
  });

  it('takes comments out of what passes, and says so', async () => {
    const { modifiedPayload, metadata } = await answerTo({}, { sql: 'SELECT 1 -- one\n/* two */', n: 1 });

    expect(modifiedPayload).toEqual({ name: 't', args: { sql: 'SELECT 1 \n', n: 1 } });
    expect(metadata).toEqual({ sql_sanitized: true });
  });

  it('reports where it is told not to block', async () => {
    const { continueProcessing, metadata } = await answerTo({ block_on_violation: false }, { sql: 'DROP TABLE a' });

    expect(continueProcessing).toBe(true);
    expect(metadata).toEqual({ sql_issues: ['Blocked statement matched: \\bDROP\\b'] });
  });

  it('looks at all that is in a field, and at no other', async () => {
    const config = { fields: ['sql'] };

    expect((await answerTo(config, { sql: { parts: ['DROP TABLE a'] } })).continueProcessing).toBe(false);
    expect((await answerTo(config, { note: 'DROP it' })).continueProcessing).toBe(true);
  });

  it.each([
    ['an unknown key', { field: 'a' }, 'field'],
    ['a pattern that is none', { blocked_statements: ['DROP', '('] }, 'config.blocked_statements[1]: not a pattern'],
    ['no fields', { fields: [] }, 'config.fields: leave it out to look at all texts'],
    ['a statement of two words', { allowed_statements: ['SELECT INTO'] }, 'config.allowed_statements[0]'],
  ])('refuses a configuration with %s', async (_, config, message) => {
    await expect(managerOf('sql-sanitizer', hooks, config)).rejects.toThrow(message);
  });
});

describe('statements that may pass', () => {
  it.each([
    'SELECT 1',
    ' (select a.update, "call" from t) union (select 2);',
    "WITH x AS (SELECT 'drop; it''s' AS a) SELECT * FROM x WHERE b = ANY(ARRAY['c', 'd'])",
    'EXPLAIN SELECT replace(a, 1, 2), insert(b, 1, 2, 3), truncate(c, 2) FROM `t` LIMIT $1',
    'SELECT [name] FROM [dbo].[users] WHERE id = @id',
    'SELECT [a].call, `b`.lock, "c".copy, 1.5e3, 0xFF, 2x FROM 2fa',
    '',
    ';;',
  ])('lets %j pass', (sql) => {
    expect(allowanceIssues(sql, reading)).toEqual([]);
  });

  it.each([
    'DROP TABLE a',
    'SELECT 1; DELETE FROM a',
    'SELECT 1 DROP TABLE a',
    "SELECT 1\nEXEC xp_cmdshell 'x'",
    'WITH x AS (DELETE FROM a RETURNING *) SELECT * FROM x',
    'WITH x AS (SELECT 1) INSERT INTO a SELECT * FROM x',
    'SELECT * INTO b FROM a',
    "SELECT 1 INTO OUTFILE '/tmp/a'",
    "SELECT 1.INTO OUTFILE '/tmp/a'",
    'SELECT .5.DELETE FROM a',
    "SELECT 'a'.DELETE FROM a",
    'SELECT (1).DELETE FROM a',
    'SELECT 1INTO b FROM a',
    'SELECT 1e1INTO b FROM a',
    'SELECT 1eDROP TABLE a',
    'SELECT 0xFFINTO b FROM a',
    'SELECT * FROM a FOR UPDATE',
    'EXPLAIN ANALYZE UPDATE a SET b = 1',
    "COPY a TO PROGRAM 'sh'",
    'PRAGMA writable_schema = 1',
    "ATTACH 'a' AS b",
    '\\! rm -rf /',
    "SELECT '\\'; DROP TABLE a; --'",
    "SELECT 'it\\'s'",
    `SELECT "\\"; DROP TABLE a; SELECT "`,
    'SELECT $$; DROP TABLE a; $$',
    "SELECT q'[']'; DROP TABLE a; SELECT ''",
    "SELECT [x'] ; DROP TABLE y; SELECT ']",
    "SELECT ''' ' ''' ; DELETE FROM x WHERE '' = '",
    "SELECT 'a",
    'SELECT 1 /* a',
    'SELECT 1 -- a',
    'SELECT\u0000 1',
    'SELECT 1\u00A0DROP\u00A0TABLE x',
    '1',
    '"SELECT" 1',
  ])('stops %j', (sql) => {
    expect(allowanceIssues(sql, reading)).not.toEqual([]);
  });

  it('lets write what may write', () => {
    expect(allowanceIssues('INSERT INTO a SELECT 1', ['INSERT'])).toEqual([]);
    expect(allowanceIssues('INSERT INTO a VALUES (1) ON CONFLICT DO UPDATE SET b = 1', ['INSERT'])).toEqual([
      'Statement may write: UPDATE',
    ]);
  });

  it('lets nothing pass in which a word that writes stands outside of quotes', () => {
    const pieces = fc.constantFrom(
      'SELECT 1',
      'DROP',
      "'a'",
      "''",
      '"b"',
      '`c`',
      '[d]',
      ';',
      ' ',
      '\n',
      '(',
      ')',
      "'",
      '\\',
      '$$',
      "'DROP'",
    );
    let passedInQuotes = 0;
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const sql = parts.join('');
        if (allowanceIssues(sql, reading).length > 0) return;
        if (sql.includes('DROP')) passedInQuotes++;
        // Databases end quotes in different ways. What they read differently is refused, so that one way is enough here.
        const bare = sql.replaceAll(/'(?:[^']|'')*'|"[^"]*"|`[^`]*`/g, '""');
        expect(bare).not.toMatch(/(?<![\w.])DROP(?!\w)/);
      }),
      { numRuns: 3000 },
    );
    // Else nothing was looked at.
    expect(passedInQuotes).toBeGreaterThan(0);
  });
});

describe('comments', () => {
  it('leave texts, and no new comments', () => {
    const pieces = fc.constantFrom("'", '-', '--', '/*', '*/', '/', '*', '#', '\n', 'a', ' ', '!');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 20 }), (parts) => {
        const { sql } = withoutComments(parts.join(''));
        expect(withoutComments(sql).sql).toBe(sql);
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    "'",
    '--',
    '/*',
    '/**/',
    '/*!a*/',
    '-/**/',
    'UPDATE ',
    'UPDATE a,b ',
    'DELETE FROM a;',
    '{',
    "'a'",
    '[',
    '"',
    'SELECT ',
  ])('and all the rest take time in proportion to a text of %s', async (part) => {
    const config = { require_parameterization: true, allowed_statements: ['SELECT'], block_on_violation: false };
    await using manager = await managerOf('sql-sanitizer', hooks, config);
    await expectLinearTime(
      (sql) => manager.invokeHook('tool_pre_invoke', { name: 't', args: { sql } }, { requestId: 'r' }),
      (length) => part.repeat((0.9 * length) / part.length),
    );
  });

  it('make any text one that can be read, or refused', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 50 }), (text) => {
        expect(readSql(text)).toHaveProperty('ok');
        expect(allowanceIssues(withoutComments(text).sql, reading)).toBeInstanceOf(Array);
      }),
    );
  });
});
