import { z } from 'zod';
import { PatternError, readPattern } from '../patterns/pattern.js';
import { builtInTypes, maskStrategies } from './finding.js';

const longestPattern = 256;

/** A pattern, which counts whatever the case. */
const pattern = z
  .string()
  .min(1)
  .transform((source, context) => {
    try {
      return readPattern(source, { ignoreCase: true });
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      context.addIssue({ code: 'custom', message: `this is no pattern: ${error.message}` });
      return z.NEVER;
    }
  });

const customPattern = z.strictObject({
  // What its finds are called, whatever is written here.
  type: z.literal('custom').optional(),
  pattern: z
    .string()
    .max(longestPattern, `expected at most ${longestPattern} characters`)
    .pipe(pattern)
    .refine((read) => !read.test(''), 'it matches the empty text, which stands everywhere'),
  description: z.string(),
  mask_strategy: z.enum(maskStrategies).nullish(),
  enabled: z.boolean().default(true),
});

const detects = z.boolean().default(true);

/** The `config` of the plugin, and what follows from it. */
export const piiConfig = z
  .strictObject({
    detect_ssn: detects,
    detect_bsn: detects,
    detect_credit_card: detects,
    detect_email: detects,
    detect_phone: detects,
    detect_ip_address: detects,
    detect_date_of_birth: detects,
    detect_passport: detects,
    detect_driver_license: detects,
    detect_bank_account: detects,
    detect_medical_record: detects,
    default_mask_strategy: z.enum(maskStrategies).default('redact'),
    redaction_text: z.string().default('[REDACTED]'),
    block_on_detection: z.boolean().default(false),
    log_detections: z.boolean().default(false),
    // Read by cpex and without effect there.
    include_detection_details: z.boolean().default(false),
    max_text_bytes: z.int().min(1).max(104_857_600).default(10_485_760),
    max_nested_depth: z.int().min(1).max(1000).default(32),
    max_collection_items: z.int().min(1).max(1_000_000).default(4096),
    custom_patterns: z.array(customPattern).default([]),
    whitelist_patterns: z.array(pattern).default([]),
  })
  .transform((config) => ({
    types: new Set(builtInTypes.filter((type) => config[`detect_${type}`])),
    strategy: config.default_mask_strategy,
    redaction: config.redaction_text,
    blocks: config.block_on_detection,
    logs: config.log_detections,
    mostBytes: config.max_text_bytes,
    limits: {
      depth: config.max_nested_depth,
      members: config.max_collection_items,
      values: 1_000_000,
    },
    customPatterns: config.custom_patterns
      .filter(({ enabled }) => enabled)
      .map((custom) => ({ pattern: custom.pattern, strategy: custom.mask_strategy ?? config.default_mask_strategy })),
    allowed: config.whitelist_patterns,
  }));

export type PiiConfig = z.output<typeof piiConfig>;
