import { z } from 'zod';
import { isPlainObject } from '../json/records.js';
import { anyRecord, textRecord } from './record-schemas.js';

/** Whether a value certainly fits a schema. */
export type ShapeCheck = (value: unknown) => boolean;

/**
 * A check that accepts only what the schema accepts, in a tenth of the time; what it does not accept, the schema may all
 * the same. Undefined for a schema with rules of its own. It accepts no field that the schema does not name.
 */
export function shapeCheck(schema: z.core.$ZodType): ShapeCheck | undefined {
  if (schema === anyRecord) return isPlainObject;
  if (schema === textRecord) return isTextRecord;
  if ((schema._zod.def.checks ?? []).length > 0) return undefined;
  if (schema instanceof z.ZodObject) return objectCheck(schema);
  if (schema instanceof z.ZodOptional) {
    const inner = shapeCheck(schema.def.innerType);
    return inner && ((value) => value === undefined || inner(value));
  }
  if (schema instanceof z.ZodArray) {
    const element = shapeCheck(schema.def.element);
    return element && ((value) => Array.isArray(value) && value.every(element));
  }
  if (schema instanceof z.ZodString && !('format' in schema.def) && schema.def.coerce !== true)
    return (value) => typeof value === 'string';
  return schema instanceof z.ZodUnknown ? () => true : undefined;
}

/** One field of an object, as it is checked. */
export interface FieldCheck {
  readonly name: string;
  readonly check: ShapeCheck;
  readonly isOptional: boolean;
}

/** The checks of an object's fields, which may have no others; undefined where they are not all there is to look at. */
export function fieldChecks({ def: { shape, catchall, checks } }: z.ZodObject): readonly FieldCheck[] | undefined {
  if ((checks ?? []).length > 0) return undefined;
  if (catchall !== undefined && !(catchall instanceof z.ZodNever)) return undefined;
  const fields: FieldCheck[] = [];
  for (const [name, schema] of Object.entries(shape)) {
    const check = shapeCheck(schema);
    if (check === undefined) return undefined;
    fields.push({ name, check, isOptional: schema instanceof z.ZodOptional });
  }
  return fields;
}

function objectCheck(schema: z.ZodObject): ShapeCheck | undefined {
  const fields = fieldChecks(schema);
  return (
    fields &&
    ((value) => {
      if (!isPlainObject(value)) return false;
      let known = 0;
      for (const { name, check, isOptional } of fields) {
        if (Object.hasOwn(value, name)) known++;
        else if (isOptional) continue;
        else return false;
        if (!check(value[name])) return false;
      }
      return Object.keys(value).length === known;
    })
  );
}

function isTextRecord(value: unknown): boolean {
  if (!isPlainObject(value)) return false;
  for (const key of Object.keys(value)) if (typeof value[key] !== 'string') return false;
  return true;
}
