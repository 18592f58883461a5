import type { SchemaProblem } from '../schemas/schema-validator.js';

/** How many problems of one value are told. */
const mostTexts = 100;

/** Problems in words: where each is, and what was expected. No value is in them, because it may be a secret. */
export function problemTexts(problems: readonly SchemaProblem[]): string[] {
  const texts = problems.slice(0, mostTexts).map((problem) => placeOf(problem) + wordsOf(problem));
  return problems.length > mostTexts ? [...texts, `and ${problems.length - mostTexts} more`] : texts;
}

function wordsOf({ keyword, params, message }: SchemaProblem): string {
  const { type, missingProperty } = params as Readonly<Record<string, unknown>>;
  if (keyword === 'type') return `Type mismatch: expected ${Array.isArray(type) ? type.join(' or ') : String(type)}`;
  if (keyword === 'required') return `Missing required property: ${String(missingProperty)}`;
  return message ?? `does not keep ${keyword}`;
}

/** A JSON pointer, a part at a time: `rows: [2]: `. */
function placeOf({ instancePath }: SchemaProblem): string {
  return instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? `[${part}]: ` : `${part}: `))
    .join('');
}
