import type { z } from 'zod';

const expectations: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'an integer',
  boolean: 'true or false',
  object: 'an object',
  record: 'an object',
  array: 'a list',
  nonoptional: 'a value',
};

/** What a schema expected where it objects to something: `a string`. */
export function expectedBy(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return expectations[issue.expected] ?? issue.expected;
  const named: unknown = issue.code === 'custom' ? issue.params?.['expected'] : undefined;
  return typeof named === 'string' ? named : issue.message.replace(/^Invalid (?:option|input): expected /, '');
}
