import { z } from 'zod';
import { messageOf } from '../../errors.js';
import { type Pattern, readPattern } from '../patterns/pattern.js';
import { encodingNames, type EncodingName } from './encodings.js';
import type { SuspicionRules } from './suspicion.js';

const pattern = z
  .string()
  .min(1, 'an empty pattern is in every text')
  .transform((source, context): Pattern => {
    try {
      return readPattern(source);
    } catch (error) {
      context.addIssue({ code: 'custom', message: `not a pattern: ${messageOf(error)}` });
      return z.NEVER;
    }
  });

const words = z.array(z.string().min(1, 'an empty word is in every text')).default([]);
const score = z.int().min(1).max(10);

function forEach<Schema extends z.ZodType>(schema: Schema) {
  return z.strictObject(
    Object.fromEntries(encodingNames.map((name) => [name, schema])) as Record<EncodingName, Schema>,
  );
}

const sensitiveWords = [
  'password',
  'passwd',
  'secret',
  'token',
  'api_key',
  'apikey',
  'authorization',
  'bearer',
  'cookie',
  'session',
  'private key',
  'ssh-rsa',
];
const egressWords = [
  'curl',
  'wget',
  'http://',
  'https://',
  'upload',
  'webhook',
  'beacon',
  'dns',
  'exfil',
  'pastebin',
  'socket',
  'send',
];

/** The `config` of the plugin, and what follows from it. */
export const exfilConfig = z
  .strictObject({
    enabled: forEach(z.boolean().default(true)).prefault({}),
    min_encoded_length: z.int().min(8).max(8192).default(24),
    min_decoded_length: z.int().min(4).max(32_768).default(12),
    min_entropy: z.number().min(0).max(8).default(3.3),
    min_printable_ratio: z.number().min(0).max(1).default(0.7),
    min_suspicion_score: score.default(3),
    per_encoding_score: forEach(score.optional()).prefault({}),
    max_scan_string_length: z.int().min(1000).max(5_000_000).default(200_000),
    max_findings_per_value: z.int().min(1).max(500).default(50),
    redact: z.boolean().default(false),
    redaction_text: z.string().default('***ENCODED_REDACTED***'),
    block_on_detection: z.boolean().default(true),
    min_findings_to_block: z.int().min(1).max(1000).default(1),
    include_detection_details: z.boolean().default(true),
    allowlist_patterns: z.array(pattern).default([]),
    extra_sensitive_keywords: words,
    extra_egress_hints: words,
    max_decode_depth: z.int().min(1).max(5).default(2),
    max_recursion_depth: z.int().min(1).max(1000).default(32),
    parse_json_strings: z.boolean().default(true),
    log_detections: z.boolean().default(true),
  })
  .transform((config) => ({
    redaction: config.redact ? config.redaction_text : undefined,
    leastToBlock: config.block_on_detection ? config.min_findings_to_block : Number.POSITIVE_INFINITY,
    hasDetails: config.include_detection_details,
    logs: config.log_detections,
    scan: {
      mostLevels: config.max_recursion_depth,
      longestText: config.max_scan_string_length,
      mostFindings: config.max_findings_per_value,
      readsJson: config.parse_json_strings,
      rules: {
        encodings: new Map(
          encodingNames
            .filter((name) => config.enabled[name])
            .map((name) => [name, config.per_encoding_score[name] ?? config.min_suspicion_score]),
        ),
        leastEncoded: config.min_encoded_length,
        leastDecoded: config.min_decoded_length,
        leastEntropy: config.min_entropy,
        leastPrintable: config.min_printable_ratio,
        sensitiveWords: [...sensitiveWords, ...config.extra_sensitive_keywords.map(asBytes)],
        egressWords: [...egressWords, ...config.extra_egress_hints.map((word) => word.toLowerCase())],
        isAllowed: (segment) => config.allowlist_patterns.some((allowed) => allowed.test(segment)),
        layers: config.max_decode_depth,
      } satisfies SuspicionRules,
    },
  }));

export type ExfilConfig = z.output<typeof exfilConfig>;

/** As a word stands in bytes that are read one by one. */
function asBytes(word: string): string {
  return Buffer.from(word.toLowerCase(), 'utf8').toString('latin1').toLowerCase();
}
