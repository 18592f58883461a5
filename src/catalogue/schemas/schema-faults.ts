import type { Ajv, ErrorObject } from 'ajv';
import type { Path } from '../../config/problem.js';
import { suggestionFor } from '../../config/suggestion.js';
import { messageOf } from '../../errors.js';
import { isRecord } from '../../json/records.js';

/** One thing that is wrong with a schema, and where: what was expected there, or what is to be said of what is there. */
export type SchemaFault = { readonly path: Path } & ({ readonly expected: string } | { readonly problem: string });

/** A pattern of a schema that cannot be matched in linear time. */
export class SchemaPatternError extends Error {
  readonly source: string;

  constructor(source: string, cause: unknown) {
    super(messageOf(cause), { cause });
    this.source = source;
  }
}

type Schema = Readonly<Record<string, unknown>>;

/** What is wrong with a schema that the library has not taken, in words of ours: those of the library name no place. */
export function schemaFaults(
  schema: Schema,
  ajv: Pick<Ajv, 'errors' | 'RULES' | 'formats'>,
  error: unknown,
): SchemaFault[] {
  const problems = ajv.errors ?? [];
  if (problems.length > 0 && messageOf(error).startsWith('schema is invalid')) return formFaults(problems);
  if (error instanceof SchemaPatternError) {
    const path = placeOf(schema, (inner) => patternIn(inner, error.source));
    return [{ path, problem: `this pattern cannot be used: ${error.message}` }];
  }
  return [thrownFault(schema, ajv, messageOf(error))];
}

/** Values of keywords that are not of the form that they have to have; of each the first thing alone. */
function formFaults(problems: readonly ErrorObject[]): SchemaFault[] {
  const told = new Map<string, SchemaFault>();
  // That a type is no list either is said with its names, and which of a list is none without the list.
  const names = problems.filter(isTypeName).toSorted((a, b) => b.instancePath.length - a.instancePath.length);
  const others = problems.filter((problem) => !isTypeName(problem));
  for (const problem of [...names, ...others]) {
    const { instancePath } = problem;
    if (problem.keyword === 'anyOf' || told.has(instancePath)) continue;
    if ([...told.keys()].some((path) => path.startsWith(`${instancePath}/`)) && isListOfNames(problem)) continue;
    told.set(instancePath, { path: pathOf(instancePath), ...saidOf(problem) });
  }
  return [...told.values()];
}

function isTypeName({ keyword, instancePath }: ErrorObject): boolean {
  return keyword === 'enum' && /\/type(?:\/\d+)?$/.test(instancePath);
}

function isListOfNames({ keyword, instancePath }: ErrorObject): boolean {
  return keyword === 'enum' && instancePath.endsWith('/type');
}

const kinds = new Map<unknown, string>([
  ['object', 'a map'],
  ['array', 'a list'],
  ['boolean', 'true or false'],
  ['integer', 'an integer'],
  ['number', 'a number'],
  ['string', 'a string'],
]);

function saidOf(problem: ErrorObject): { readonly expected: string } | { readonly problem: string } {
  const expected = expectedBy(problem);
  return expected === undefined ? { problem: problem.message ?? `does not keep ${problem.keyword}` } : { expected };
}

function expectedBy(problem: ErrorObject): string | undefined {
  const { keyword } = problem;
  const params: Readonly<Record<string, unknown>> = problem.params;
  switch (keyword) {
    case 'type': {
      const types: readonly unknown[] = [params['type']].flat();
      return types.map((type) => kinds.get(type) ?? String(type)).join(' or ');
    }
    case 'enum':
      return `one of ${[params['allowedValues']].flat().join(', ')}${isListOfNames(problem) ? ', or a list of them' : ''}`;
    case 'minimum':
    case 'exclusiveMinimum':
      return `a number ${String(params['comparison'])} ${String(params['limit'])}`;
    case 'minItems':
      return 'a list that is not empty';
    case 'uniqueItems':
      return 'a list without anything twice';
    default:
      return undefined;
  }
}

/** What the library throws says at most which word it is about: its place is looked for. */
function thrownFault(schema: Schema, { RULES, formats }: Pick<Ajv, 'RULES' | 'formats'>, thrown: string): SchemaFault {
  const message = thrown.replace(/^strict mode: /, '');
  const [, word = ''] = /"([^"]+)"/.exec(message) ?? [];
  if (message.startsWith('unknown keyword')) {
    const meant = suggestionFor(word, Object.keys(RULES.keywords));
    const hint = meant === undefined ? '; nobody would check it' : `; did you mean \`${meant}\`?`;
    return { path: placeOf(schema, (inner) => keyIn(inner, word)), problem: `unknown key${hint}` };
  }
  if (message.startsWith('unknown format')) {
    const path = placeOf(schema, (inner) => (inner['format'] === word ? 'format' : undefined));
    return { path, expected: `one of ${Object.keys(formats).join(', ')}` };
  }
  const [, reference] = /^can't resolve reference (.+) from id /.exec(message) ?? [];
  if (reference !== undefined) {
    const path = placeOf(schema, (inner) => ['$ref', '$dynamicRef'].find((key) => inner[key] === reference));
    return { path, expected: 'a string that leads to a place in this schema, like #/$defs/name' };
  }
  if (message.startsWith('no schema with key or ref'))
    return { path: ['$schema'], expected: 'one of draft 2020-12, draft 7' };
  if (message.startsWith('enum must'))
    return { path: placeOf(schema, (inner) => emptyEnum(inner)), expected: 'a list that is not empty' };
  const id = placeOf(schema, (inner) => ('$id' in inner && typeof inner['$id'] !== 'string' ? '$id' : undefined));
  if (id.length > 0) return { path: id, expected: 'a string' };
  return { path: placeOf(schema, (inner) => keyIn(inner, word)), problem: message };
}

function keyIn(schema: Schema, key: string): string | undefined {
  return Object.hasOwn(schema, key) ? key : undefined;
}

function patternIn({ pattern, patternProperties }: Schema, source: string): string | undefined {
  if (pattern === source) return 'pattern';
  return isRecord(patternProperties) && Object.hasOwn(patternProperties, source) ? 'patternProperties' : undefined;
}

function emptyEnum({ enum: values }: Schema): string | undefined {
  return Array.isArray(values) && values.length === 0 ? 'enum' : undefined;
}

/** Keywords whose keys are names that somebody chose. */
const named: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  '$defs',
  'definitions',
  'dependentSchemas',
]);
/** Keywords that hold data, and no schemas. */
const data: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'examples']);

/** The first place in a schema, and in those inside it, at a key that somebody looks for; that of the schema if there is none. */
function placeOf(schema: Schema, keyOf: (schema: Schema) => string | undefined): Path {
  const waiting: [schema: Schema, path: Path][] = [[schema, []]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const [inner, path] = next;
    const key = keyOf(inner);
    if (key !== undefined) return [...path, key];
    const inside = Object.entries(inner).flatMap(([word, value]) => schemasAt(word, value, [...path, word]));
    waiting.push(...inside.toReversed());
  }
  return [];
}

function schemasAt(keyword: string, value: unknown, path: Path): [Schema, Path][] {
  if (data.has(keyword)) return [];
  const values: [string | number, unknown][] = Array.isArray(value)
    ? [...value.entries()]
    : named.has(keyword) && isRecord(value)
      ? Object.entries(value)
      : [];
  if (values.length === 0) return isRecord(value) && !named.has(keyword) ? [[value, path]] : [];
  return values.flatMap(([step, inner]) => (isRecord(inner) ? [[inner, [...path, step]] as [Schema, Path]] : []));
}

/** The steps of a JSON pointer. */
function pathOf(pointer: string): Path {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}
