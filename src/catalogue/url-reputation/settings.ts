import { z } from 'zod';
import { messageOf } from '../../errors.js';
import { type Pattern, readPattern } from '../patterns/pattern.js';
import { domainSetting } from '../values/domain-setting.js';

const pattern = z.string().transform((source, context): Pattern => {
  try {
    return readPattern(source);
  } catch (error) {
    context.addIssue({ code: 'custom', message: messageOf(error) });
    return z.NEVER;
  }
});

export const settingsSchema = z.strictObject({
  whitelist_domains: z.array(domainSetting).default([]),
  allowed_patterns: z.array(pattern).default([]),
  blocked_domains: z.array(domainSetting).default([]),
  blocked_patterns: z.array(pattern).default([]),
  use_heuristic_check: z.boolean().default(false),
  entropy_threshold: z.number().default(3.65),
  block_non_secure_http: z.boolean().default(true),
});

export type ReputationSettings = z.output<typeof settingsSchema>;
