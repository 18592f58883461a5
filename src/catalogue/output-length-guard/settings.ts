import { z } from 'zod';

/** A word, written as people write it: `Block ` is `block`. */
const word = z.string().transform((text) => text.trim().toLowerCase());

/** Zero and null both mean that there is no such limit. */
const limit = z
  .int()
  .min(0)
  .nullable()
  .default(null)
  .transform((most) => (most === 0 ? null : most));

export const settingsSchema = z
  .strictObject({
    min_chars: z.int().min(0).default(0),
    max_chars: limit,
    min_tokens: z.int().min(0).default(0),
    max_tokens: limit,
    chars_per_token: z.int().min(1).max(10).default(4),
    limit_mode: word.pipe(z.enum(['character', 'token'])).default('character'),
    strategy: word.pipe(z.enum(['truncate', 'block'])).default('truncate'),
    ellipsis: z.string().default('…'),
    word_boundary: z.boolean().default(false),
    max_text_length: z.int().min(1000).max(10_000_000).default(1_000_000),
    max_structure_size: z.int().min(10).max(100_000).default(10_000),
    max_recursion_depth: z.int().min(10).max(1000).default(100),
  })
  .superRefine((settings, context) => {
    for (const unit of ['chars', 'tokens'] as const) {
      const [least, most] = [settings[`min_${unit}`], settings[`max_${unit}`]];
      if (most === null || least <= most) continue;
      const message = `it is ${least}, more than max_${unit}, which is ${most}`;
      context.addIssue({ code: 'custom', path: [`min_${unit}`], message });
    }
  });

/** How long texts may be, and what becomes of longer ones. */
export type LengthSettings = z.output<typeof settingsSchema>;
