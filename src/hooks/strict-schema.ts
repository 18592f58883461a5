import { z } from 'zod';
import { unknownFields } from './field-hint.js';

type Schema = z.core.$ZodType;

/**
 * A schema that refuses fields nobody named, at every depth, where the given one drops them: what is dropped in silence is
 * what no plugin looks at. Objects that say what becomes of other fields (`z.looseObject`, `catchall`) stay as they are.
 */
export function strictSchema(schema: Schema): Schema {
  return strict(schema, new Map());
}

function strict(schema: Schema, made: Map<Schema, Schema>): Schema {
  const known = made.get(schema);
  if (known !== undefined) return known;
  if (schema instanceof z.core.$ZodObject) return strictObject(schema, made);
  if (schema instanceof z.core.$ZodLazy) {
    // What zod has remembered of it is not strict.
    const getter = once(() => strict(schema._zod.innerType, made));
    return remember(schema, clone(schema, { getter, _cachedInner: undefined }), made);
  }
  // Its own value stands for whatever does not fit: other fields must not make it that.
  if (schema instanceof z.core.$ZodCatch) return schema;
  const parts = strictParts(schema, made);
  return parts === undefined ? schema : remember(schema, clone(schema, parts), made);
}

function strictObject(schema: z.core.$ZodObject, made: Map<Schema, Schema>): Schema {
  const { def } = schema._zod;
  const shape = once(() =>
    Object.fromEntries(Object.entries(def.shape).map(([field, inner]) => [field, strict(inner, made)])),
  );
  // A map for any issue: zod types it as one for none, so that all schemas are alike.
  const theirs = def.error as z.core.$ZodErrorMap | undefined;
  const catchall = def.catchall === undefined ? z.never() : strict(def.catchall, made);
  const copy = clone(schema, {
    get shape() {
      return shape();
    },
    catchall,
    error: (issue: z.core.$ZodRawIssue) =>
      issue.code === 'unrecognized_keys' ? unknownFields(issue.keys, Object.keys(def.shape)) : theirs?.(issue),
  });
  return remember(schema, copy, made);
}

/** The parts of a schema that have to be replaced; undefined if none has. */
function strictParts(schema: Schema, made: Map<Schema, Schema>): Record<string, unknown> | undefined {
  const def: Record<string, unknown> = { ...(schema._zod.def as object) };
  const changed: Record<string, unknown> = {};
  for (const name of ['innerType', 'element', 'valueType', 'keyType', 'left', 'right', 'in', 'out', 'rest']) {
    const part = def[name];
    if (!(part instanceof z.core.$ZodType)) continue;
    const next = strict(part, made);
    if (next !== part) changed[name] = next;
  }
  for (const name of ['options', 'items']) {
    const parts = def[name];
    if (!Array.isArray(parts) || !parts.every((part) => part instanceof z.core.$ZodType)) continue;
    const next = parts.map((part) => strict(part, made));
    if (next.some((part, index) => part !== parts[index])) changed[name] = next;
  }
  return Object.keys(changed).length === 0 ? undefined : changed;
}

function clone(schema: Schema, changed: object): Schema {
  return z.core.clone(schema, z.core.util.mergeDefs(schema._zod.def, changed) as Schema['_zod']['def']);
}

function remember(schema: Schema, copy: Schema, made: Map<Schema, Schema>): Schema {
  made.set(schema, copy);
  return copy;
}

function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}
