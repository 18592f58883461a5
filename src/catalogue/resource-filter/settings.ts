import { z } from 'zod';
import { messageOf } from '../../errors.js';
import { readPattern } from '../patterns/pattern.js';
import { readReplacement } from '../patterns/python-replacement.js';
import { domainSetting } from '../values/domain-setting.js';

/** A pattern and what stands in the place of its matches, read. */
const contentFilter = z
  .strictObject({ pattern: z.string().min(1), replacement: z.string().default('***') })
  .transform((filter, context) => {
    let place = 'pattern';
    try {
      const pattern = readPattern(filter.pattern, { ignoreCase: true });
      place = 'replacement';
      const replacement = readReplacement(filter.replacement, pattern);
      return (text: string): string => pattern.replace(text, replacement);
    } catch (error) {
      context.addIssue({ code: 'custom', path: [place], message: messageOf(error) });
      return z.NEVER;
    }
  });

export const settingsSchema = z.strictObject({
  max_content_size: z.int().min(0).default(1_048_576),
  allowed_protocols: z.array(z.string()).default(['file', 'http', 'https']),
  blocked_domains: z.array(domainSetting).default([]),
  content_filters: z.array(contentFilter).default([]),
});

export type ResourceFilterSettings = z.output<typeof settingsSchema>;
