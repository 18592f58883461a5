import { readSql, type SqlStatement } from './sql-reading.js';

/** Words that begin what changes data, structures, rights or the server, wherever in a statement they stand. */
const writing: readonly string[] = [
  'INSERT',
  'UPDATE',
  'DELETE',
  'MERGE',
  'REPLACE',
  'UPSERT',
  'TRUNCATE',
  'INTO',
  'CREATE',
  'ALTER',
  'DROP',
  'RENAME',
  'GRANT',
  'REVOKE',
  'DENY',
  'ATTACH',
  'DETACH',
  'PRAGMA',
  'COPY',
  'LOAD',
  'IMPORT',
  'EXPORT',
  'BULK',
  'BACKUP',
  'RESTORE',
  'WRITETEXT',
  'UPDATETEXT',
  'CALL',
  'EXEC',
  'EXECUTE',
  'HANDLER',
  'LOCK',
  'UNLOCK',
  'VACUUM',
  'REINDEX',
  'KILL',
  'SHUTDOWN',
  'DBCC',
  'RECONFIGURE',
  'WAITFOR',
];
/** Those that are names of functions too. */
const functions: readonly string[] = ['INSERT', 'REPLACE', 'TRUNCATE'];
/** Those that need INTO. */
const insertions: readonly string[] = ['INSERT', 'REPLACE', 'MERGE', 'UPSERT'];

/**
 * What keeps a text of SQL from being one that only has statements of some kinds: each has to begin with one of them, and
 * none may have a word in it that writes. Where it cannot be told, that is an issue as well.
 *
 * @param allowed first words, in capitals
 */
export function allowanceIssues(sql: string, allowed: readonly string[]): readonly string[] {
  const reading = readSql(sql);
  if (!reading.ok) return [`Statements cannot be told apart: ${reading.problem}`];
  const issues = new Set<string>();
  for (const statement of reading.statements) {
    if (statement.code.trim() === '') continue;
    const first = firstWord(statement);
    if (first === undefined) issues.add('Statement not allowed: it does not begin with a word');
    else if (!allowed.includes(first)) issues.add(`Statement not allowed: ${first.slice(0, 30)}`);
    for (const word of writingWords(statement, allowed)) issues.add(`Statement may write: ${word}`);
  }
  return [...issues];
}

function firstWord({ begins, words }: SqlStatement): string | undefined {
  const first = words[0]?.text;
  return first?.startsWith(begins.toUpperCase()) === true ? first : undefined;
}

function writingWords({ words }: SqlStatement, allowed: readonly string[]): readonly string[] {
  const inserts = words.some(({ text }) => insertions.includes(text) && allowed.includes(text));
  return words
    .filter(({ text, isMember, after }) => {
      if (!writing.includes(text) || allowed.includes(text) || isMember) return false;
      if (text === 'INTO') return !inserts;
      return after !== '(' || !functions.includes(text);
    })
    .map(({ text }) => text);
}
