/** A word that is neither in quotes nor in a text. */
export interface SqlWord {
  /** In capitals. */
  readonly text: string;
  /** Whether it stands behind a name and a point: `t.call`. */
  readonly isMember: boolean;
  /** The character behind it; empty at the end. */
  readonly after: string;
}

/** What stands between two semicolons. */
export interface SqlStatement {
  /** Without the contents of texts. */
  readonly visible: string;
  /** Without the contents of quoted names either. */
  readonly code: string;
  readonly words: readonly SqlWord[];
  /** The first character that is no space and no parenthesis. */
  readonly begins: string;
}

/** The statements of a text, or why databases would not agree on where a text, a name or a comment in it ends. */
export type SqlReading =
  | { readonly ok: true; readonly statements: readonly SqlStatement[] }
  | { readonly ok: false; readonly problem: string };

/** Why the end of something is uncertain. */
class Uncertain extends Error {}

const mark = /['"`;\\[\]$#]|--|\/\*|[\p{L}\p{N}_][\p{L}\p{N}\p{M}_]*/gu;
// oxlint-disable-next-line no-control-regex -- databases do not agree on what they are
const control = /[\0-\u0008\u000B\u000E-\u001F\u007F]/;
const dollarQuote = /\$[\p{L}\p{N}_]*\$/uy;

/**
 * Takes a text of SQL apart as PostgreSQL, MySQL, SQLite, SQL Server and Oracle alike would. What they read differently is
 * not guessed at: backslashes before quotes, dollar quotes, triple quotes, `q'[…]'`, names and lists in brackets that hold
 * a bracket in a text, and comments. Linear in the text.
 */
export function readSql(sql: string): SqlReading {
  try {
    return { ok: true, statements: statementsOf(sql) };
  } catch (error) {
    if (error instanceof Uncertain) return { ok: false, problem: error.message };
    throw error;
  }
}

function statementsOf(sql: string): readonly SqlStatement[] {
  if (control.test(sql)) throw new Uncertain('it has control characters');
  const statements: SqlStatement[] = [];
  let words: SqlWord[] = [];
  let [visible, code] = ['', ''];
  let [from, isInBrackets] = [0, false];
  let nameEnd = -1;
  const keep = (end: number): void => {
    visible += sql.slice(from, end);
    code += sql.slice(from, end);
    from = end;
  };
  const finish = (): void => {
    statements.push({ visible, code, words, begins: /[^\s(]/.exec(code)?.[0] ?? '' });
    words = [];
    [visible, code] = ['', ''];
  };
  mark.lastIndex = 0;
  for (let match = mark.exec(sql); match !== null; match = mark.exec(sql)) {
    const [text] = match;
    const at = match.index;
    if (text === "'" || text === '"' || text === '`') {
      const end = quoteEnd(sql, at, text, isInBrackets);
      keep(at);
      visible += text === "'" ? "''" : sql.slice(at, end);
      code += text + text;
      from = end;
      mark.lastIndex = end;
      if (text !== "'") nameEnd = end;
    } else if (text === ';') {
      keep(at);
      finish();
      from = at + 1;
    } else if (text === '[' || text === ']') {
      if (sql[at + 1] === ']' && text === ']') throw new Uncertain('it has two closing brackets');
      isInBrackets = text === '[';
      if (text === ']') nameEnd = at + 1;
    } else if (/^[\p{L}\p{N}_]/u.test(text)) {
      const after = sql[at + text.length] ?? '';
      if (after === "'" && /^n?q$/i.test(text)) throw new Uncertain('it has a text in quotes of its own');
      const isMember = sql[at - 1] === '.' && nameEnd === at - 1;
      for (const read of readingsOf(text)) words.push({ text: read.toUpperCase(), isMember, after });
      if (!/^\p{N}/u.test(text)) nameEnd = at + text.length;
    } else {
      refuse(sql, at, text);
    }
  }
  keep(sql.length);
  finish();
  return statements;
}

/** What ends a number for databases that let a word begin right behind it: `SELECT 1INTO b`, `SELECT 1eINTO b`. */
const numbers = [/^\d[\d_]*/, /^\d[\d_]*e\d*/i, /^0x[\da-f]*/i];

/** A word, and those that some databases see behind the number that it begins with. */
function readingsOf(text: string): readonly string[] {
  const ends = numbers.flatMap((number) => number.exec(text)?.[0].length ?? []);
  return [text, ...ends.map((end) => text.slice(end)).filter((rest) => rest !== '')];
}

function refuse(sql: string, at: number, text: string): void {
  dollarQuote.lastIndex = at;
  if (text === '$' && !dollarQuote.test(sql)) return;
  if (text === '$') throw new Uncertain('it has a text in dollar quotes');
  if (text === '\\') throw new Uncertain('it has a backslash outside of texts');
  throw new Uncertain('it has a comment');
}

function quoteEnd(sql: string, at: number, quote: string, isInBrackets: boolean): number {
  if (sql[at + 1] === quote && sql[at + 2] === quote) throw new Uncertain('it has three quotes in a row');
  let end = sql.indexOf(quote, at + 1);
  while (end !== -1 && sql[end + 1] === quote) {
    requireNoBackslash(sql, end);
    end = sql.indexOf(quote, end + 2);
  }
  if (end === -1) throw new Uncertain('it has a quote that does not end');
  requireNoBackslash(sql, end);
  const inside = sql.slice(at + 1, end);
  if (isInBrackets && inside.includes(']')) throw new Uncertain('it has a bracket in a text in brackets');
  if (quote === '`' && /['";]|--|\/\*/.test(inside)) throw new Uncertain('it has marks in a name');
  return end + 1;
}

function requireNoBackslash(sql: string, quoteAt: number): void {
  if (sql[quoteAt - 1] === '\\') throw new Uncertain('it has a backslash before a quote');
}
