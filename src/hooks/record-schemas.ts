import { z } from 'zod';
import { isPlainObject } from '../json/records.js';

// They look without copying: payloads are copied anyway, and the copy that `z.record` makes lacks a `__proto__` key, so
// that a plugin would not see what the tool is going to get.
const object = {
  error: ({ code }: { code: string }) => (code === 'custom' ? 'Invalid input: expected an object' : undefined),
  params: { expected: 'an object' },
  abort: true,
};

/** An object with any values. */
export const anyRecord = z.custom<Record<string, unknown>>(isPlainObject, object);

/** A number that may be counted: a truth value, a finite number, or an integer of 64 bits. */
export function isMetric(value: unknown): value is boolean | number | bigint {
  if (typeof value === 'bigint') return BigInt.asIntN(64, value) === value;
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value));
}

/** An object whose values are such numbers. */
export const metricRecord = z
  .custom<Record<string, boolean | number | bigint>>(isPlainObject, object)
  .check(({ value, issues }) => {
    for (const key of Object.keys(value)) {
      const input: unknown = value[key];
      const message = 'Invalid input: expected true, false, a finite number or an integer of 64 bits';
      if (!isMetric(input)) issues.push({ code: 'custom', message, input, path: [key] });
    }
  });

/** An object whose values are strings. */
export const textRecord = z.custom<Record<string, string>>(isPlainObject, object).check(({ value, issues }) => {
  for (const key of Object.keys(value)) {
    const input: unknown = value[key];
    if (typeof input !== 'string') issues.push({ code: 'invalid_type', expected: 'string', input, path: [key] });
  }
});
