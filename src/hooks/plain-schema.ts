import { z } from 'zod';

/**
 * True if a schema only looks: what it lets through is exactly what it was given. Values of such schemas are passed on
 * as they came, not as zod copied them, because the copy of a record lacks its `__proto__` key.
 */
export function isPlain(schema: z.core.$ZodType): boolean {
  if (hasOverwrite(schema)) return false;
  if (schema instanceof z.ZodString || schema instanceof z.ZodNumber || schema instanceof z.ZodBoolean) {
    return schema.def.coerce !== true && !isTextFormat(schema);
  }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodReadonly) {
    return isPlain(schema.def.innerType);
  }
  if (schema instanceof z.ZodRecord) return isPlain(schema.def.keyType) && isPlain(schema.def.valueType);
  if (schema instanceof z.ZodArray) return isPlain(schema.def.element);
  if (schema instanceof z.ZodUnion) return schema.def.options.every(isPlain);
  return (
    schema instanceof z.ZodUnknown ||
    schema instanceof z.ZodCustom ||
    schema instanceof z.ZodAny ||
    schema instanceof z.ZodNull ||
    schema instanceof z.ZodLiteral ||
    schema instanceof z.ZodEnum
  );
}

// Some text formats normalise what they let through.
function isTextFormat(schema: z.core.$ZodType): boolean {
  return schema instanceof z.ZodString && 'format' in schema.def;
}

function hasOverwrite(schema: z.core.$ZodType): boolean {
  return schema._zod.def.checks?.some((check) => check._zod.def.check === 'overwrite') ?? false;
}

/** The object schema at the heart of a schema, where there is one. */
export function objectOf(schema: z.core.$ZodType): z.ZodObject | undefined {
  if (schema instanceof z.ZodObject) return schema;
  if (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodReadonly ||
    schema instanceof z.ZodDefault
  ) {
    return objectOf(schema.def.innerType);
  }
  if (schema instanceof z.ZodPipe) return objectOf(schema.def.in);
  if (schema instanceof z.ZodLazy) return objectOf(schema.def.getter());
  return undefined;
}
