import { z } from 'zod';
import { fieldFilter } from './field-filter.js';
import { secretTypes, type SecretTypeName } from './secret-types.js';

const fieldPath = z
  .string()
  .refine(
    (path) => path.split('.').every((key) => key.trim() !== ''),
    'expected names of fields with points between them',
  );

const enabled = z.strictObject(
  Object.fromEntries(secretTypes.map(({ name, isDefault }) => [name, z.boolean().default(isDefault)])) as Record<
    SecretTypeName,
    z.ZodDefault<z.ZodBoolean>
  >,
);

/** The `config` of the plugin, and what follows from it. */
export const secretsConfig = z
  .strictObject({
    enabled: enabled.prefault({}),
    redact: z.boolean().default(false),
    redaction_text: z.string().default('***REDACTED***'),
    block_on_detection: z.boolean().default(true),
    min_findings_to_block: z.int().min(1).default(1),
    field_allowlist: z.array(fieldPath).default([]),
    field_denylist: z.array(fieldPath).default([]),
  })
  .transform((config) => ({
    redaction: config.redact ? config.redaction_text : undefined,
    leastToBlock: config.block_on_detection ? config.min_findings_to_block : Number.POSITIVE_INFINITY,
    types: secretTypes.filter(({ name }) => config.enabled[name]),
    isScanned: fieldFilter(config.field_allowlist, config.field_denylist),
  }));

export type SecretsConfig = z.output<typeof secretsConfig>;
