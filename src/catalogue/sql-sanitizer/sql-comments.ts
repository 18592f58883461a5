/** A text of SQL with its comments taken out. */
export interface Uncommented {
  /** What may go on to a database. */
  readonly sql: string;
  /** The same with what MySQL executes in comments that begin with `/*!`. */
  readonly executed: string;
}

/** Where a text or a comment begins. */
const opening = /'|--|#|\/\*/g;
/** What two characters may not become where a comment between them goes: a comment of its own, or one text of two. */
const joints: readonly string[] = ['--', '/*', '*/', "''"];

/**
 * Takes out comments: from `--` or `#` to the end of the line, and from `/*` to the next end of a comment. Only texts in
 * single quotes keep what looks like one.
 */
export function withoutComments(text: string): Uncommented {
  let [sql, executed] = ['', ''];
  let from = 0;
  let last = '';
  opening.lastIndex = 0;
  const keep = (end: number): void => {
    const part = text.slice(from, end);
    const space = joints.includes(`${last}${part[0] ?? ''}`) && from > 0 ? ' ' : '';
    sql += space + part;
    executed += space + part;
    last = part.at(-1) ?? last;
  };
  for (let match = opening.exec(text); match !== null; match = opening.exec(text)) {
    const [mark] = match;
    if (mark === "'") {
      opening.lastIndex = endOf(text, "'", match.index + 1);
      continue;
    }
    keep(match.index);
    from = mark === '/*' ? endOf(text, '*/', match.index + 2) : lineEnd(text, match.index);
    executed += executedPart(text.slice(match.index, from));
    opening.lastIndex = from;
  }
  if (from === 0) return { sql: text, executed: text };
  keep(text.length);
  return { sql, executed };
}

function endOf(text: string, mark: string, from: number): number {
  const at = text.indexOf(mark, from);
  return at === -1 ? text.length : at + mark.length;
}

/** The line break stays. */
function lineEnd(text: string, from: number): number {
  const at = text.indexOf('\n', from);
  return at === -1 ? text.length : at;
}

function executedPart(comment: string): string {
  const [begin] = /^\/\*M?!\d*/.exec(comment) ?? [];
  if (begin === undefined) return '';
  return ` ${comment.slice(begin.length, comment.endsWith('*/') ? -2 : undefined)} `;
}
