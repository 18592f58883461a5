import { z } from 'zod';

/** A JSON Schema, or a part of one. */
export type JsonSchema = { [keyword: string]: unknown };

/** Which texts stand for something that is filled in when the file is read; nothing can be said of what comes of them. */
export type Inserts = 'template' | 'variables' | 'none';

const insertPatterns = { template: '\\{[{%]', variables: '\\$\\{' };

const numberPattern = '^\\s*[-+]?(?:\\d+(?:\\.\\d*)?|\\.\\d+)\\s*$';
const flagWords = ['true', 't', 'yes', 'y', 'on', '1', 'false', 'f', 'no', 'n', 'off', '0'];

/**
 * What a schema of zod says of what is written, in the words of JSON Schema. Texts that spell a number or a flag count, as
 * they do when a file is read, and so do those in which something is inserted.
 */
export function jsonSchemaOf(schema: z.ZodType, inserts: Inserts): JsonSchema {
  const { $schema: _, ...whole } = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override: ({ jsonSchema }) => write(jsonSchema as JsonSchema, inserts),
  });
  if ('$defs' in whole) throw new Error('a schema that refers to itself cannot be put into another one');
  return whole;
}

/** Marks are left by `config/sections/field-schemas.ts`; what they ask for takes the place of what zod made. */
function write(json: JsonSchema, inserts: Inserts): void {
  const { spelled, emptyIsAbsent } = json;
  delete json['spelled'];
  delete json['emptyIsAbsent'];
  const inserted = inserts === 'none' ? [] : [{ type: 'string', pattern: insertPatterns[inserts] }];
  if (spelled === 'number') alternatives(json, [{ type: 'string', pattern: numberPattern }, ...inserted]);
  if (spelled === 'flag') {
    const words = flagWords.map((word) => word.replaceAll(/[a-z]/g, (letter) => `[${letter}${letter.toUpperCase()}]`));
    alternatives(json, [
      { type: 'string', pattern: `^\\s*(?:${words.join('|')})\\s*$` },
      { enum: [0, 1] },
      ...inserted,
    ]);
  }
  if (Array.isArray(json['enum']) && inserted.length > 0 && json['enum'].every((word) => typeof word === 'string'))
    alternatives(json, inserted);
  if (emptyIsAbsent === true) alternatives(json, [{ enum: [null, ''] }]);
}

/** Makes of a schema one that takes these as well. */
function alternatives(json: JsonSchema, others: readonly JsonSchema[]): void {
  const { description, default: fallback, ...own } = json;
  for (const key of Object.keys(json)) delete json[key];
  const before = Object.keys(own).length === 1 && Array.isArray(own['anyOf']) ? (own['anyOf'] as JsonSchema[]) : [own];
  Object.assign(json, {
    ...(description !== undefined && { description }),
    anyOf: [...before, ...others],
    ...(fallback !== undefined && { default: fallback }),
  });
}

/** The part of a schema at a path of keywords. @throws Error where there is none */
export function partOf(schema: JsonSchema, ...path: readonly string[]): JsonSchema {
  let part: unknown = schema;
  for (const step of path) part = Object(part)[step];
  if (typeof part !== 'object' || part === null) throw new Error(`the schema has nothing at ${path.join('.')}`);
  return part as JsonSchema;
}

/** The schema of a map inside what may be null as well. */
export function mapIn(schema: JsonSchema): JsonSchema {
  if ('properties' in schema || 'items' in schema) return schema;
  const options = Array.isArray(schema['anyOf']) ? (schema['anyOf'] as JsonSchema[]) : [];
  const inner = options.map(mapIn).find((option) => 'properties' in option || 'items' in option);
  return inner ?? schema;
}
