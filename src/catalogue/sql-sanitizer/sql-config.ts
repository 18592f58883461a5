import { z } from 'zod';
import { messageOf } from '../../errors.js';
import { type Pattern, readPattern } from '../patterns/pattern.js';
import type { RiskRules } from './sql-issues.js';

const pattern = z.string().transform((source, context): Pattern => {
  try {
    return readPattern(source, { ignoreCase: true });
  } catch (error) {
    context.addIssue({ code: 'custom', message: `not a pattern: ${messageOf(error)}` });
    return z.NEVER;
  }
});

const standard = [String.raw`\bDROP\b`, String.raw`\bTRUNCATE\b`, String.raw`\bALTER\b`, String.raw`\bGRANT\b`];

/** The `config` of the plugin, and what follows from it. */
export const sqlConfig = z
  .strictObject({
    fields: z.array(z.string()).min(1, 'leave it out to look at all texts').nullable().default(null),
    blocked_statements: z.array(pattern).prefault([...standard, String.raw`\bREVOKE\b`]),
    block_delete_without_where: z.boolean().default(true),
    block_update_without_where: z.boolean().default(true),
    strip_comments: z.boolean().default(true),
    require_parameterization: z.boolean().default(false),
    allowed_statements: z
      .array(z.string().regex(/^[A-Za-z]+$/, 'expected the first word of a statement'))
      .min(1, 'leave it out to allow all')
      .nullable()
      .default(null),
    block_on_violation: z.boolean().default(true),
  })
  .transform((config) => ({
    fields: config.fields === null ? undefined : new Set(config.fields),
    allowed: config.allowed_statements?.map((word) => word.toUpperCase()),
    stripsComments: config.strip_comments,
    blocks: config.block_on_violation,
    rules: {
      blocked: config.blocked_statements,
      deleteNeedsWhere: config.block_delete_without_where,
      updateNeedsWhere: config.block_update_without_where,
      needsParameters: config.require_parameterization,
    } satisfies RiskRules,
  }));

export type SqlConfig = z.output<typeof sqlConfig>;
