import { z } from 'zod';
import { readSchema, SchemaError, type SchemaValidator } from './schema-validator.js';

type Schema = Readonly<Record<string, unknown>>;

/**
 * JSON Schemas by the name of the tool, read. A schema without any keyword asks for nothing, and is left out.
 *
 * @param prepared what is made of a schema before it is read
 */
export function schemasSetting(prepared: (schema: Schema) => Schema = (schema) => schema) {
  return z
    .record(z.string(), z.record(z.string(), z.unknown()))
    .nullable()
    .default(null)
    .transform((schemas, context): ReadonlyMap<string, SchemaValidator> => {
      const read = new Map<string, SchemaValidator>();
      for (const [tool, schema] of Object.entries(schemas ?? {})) {
        if (Object.keys(schema).length === 0) continue;
        try {
          read.set(tool, readSchema(prepared(schema)));
        } catch (error) {
          if (!(error instanceof SchemaError)) throw error;
          for (const fault of error.faults) {
            const message = 'expected' in fault ? fault.expected : fault.problem;
            context.addIssue({ code: 'custom', path: [tool, ...fault.path], message });
          }
        }
      }
      return read;
    });
}
