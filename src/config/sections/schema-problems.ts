import type { z } from 'zod';
import { errorAt, type Path, type Report } from '../problem.js';
import { suggestionFor } from '../suggestion.js';

/** Words what a schema refused. The schemas' own messages say what was expected (see `field-schemas.ts`). */
export function reportSchemaIssues(error: z.ZodError, valueAt: (path: Path) => unknown, report: Report): void {
  for (const issue of error.issues) {
    const path = issue.path.map((segment) => (typeof segment === 'symbol' ? String(segment) : segment));
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) report(unknownKey([...path, key], key, issue.message.split(' ')));
    } else if (valueAt(path) === undefined) {
      report(errorAt(path, `is missing; expected ${issue.message}`, 'parent'));
    } else {
      // YAML makes booleans and numbers of words like `off` and `1.0`, which is seldom meant where text is expected.
      const unquoted = issue.message.startsWith('a string') && ['boolean', 'number'].includes(typeof valueAt(path));
      const hint = unquoted ? '; put it in quotes' : '';
      report(errorAt(path, (found) => `expected ${issue.message}, found ${found}${hint}`));
    }
  }
}

function unknownKey(path: Path, key: string, known: readonly string[]): ReturnType<typeof errorAt> {
  const meant = suggestionFor(key, known);
  const hint = meant === undefined ? `expected one of ${known.join(', ')}` : `did you mean \`${meant}\`?`;
  return errorAt(path, `unknown key; ${hint}`, 'key');
}
