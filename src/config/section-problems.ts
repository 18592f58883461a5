import type { z } from 'zod';
import { errorAt, type Path, type Problem } from './problem.js';
import { suggestionFor } from './suggestion.js';

/** What a schema that others wrote refused of a section, in the words of a configuration. @param at where the section is */
export function sectionProblems(schema: z.ZodType, error: z.ZodError, section: unknown, at: Path): Problem[] {
  return error.issues.flatMap((issue): Problem[] => {
    const inside = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
    const path = [...at, ...inside];
    if (issue.code === 'unrecognized_keys') {
      const known = keysAt(schema, inside);
      return issue.keys.map((key) => errorAt([...path, key], unknownKey(key, known), 'key'));
    }
    const expected = expectedIn(issue.message);
    if (inside.length > 0 && !isPresent(section, inside))
      return [errorAt(path, expected === undefined ? issue.message : `is missing; expected ${expected}`, 'parent')];
    return [
      errorAt(path, (found) => (expected === undefined ? issue.message : `expected ${expected}, found ${found}`)),
    ];
  });
}

function unknownKey(key: string, known: readonly string[]): string {
  const meant = suggestionFor(key, known);
  if (meant !== undefined) return `unknown key; did you mean \`${meant}\`?`;
  return known.length === 0 ? 'unknown key' : `unknown key; expected one of ${known.join(', ')}`;
}

const forms = [
  /^Invalid input: expected (.+), received .+$/,
  /^Invalid input: (?:must|expected) (.+)$/,
  /^Invalid option: expected (.+)$/,
  /^Too (?:small|big): expected (.+)$/,
  // Schemas of this package say what was expected and nothing else.
  /^((?:a (?:string|number|list|map)|an (?:integer|object)|at (?:most|least)|one of|true or|seconds|milliseconds)\b.*)$/,
];

/** What was expected, where a message of zod says that; undefined for a plugin's own words. */
function expectedIn(message: string): string | undefined {
  return forms.map((form) => form.exec(message)?.[1]).find((words) => words !== undefined);
}

function isPresent(section: unknown, path: Path): boolean {
  let value = section;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return false;
    value = Reflect.get(value, step);
  }
  return value !== undefined;
}

/** The keys of the maps that a schema takes at a path. */
function keysAt(schema: unknown, path: Path): string[] {
  const maps = path.reduce<unknown[]>((schemas, step) => schemas.flatMap((inner) => insideOf(inner, step)), [schema]);
  return [...new Set(maps.flatMap(shapesOf).flatMap((shape) => Object.keys(shape)))];
}

function insideOf(schema: unknown, step: string | number): unknown[] {
  const found: unknown[] = shapesOf(schema).flatMap((shape) => (Object.hasOwn(shape, step) ? [shape[step]] : []));
  for (const { element, valueType } of definitionsOf(schema)) found.push(element, valueType);
  return found.filter((inner) => inner !== undefined);
}

function shapesOf(schema: unknown): Record<string, unknown>[] {
  return definitionsOf(schema).flatMap(({ shape }) => (shape === undefined ? [] : [shape]));
}

/** What zod keeps of a schema, as far as it says what is inside. */
interface Definition {
  readonly shape?: Record<string, unknown>;
  readonly element?: unknown;
  readonly valueType?: unknown;
  readonly innerType?: unknown;
  readonly in?: unknown;
  readonly out?: unknown;
  readonly options?: readonly unknown[];
}

/** The definitions of a schema without what is around it: defaults, transformations, choices. */
function definitionsOf(schema: unknown): Definition[] {
  const definition = (Object(schema) as { readonly def?: Definition }).def;
  if (definition === undefined) return [];
  const { innerType, in: before, out: after, options = [] } = definition;
  return [definition, ...[innerType, before, after, ...options].flatMap(definitionsOf)];
}
