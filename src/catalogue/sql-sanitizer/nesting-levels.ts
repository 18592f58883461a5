/**
 * What stands together within parentheses, and outside of all, each without what is in further ones: of `a (b (c)) d`
 * these are `c`, `b ()` and `a () d`. What is not closed counts; what closes nothing is passed over.
 */
export function levelsOf(code: string): readonly string[] {
  const closed: string[] = [];
  const outer: string[][] = [];
  let level: string[] = [];
  let from = 0;
  for (const { 0: mark, index } of code.matchAll(/[()]/g)) {
    level.push(code.slice(from, index));
    from = index + 1;
    if (mark === '(') {
      outer.push(level);
      level = [];
      continue;
    }
    const around = outer.pop();
    if (around === undefined) {
      level.push(' ');
      continue;
    }
    closed.push(level.join(''));
    level = around;
    level.push('()');
  }
  level.push(code.slice(from));
  return [...closed, ...[...outer, level].map((parts) => parts.join(''))];
}
