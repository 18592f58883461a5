import type { Pattern } from '../patterns/pattern.js';
import { levelsOf } from './nesting-levels.js';
import { parameterIssues } from './parameter-issues.js';
import { readSql } from './sql-reading.js';

/** What is risky in the eyes of a configuration. */
export interface RiskRules {
  readonly blocked: readonly Pattern[];
  readonly deleteNeedsWhere: boolean;
  readonly updateNeedsWhere: boolean;
  readonly needsParameters: boolean;
}

interface Part {
  /** Without what is certainly in a text. */
  readonly visible: string;
  /** Without what may be in a text or a quoted name. */
  readonly certain: string;
}

const edge = String.raw`[\p{L}\p{N}\p{M}_]`;
const whole = (words: string): string => `(?<!${edge})(?:${words})(?!${edge})`;
/** The word, and no name or parameter: `a.where`, `[where]`, `@where`, `:where`. */
const where = new RegExp(`(?<![.@:$[])${whole('WHERE')}(?!\\])`, 'iu');
const deletion = new RegExp(String.raw`^\s*${whole('DELETE')}|${whole('DELETE')}\s+${whole('FROM')}`, 'iu');
const updateOrSet = new RegExp(whole('UPDATE|SET'), 'giu');
/** What the tables of an update have in them where it is not a name and another one. */
const tables = new RegExp(`[,(."\`\\[]|${whole('JOIN|LOW_PRIORITY|IGNORE|TOP|OR|ONLY|INDEXED')}`, 'iu');

/**
 * What is risky in a text of SQL, statement by statement. Where databases would not agree on what is in a text, all of it
 * counts as statements.
 */
export function riskIssues(sql: string, rules: RiskRules): readonly string[] {
  const parts = partsOf(sql);
  const issues = parts.flatMap((part) => [
    ...rules.blocked.filter((pattern) => pattern.test(part.visible)).map((pattern) => blockedIssue(pattern)),
    ...(rules.deleteNeedsWhere && lacksWhere(part, hasDeletion) ? ['DELETE without WHERE clause'] : []),
    ...(rules.updateNeedsWhere && lacksWhere(part, hasUpdate) ? ['UPDATE without WHERE clause'] : []),
  ]);
  if (rules.needsParameters) issues.push(...parameterIssues(parts.map(({ visible }) => visible).join(';')));
  return issues;
}

function blockedIssue({ source }: Pattern): string {
  return `Blocked statement matched: ${source}`;
}

function partsOf(sql: string): readonly Part[] {
  const reading = readSql(sql);
  if (reading.ok) return reading.statements.map(({ visible, code }) => ({ visible, certain: code }));
  // Up to the first quote nothing is in one.
  let certain = sql.search(/['"`\\[\]$]/);
  if (certain === -1) certain = sql.length;
  return sql.split(';').map((visible) => {
    const part = { visible, certain: visible.slice(0, Math.max(0, certain)) };
    certain -= visible.length + 1;
    return part;
  });
}

/** Whether something that needs a `WHERE` has none: that of a query inside it, or around it, is none of its own. */
function lacksWhere({ visible, certain }: Part, isThere: (code: string) => boolean): boolean {
  if (isThere(visible) && !where.test(certain)) return true;
  return levelsOf(certain).some((level) => isThere(level) && !where.test(level));
}

function hasDeletion(code: string): boolean {
  return deletion.test(code);
}

/** Whether it has an update of a table, other than the `DO UPDATE SET` and `THEN UPDATE SET` of an insertion. */
function hasUpdate(code: string): boolean {
  let begun: number | undefined;
  for (const { 0: word, index } of code.matchAll(updateOrSet)) {
    if (word.toUpperCase() === 'UPDATE') {
      begun = index + word.length;
      continue;
    }
    if (begun === undefined || code[index - 1] === '.') continue;
    const between = code.slice(begun, index).trim();
    if (between === '') continue;
    const names = between.split(/\s+/, 4);
    if (names.length <= 2 || (names.length === 3 && /^as$/i.test(names[1] ?? '')) || tables.test(between)) return true;
    begun = undefined;
  }
  return false;
}
