import { z } from 'zod';
import { longestDurationMs, longestDurationSeconds } from '../../time/duration.js';
import { isGiven } from '../written.js';

// The `error` of each schema is what was expected, as a noun phrase; the loader adds what was found, and whether it may
// be shown. Strings count as the number or flag they spell, as ContextForge reads them, because a template over the
// environment can only write strings. What is put into `meta` is for the JSON Schemas that editors read: what zod alone
// does not say of a value.

export const text = z.string({ error: 'a string' });
export const filledText = text
  .refine((value) => value.trim() !== '', { error: 'a string that is not empty' })
  .meta({ pattern: '\\S' });
export const optionalText = text.nullish();

export const texts = z.array(text, { error: 'a list of strings' }).nullish();
export const filledTexts = z.array(filledText, { error: 'a list of strings' }).nullish();

function spelledNumber(value: unknown): unknown {
  return typeof value === 'string' && /^\s*[-+]?(?:\d+(?:\.\d*)?|\.\d+)\s*$/.test(value) ? Number(value) : value;
}

const spelledFlags = new Map<unknown, boolean>([
  ...['true', 't', 'yes', 'y', 'on', '1', 1].map((word) => [word, true] as const),
  ...['false', 'f', 'no', 'n', 'off', '0', 0].map((word) => [word, false] as const),
]);

function spelledFlag(value: unknown): unknown {
  return spelledFlags.get(typeof value === 'string' ? value.trim().toLowerCase() : value) ?? value;
}

/** As typed configurations write a flag; files may have the other words as well. */
type FlagInput = boolean | 'true' | 'false';

/** As typed configurations write a number. */
type NumberInput = number | `${number}`;

function spelled<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess<unknown, Schema, NumberInput>(spelledNumber, schema).meta({ spelled: 'number' });
}

const plainFlag = z.boolean({ error: 'true or false' });
export const flag = z
  .preprocess<unknown, typeof plainFlag, FlagInput>(spelledFlag, plainFlag)
  .meta({ spelled: 'flag' });

export function integer(least = Number.MIN_SAFE_INTEGER, most = Number.MAX_SAFE_INTEGER) {
  let error = 'an integer';
  if (most !== Number.MAX_SAFE_INTEGER) error = `an integer from ${least} to ${most}`;
  else if (least !== Number.MIN_SAFE_INTEGER) error = `an integer, ${least} or more`;
  return spelled(z.int({ error }).min(least, { error }).max(most, { error }));
}

/** A number of things that cost something each: more than `most` is a mistake. */
export function count(least: number, most: number) {
  const error = `an integer, ${least} or more`;
  return spelled(
    z
      .int({ error })
      .min(least, { error })
      .max(most, { error: `at most ${most}` }),
  );
}

const atMost = { error: `at most ${longestDurationSeconds} seconds` };

/** Seconds in the file, 0 or more. */
export const seconds = spelled(
  z.number({ error: 'seconds, 0 or more' }).min(0, { error: 'seconds, 0 or more' }).max(longestDurationSeconds, atMost),
);

/** Seconds in the file for something that would never finish in none. Clocks count milliseconds. */
export const positiveSeconds = spelled(
  z
    .number({ error: 'seconds, more than 0' })
    .positive({ error: 'seconds, more than 0', abort: true })
    .min(0.001, { error: 'seconds, 0.001 or more' })
    .max(longestDurationSeconds, atMost),
);

/** Milliseconds in the file, for something that would never finish in none. */
export const positiveMilliseconds = spelled(
  z
    .int({ error: 'milliseconds, 1 or more' })
    .min(1, { error: 'milliseconds, 1 or more' })
    .max(longestDurationMs, { error: `at most ${longestDurationMs} milliseconds` }),
);

export function oneOf<const Values extends readonly [string, ...string[]]>(...values: Values) {
  return z.enum(values, { error: `one of ${values.join(', ')}` });
}

/** A key of a transport that may be left out. Null and an empty string leave it out too: an unset variable writes that. */
export function orElse<Schema extends z.ZodType>(schema: Schema, fallback: NoInfer<z.input<Schema>>) {
  return z
    .preprocess<unknown, Schema, z.input<Schema> | null | ''>((value) => (isGiven(value) ? value : fallback), schema)
    .prefault(fallback)
    .meta({ emptyIsAbsent: true });
}

/** The same without a default. */
export function orAbsent<Schema extends z.ZodType>(schema: Schema) {
  const optional = schema.optional();
  return z
    .preprocess<unknown, typeof optional, z.input<Schema> | null | '' | undefined>(
      (value) => (isGiven(value) ? value : undefined),
      optional,
    )
    .optional()
    .meta({ emptyIsAbsent: true });
}

/** A map with these keys and no others. The error for other keys lists the keys there are, for suggestions. */
export function mapOf<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.strictObject(shape, {
    error: (issue) => (issue.code === 'unrecognized_keys' ? Object.keys(shape).join(' ') : 'a map'),
  });
}

export const anyMap = z.record(z.string(), z.unknown(), { error: 'a map' });
