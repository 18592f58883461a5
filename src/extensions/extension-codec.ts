import { z } from 'zod';
import { lazySchema } from '../config/lazy-schema.js';
import { expectedBy } from '../hooks/expected-value.js';
import { strictSchema } from '../hooks/strict-schema.js';
import { describeValue } from '../json/described-value.js';
import { valueAt } from '../json/paths.js';
import { isRecord, setOwn } from '../json/records.js';
import { readExtensions } from './extension-reader.js';
import { extensionsSchema } from './extension-schemas.js';
import type { Extensions } from './extensions.js';

/** Extensions from a wire, or what is wrong with them: where, what was found (its kind, never its value), what was expected. */
export type DecodedExtensions =
  | { readonly ok: true; readonly value: Extensions }
  | {
      readonly ok: false;
      readonly issue: { readonly path: string; readonly found: string; readonly expected: string };
    };

/** Headers that stay in the process that has them. */
const keptBack: ReadonlySet<string> = new Set([
  'authorization',
  'proxy-authorization',
  'cookie',
  'set-cookie',
  'x-api-key',
]);

/** Extensions in snake case, without headers that hold credentials. */
export function encodeExtensions(extensions: Extensions): Record<string, unknown> {
  const encoded = renamed(withoutCredentials(extensions), extensionsSchema(), toWire);
  return isRecord(encoded) ? encoded : {};
}

/**
 * Extensions in snake case, as another process answered them. Null says that a field is absent; a field that nobody knows
 * is refused, because what it says of a request would be lost.
 *
 * @param path what they are called there: `result.modified_extensions`
 */
export function decodeExtensions(wire: unknown, path: string): DecodedExtensions {
  const parsed = z.safeParse(wireSchema(), wire);
  if (!parsed.success) return { ok: false, issue: issueOf(parsed.error, wire, path) };
  const read = readExtensions(renamed(wire, extensionsSchema(), fromWire));
  if (read.ok) return { ok: true, value: read.extensions };
  return {
    ok: false,
    issue: { path, found: describeValue(wire), expected: `extensions; ${read.problems.join('; ')}` },
  };
}

function withoutCredentials(extensions: Extensions): Extensions {
  const headers = Object.entries(extensions.http?.headers ?? {});
  if (headers.every(([name]) => !keptBack.has(name.toLowerCase()))) return extensions;
  const kept = headers.filter(([name]) => !keptBack.has(name.toLowerCase()));
  return { ...extensions, http: { ...extensions.http, headers: Object.fromEntries(kept) } };
}

const wireSchema = lazySchema(() => strictSchema(wireSchemaOf(extensionsSchema())));

/** The same schema under the names of the wire, where null says absent. */
function wireSchemaOf(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodOptional) return z.nullish(wireSchemaOf(schema.def.innerType));
  if (schema instanceof z.ZodArray)
    return z.core.clone(schema, { ...schema.def, element: wireSchemaOf(schema.def.element) });
  if (schema instanceof z.ZodRecord) return z.record(z.string(), wireSchemaOf(schema.def.valueType));
  if (!(schema instanceof z.ZodObject)) return schema;
  const fields = Object.entries<z.core.$ZodType>(schema.shape);
  return z.object(Object.fromEntries(fields.map(([key, field]) => [toWireName(key), wireSchemaOf(field)])));
}

/** What a field is called where it is read, and where it is written, by its name in the schema. */
interface Renaming {
  readonly from: (key: string) => string;
  readonly to: (key: string) => string;
}

const same = (key: string): string => key;
const toWire: Renaming = { from: same, to: toWireName };
const fromWire: Renaming = { from: toWireName, to: same };

/** Data under other names, as far as its schema names them. */
function renamed(value: unknown, schema: z.core.$ZodType, renaming: Renaming): unknown {
  if (schema instanceof z.ZodOptional) return renamed(value, schema.def.innerType, renaming);
  if (schema instanceof z.ZodArray && Array.isArray(value)) {
    return value.map((element: unknown) => renamed(element, schema.def.element, renaming));
  }
  if (!isRecord(value)) return value;
  const copied: Record<string, unknown> = {};
  if (schema instanceof z.ZodRecord) {
    for (const key of Object.keys(value)) setOwn(copied, key, renamed(value[key], schema.def.valueType, renaming));
    return copied;
  }
  if (!(schema instanceof z.ZodObject)) return value;
  for (const [key, field] of Object.entries<z.core.$ZodType>(schema.shape)) {
    const found = value[renaming.from(key)];
    if (found !== undefined) copied[renaming.to(key)] = renamed(found, field, renaming);
  }
  return copied;
}

/** `traceId` → `trace_id`. */
function toWireName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function issueOf(error: z.ZodError, wire: unknown, root: string): Extract<DecodedExtensions, { ok: false }>['issue'] {
  const first = error.issues[0];
  if (first === undefined) return { path: root, found: describeValue(wire), expected: 'extensions' };
  const isUnknown = first.code === 'unrecognized_keys';
  const inner = isUnknown ? [...first.path, ...first.keys.slice(0, 1)] : first.path;
  return {
    path: [root, ...inner.map(String)].join('.'),
    found: describeValue(valueAt(wire, inner)),
    expected: isUnknown ? 'no field of this name' : expectedBy(first),
  };
}
