import { errorAt, type Path, type Report } from '../../config/problem.js';
import { isRecord, setOwn } from '../../json/records.js';
import type { Variables } from './variables.js';

/** A copy with the variables of every text filled in; keys are none. */
export function filledTexts(value: unknown, path: Path, variables: Variables, report: Report): unknown {
  if (typeof value === 'string') return variables.fill(value, (message) => report(errorAt(path, message)));
  if (Array.isArray(value)) return value.map((item, index) => filledTexts(item, [...path, index], variables, report));
  if (!isRecord(value)) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    // Readers of maps pass it over.
    if (key === '__proto__') report(errorAt([...path, key], 'this key is not allowed', 'key'));
    else setOwn(copy, key, filledTexts(item, [...path, key], variables, report));
  }
  return copy;
}
