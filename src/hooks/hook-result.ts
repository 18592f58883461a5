import { z } from 'zod';
import { readExtensions } from '../extensions/extension-reader.js';
import type { Extensions } from '../extensions/extensions.js';
import { anyRecord, metricRecord, textRecord } from './record-schemas.js';

/** Why a plugin blocks a request. */
export interface Violation {
  readonly reason: string;
  readonly description: string;
  /** Code of the plugin's own choosing: `PROHIBITED_CONTENT`. */
  readonly code: string;
  readonly details?: Record<string, unknown> | undefined;
  /** Name of the plugin that blocks; written by the chain, whatever the plugin says. */
  readonly pluginName?: string | undefined;
  readonly mcpErrorCode?: number | undefined;
  readonly httpStatusCode?: number | undefined;
  readonly httpHeaders?: Record<string, string> | undefined;
}

/** Numbers about a denial: truth values, finite numbers, integers of 64 bits. */
export type DenialMetadata = Readonly<Record<string, boolean | number | bigint>>;

/** What one plugin answers. An empty object, or nothing at all, means: go on, nothing changed. */
export interface PluginResult<Result = unknown> {
  /** False stops the chain, in modes that may block. Default true. */
  readonly continueProcessing?: boolean | undefined;
  readonly modifiedPayload?: Result | undefined;
  /** What it changes of the extensions; parts that are left out stay. */
  readonly modifiedExtensions?: Extensions | undefined;
  readonly violation?: Violation | undefined;
  readonly metadata?: Record<string, unknown> | undefined;
  /** Numbers about a denial for those who count denials, never about who asked: at most 16, under fixed names. */
  readonly denialMetadata?: DenialMetadata | undefined;
  readonly httpHeaders?: Record<string, string> | undefined;
  /** Milliseconds the caller should wait before it tries again. */
  readonly retryDelayMs?: number | undefined;
}

const violationSchema = z.object({
  reason: z.string(),
  description: z.string(),
  code: z.string(),
  details: absentIfNull(anyRecord),
  pluginName: absentIfNull(z.string()),
  mcpErrorCode: absentIfNull(z.int()),
  httpStatusCode: absentIfNull(z.int()),
  httpHeaders: absentIfNull(textRecord),
});

const retryDelay = z.unknown().transform((value, context) => {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return clampedDelay(value);
  context.addIssue({ code: 'custom', message: `Invalid input: expected number, received ${typeof value}` });
  return z.NEVER;
});

const writtenExtensions = z.unknown().transform((written, context): Extensions | undefined => {
  if (written === undefined || written === null) return undefined;
  const reading = readExtensions(written);
  if (reading.ok) return reading.extensions;
  for (const message of reading.problems) context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

/** The shape of {@link PluginResult}, checked on everything a plugin returns. Null for what may be left out is absent. */
export const pluginResultSchema = z.object({
  // Null is not "go on": a guard whose answer cannot be read must not let anything pass.
  continueProcessing: z.boolean().optional(),
  modifiedPayload: z
    .unknown()
    .optional()
    .transform((payload) => payload ?? undefined),
  modifiedExtensions: writtenExtensions.optional(),
  violation: absentIfNull(violationSchema),
  metadata: absentIfNull(anyRecord),
  denialMetadata: absentIfNull(metricRecord),
  httpHeaders: absentIfNull(textRecord),
  retryDelayMs: retryDelay.optional(),
});

/** The longest delay that a timer of Node's takes. */
const longestDelayMs = 2_147_483_647;

/** A retry delay as a caller can use it: milliseconds, from none to 24 days. */
export function clampedDelay(ms: number): number {
  return Number.isNaN(ms) ? 0 : Math.min(Math.max(ms, 0), longestDelayMs);
}

/**
 * The answer of a plugin that says stop, whatever else is in it: what has the shape it should have is taken, and `drop` is
 * told of what has not. Never throws.
 */
export function readStop(
  answer: { readonly [Key in keyof PluginResult]: unknown },
  drop: (field: string) => void,
): PluginResult {
  const usable = <Value>(field: string, schema: z.ZodType<Value>, value: unknown): Value | undefined => {
    if (value === undefined || value === null) return undefined;
    try {
      const parsed = schema.safeParse(value);
      if (parsed.success) return parsed.data;
    } catch {
      // A getter or a proxy of the plugin's threw.
    }
    drop(field);
    return undefined;
  };
  return {
    continueProcessing: false,
    modifiedPayload: answer.modifiedPayload ?? undefined,
    modifiedExtensions: usable('modifiedExtensions', writtenExtensions, answer.modifiedExtensions),
    violation: readViolation(answer.violation, drop),
    metadata: usable('metadata', anyRecord, answer.metadata),
    denialMetadata: usable('denialMetadata', metricRecord, answer.denialMetadata),
    httpHeaders: usable('httpHeaders', textRecord, answer.httpHeaders),
    retryDelayMs: usable('retryDelayMs', retryDelay, answer.retryDelayMs),
  };
}

/** What can be read of a violation; undefined if that is nothing. Texts that are missing are empty. Never throws. */
export function readViolation(given: unknown, drop: (field: string) => void): Violation | undefined {
  if (given === undefined || given === null) return undefined;
  try {
    const whole = violationSchema.safeParse(given);
    if (whole.success) return whole.data;
    const parts = looseViolationSchema.safeParse(given);
    if (parts.success) {
      drop('violation, in part');
      return parts.data;
    }
  } catch {
    // A getter or a proxy of the plugin's threw.
  }
  drop('violation');
  return undefined;
}

const looseViolationSchema = z.object({
  reason: z.string().catch(''),
  description: z.string().catch(''),
  code: z.string().catch(''),
  details: anyRecord.optional().catch(undefined),
  mcpErrorCode: z.int().optional().catch(undefined),
  httpStatusCode: z.int().optional().catch(undefined),
  httpHeaders: textRecord.optional().catch(undefined),
});

function absentIfNull<Value>(schema: z.ZodType<Value>) {
  return schema.nullish().transform((value) => value ?? undefined);
}
