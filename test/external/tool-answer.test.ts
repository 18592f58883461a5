import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { readToolAnswer } from '../../src/external/tool-answer.js';
import { describeIssue, issueOf } from '../../src/wire/wire-issue.js';

/** What a tool result is, as the schema has it. */
const schema = z.object({ content: z.array(z.unknown()), isError: z.boolean().nullish() });

const anything = fc.jsonValue();
const response = fc.record(
  {
    content: fc.oneof(fc.array(anything, { maxLength: 3 }), anything),
    isError: fc.oneof(fc.boolean(), fc.constant(null), fc.constant(undefined), anything),
    structuredContent: anything,
  },
  { requiredKeys: [] },
);

it('what the schema refuses is no tool result, and is refused in its words', () => {
  fc.assert(
    fc.property(response, (found) => {
      const answer = readToolAnswer(found);
      const { error } = schema.safeParse(found);
      const reason = error && `the tool result is none: ${describeIssue(issueOf(error, found, ''))}`;
      if (reason === undefined) expect(answer).not.toHaveProperty('reason', expect.stringContaining('is none'));
      else expect(answer).toEqual({ kind: 'unusable', reason, code: '' });
    }),
    { numRuns: 500 },
  );
});
