const edge = String.raw`[\p{L}\p{N}\p{M}_]`;
const interpolation = /\+|%[dfis]/;
const literal = new RegExp(`'[^']*'|(?<![$?:@]|${edge})\\d+(?:\\.\\d+)?(?:x[0-9a-f]+|e\\d+)?(?!${edge})`, 'iu');

/** What makes a text a statement about data: the first part, and what has to come somewhere after it. */
const shapes: readonly (readonly [RegExp, RegExp])[] = [
  [/\bSELECT\b/i, /\bFROM\b/gi],
  [/\bDELETE\s+FROM\b/i, /(?:)/g],
  [/\bUPDATE\s+(?!SET\b)(?=\S)/i, /\bSET\b/gi],
  [/\b(?:INSERT(?:\s+OR\s+\w+)?|MERGE|REPLACE)\s+INTO\b/i, /(?:)/g],
];

/** What says that values stand in a text of SQL rather than beside it, as its parameters. */
export function parameterIssues(sql: string): readonly string[] {
  if (interpolation.test(sql) || hasBraces(sql)) return ['Possible non-parameterized interpolation detected'];
  if (!literal.test(sql) || !shapes.some((shape) => hasShape(sql, shape))) return [];
  return ['Inline literal values detected; use bind parameters instead'];
}

/** Without an expression, which would look for the end again from each beginning. */
function hasBraces(sql: string): boolean {
  const begun = sql.indexOf('{');
  return begun !== -1 && sql.indexOf('}', begun) !== -1;
}

function hasShape(sql: string, [first, then]: (typeof shapes)[number]): boolean {
  const begun = first.exec(sql);
  if (begun === null) return false;
  then.lastIndex = begun.index + begun[0].length;
  return then.test(sql);
}
