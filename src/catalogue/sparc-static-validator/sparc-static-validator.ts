import { z } from 'zod';
import { isRecord } from '../../json/records.js';
import { definePlugin } from '../../plugins/define-plugin.js';
import { readSchema, SchemaError, type SchemaProblem, UncheckedError } from '../schemas/schema-validator.js';
import { schemasSetting } from '../schemas/schemas-setting.js';
import { type CheckFinding, closedSchema, findingsOf } from './argument-checks.js';
import { correctedArguments } from './type-correction.js';

const settingsSchema = z.strictObject({
  block_on_violation: z.boolean().default(true),
  enable_type_correction: z.boolean().default(true),
  auto_apply_corrections: z.boolean().default(false),
  include_correction_in_response: z.boolean().default(true),
  log_corrections: z.boolean().default(true),
  tool_schemas: schemasSetting(closedSchema),
});

/** Checks the arguments of a call against the schema of the tool, and says what was probably meant. */
export const sparcStaticValidator = definePlugin({
  config: settingsSchema,
  changesPayloads: ({ config }) => config.enable_type_correction && config.auto_apply_corrections,
  hooks: {
    tool_pre_invoke(payload, { plugin: { config, logger, name: plugin }, globalContext }) {
      const { name, args = {} } = payload;
      let validate = config.tool_schemas.get(name);
      let problems: readonly SchemaProblem[];
      try {
        const schema = validate === undefined ? schemaOfTool(globalContext.metadata) : undefined;
        if (schema !== undefined) validate = readSchema(closedSchema(schema));
        if (validate === undefined) return { metadata: { sparc_validation: 'skipped', reason: 'no_schema' } };
        problems = validate(args);
      } catch (error) {
        const unchecked = uncheckedFinding(error);
        return { ...refused([unchecked], null, name), metadata: notes([unchecked]) };
      }
      if (problems.length === 0) return { metadata: { sparc_validation: 'passed' } };
      const findings = findingsOf(problems);
      const made = config.enable_type_correction ? correctedArguments(args, problems) : undefined;
      const correction = made !== undefined && isAccepted(validate, made) ? made : undefined;
      if (correction !== undefined && config.log_corrections) {
        // The values may be secrets.
        logger.info({ plugin, tool: name, applied: config.auto_apply_corrections }, 'arguments can be corrected');
      }
      if (correction !== undefined && config.auto_apply_corrections) {
        return {
          modifiedPayload: { ...payload, args: correction },
          metadata: {
            sparc_validation: 'corrected',
            sparc_original_errors: findings,
            sparc_applied_correction: correction,
          },
        };
      }
      const told = config.include_correction_in_response ? correction : undefined;
      const metadata = { ...notes(findings), ...(told && { sparc_correction: told }) };
      return config.block_on_violation ? { ...refused(findings, told ?? null, name), metadata } : { metadata };
    },
  },
});

function notes(findings: readonly CheckFinding[]): Record<string, unknown> {
  return { sparc_validation: 'failed', sparc_errors: findings };
}

function refused(errors: readonly CheckFinding[], correction: unknown, tool: string) {
  const explanations = errors.map(({ explanation }) => `• ${explanation}`).join('\n');
  return {
    continueProcessing: false,
    violation: {
      reason: 'SPARC static validation failed',
      description: `Tool call validation failed:\n${explanations}`,
      code: errors[0]?.code ?? 'SPARC_VALIDATION_FAILED',
      details: { errors, correction, tool_name: tool },
    },
  };
}

/** @throws whatever says nothing of the schema or the arguments */
function uncheckedFinding(error: unknown): CheckFinding {
  if (error instanceof SchemaError) {
    const description = 'The schema of the tool cannot be used.';
    return { code: 'SPARC_INVALID_SPEC', check: 'invalid_api_spec', description, explanation: error.message };
  }
  if (!(error instanceof UncheckedError)) throw error;
  const description = 'The call cannot be checked.';
  return { code: 'SPARC_INVALID_CALL', check: 'invalid_tool_call', description, explanation: error.message };
}

function isAccepted(validate: (args: unknown) => readonly SchemaProblem[], args: unknown): boolean {
  return validate(args).length === 0;
}

/** The schema that a host has put beside the request, under the names of MCP or of ContextForge. */
function schemaOfTool(metadata: unknown): Readonly<Record<string, unknown>> | undefined {
  const tool = isRecord(metadata) ? metadata['tool'] : undefined;
  const schema = isRecord(tool) ? (tool['inputSchema'] ?? tool['input_schema']) : undefined;
  if (schema === undefined || schema === null) return undefined;
  if (!isRecord(schema)) throw new SchemaError([{ path: [], expected: 'an object' }]);
  return schema;
}
