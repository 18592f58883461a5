import type { z } from 'zod';

/** True for a zod schema, of whatever copy of zod. */
export function isSchema(value: unknown): value is z.ZodType {
  return typeof value === 'object' && value !== null && 'safeParse' in value && typeof value.safeParse === 'function';
}
