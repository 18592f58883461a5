import { z } from 'zod';
import type { Violation } from '../../hooks/hook-result.js';
import { definePlugin } from '../../plugins/define-plugin.js';
import { type SchemaValidator, UncheckedError } from '../schemas/schema-validator.js';
import { schemasSetting } from '../schemas/schemas-setting.js';
import { problemTexts } from './problem-texts.js';

const settingsSchema = z.strictObject({
  arg_schemas: schemasSetting(),
  result_schemas: schemasSetting(),
  block_on_violation: z.boolean().default(true),
});

/** What is said of arguments and of results. */
const args_ = { what: 'Arguments do', code: 'SCHEMA_GUARD_ARGS' } as const;
const result = { what: 'Result does', code: 'SCHEMA_GUARD_RESULT' } as const;

/** Holds the arguments and the results of tools to JSON Schemas. */
export const schemaGuard = definePlugin({
  config: settingsSchema,
  hooks: {
    tool_pre_invoke({ name, args = {} }, { plugin: { config } }) {
      return answer(args, config.arg_schemas.get(name), args_, config.block_on_violation);
    },
    tool_post_invoke(payload, { plugin: { config } }) {
      const validate = config.result_schemas.get(payload.name);
      return answer(payload.result, validate, result, config.block_on_violation);
    },
  },
});

/** What comes of one value; nothing where no schema is for it. */
function answer(
  value: unknown,
  validate: SchemaValidator | undefined,
  { what, code }: typeof args_ | typeof result,
  blocks: boolean,
): { continueProcessing?: boolean; violation?: Violation; metadata?: Record<string, unknown> } {
  if (validate === undefined) return {};
  const refused = (errors: readonly string[], description: string) => ({
    continueProcessing: false,
    violation: { reason: 'Schema validation failed', description, code, details: { errors: [...errors] } },
  });
  try {
    const errors = problemTexts(validate(value));
    if (errors.length > 0 && blocks) return refused(errors, `${what} not conform to schema`);
    return { metadata: { schema_errors: errors } };
  } catch (error) {
    if (!(error instanceof UncheckedError)) throw error;
    // What could not be checked does not pass, also where errors only are to be noted.
    return refused([error.message], `${what} not pass because it could not be checked: ${error.message}`);
  }
}
