import { detectors } from './detectors.js';
import { builtInTypes, type PersonalFinding } from './finding.js';
import type { PiiConfig } from './pii-config.js';
import { inPlainForms } from './plain-forms.js';

/** What is to be looked for, and how. */
export type DetectionConfig = Pick<PiiConfig, 'types' | 'customPatterns' | 'allowed' | 'strategy'>;

/**
 * The personal data in a text, from the left. Where two overlap the earlier one counts, of those that begin together the
 * longer one, of those that are equal the users' own.
 *
 * @throws PatternBudgetError where a pattern of users' takes too long
 */
export function personalData(text: string, config: DetectionConfig): readonly PersonalFinding[] {
  const { types, customPatterns, allowed, strategy } = config;
  const found: PersonalFinding[] = [];
  const plain = inPlainForms(text);
  const add = (one: Omit<PersonalFinding, 'value'>, read: string): void => {
    const value = read.slice(one.start, one.end);
    if (value !== '' && !allowed.some((pattern) => pattern.test(value))) found.push({ ...one, value });
  };
  for (const custom of customPatterns)
    for (const { start, end } of custom.pattern.matches(text))
      add({ type: 'custom', start, end, strategy: custom.strategy }, text);
  for (const type of builtInTypes)
    if (types.has(type))
      for (const { start, end } of detectors[type](plain)) add({ type, start, end, strategy }, plain);
  found.sort((one, other) => one.start - other.start || other.end - one.end);
  let end = 0;
  return found.filter((one) => {
    const isApart = one.start >= end;
    if (isApart) end = one.end;
    return isApart;
  });
}
