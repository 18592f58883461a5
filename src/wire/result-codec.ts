import { describeValue } from '../json/described-value.js';
import { z } from 'zod';
import { anyRecord, textRecord } from '../hooks/record-schemas.js';
import { suggestionFor } from '../config/suggestion.js';
import { isEmpty, isRecord } from '../json/records.js';
import { clampedDelay, type PluginResult } from '../hooks/hook-result.js';
import { DecodedResult } from './decoded-result.js';
import type { PayloadCodec } from './payload-codec.js';
import { decodeViolation, encodeViolation, readWireViolation, violationWire } from './violation-codec.js';
import { type Decoded, issueOf, type WireIssue } from './wire-issue.js';

const resultWire = z.object({
  // Null does not say "continue": a guard whose answer cannot be read must not let anything pass.
  continue_processing: z.boolean().optional(),
  modified_payload: z.unknown().optional(),
  violation: violationWire.nullish(),
  metadata: anyRecord.nullish(),
  http_headers: textRecord.nullish(),
  retry_delay_ms: z.number().or(z.nan()).nullish(),
});

/** The `result` of an answer that says nothing but "continue", every field written out. */
export const noOpResult: Readonly<Record<string, unknown>> = Object.freeze({
  continue_processing: true,
  modified_payload: null,
  violation: null,
  metadata: Object.freeze({}),
  http_headers: null,
  retry_delay_ms: 0,
});

/** The `result` of an answer, every field written out. */
export function encodeResult(result: PluginResult, codec: PayloadCodec): Readonly<Record<string, unknown>> {
  const { modifiedPayload, violation } = result;
  if (modifiedPayload === undefined && violation === undefined && saysNothingElse(result)) return noOpResult;
  const continues = result.continueProcessing ?? true;
  return {
    continue_processing: continues,
    modified_payload: modifiedPayload === undefined ? null : codec.encodeAnswer(modifiedPayload),
    violation: violation === undefined ? null : encodeViolation(violation),
    metadata: result.metadata ?? (continues ? {} : null),
    http_headers: result.httpHeaders ?? null,
    retry_delay_ms: result.retryDelayMs ?? 0,
  };
}

/** Reads the `result` of an answer. */
export function decodeResult(wire: unknown, codec: PayloadCodec): Decoded<PluginResult> {
  if (isRecord(wire) && isNoOp(wire)) {
    return {
      ok: true,
      value: isRecord(wire['metadata']) ? { continueProcessing: true, metadata: {} } : { continueProcessing: true },
    };
  }
  if (saysStop(wire)) return { ok: true, value: readStop(wire, codec) };
  const misspelt = misspeltStop(wire);
  if (misspelt !== undefined) return { ok: false, issue: misspelt };
  const parsed = resultWire.safeParse(wire);
  if (!parsed.success) return { ok: false, issue: issueOf(parsed.error, wire, 'result') };
  const {
    modified_payload: modified,
    violation,
    metadata,
    http_headers: httpHeaders,
    retry_delay_ms: delay,
  } = parsed.data;
  let modifiedPayload: unknown;
  if (modified !== undefined && modified !== null) {
    const payload = codec.decode(modified, 'result.modified_payload');
    if (!payload.ok) return payload;
    modifiedPayload = payload.value;
  }
  const result = new DecodedResult({
    continueProcessing: parsed.data.continue_processing ?? true,
    modifiedPayload,
    violation: violation ? decodeViolation(violation) : undefined,
    metadata: metadata ?? undefined,
    httpHeaders: httpHeaders ?? undefined,
    retryDelayMs: delayOf(delay),
  });
  return { ok: true, value: result };
}

/** True for an answer that says stop, which is a stop whatever else it says. */
export function saysStop(wire: unknown): wire is Readonly<Record<string, unknown>> {
  return isRecord(wire) && Object.hasOwn(wire, 'continue_processing') && wire['continue_processing'] === false;
}

/** True for what cannot be read and may have been meant as a stop: the key has another kind of value, or another spelling. */
export function mayStop(wire: unknown): boolean {
  if (!isRecord(wire)) return false;
  const said = wire['continue_processing'];
  return (said !== undefined && said !== true) || misspeltStop(wire) !== undefined;
}

const known = new Set([...Object.keys(resultWire.shape), 'executions', 'modified_extensions', 'denial_metadata']);

/** Servers of later generations add keys, and those are passed over; one that is nearly the key that stops is not. */
function misspeltStop(wire: unknown): WireIssue | undefined {
  if (!isRecord(wire)) return undefined;
  for (const key of Object.keys(wire)) {
    if (known.has(key) || wire[key] === true || wire[key] === null) continue;
    if (suggestionFor(key, ['continue_processing']) === undefined) continue;
    return { path: `result.${key}`, found: describeValue(wire[key]), expected: 'continue_processing' };
  }
  return undefined;
}

/** A stop, with what else of it can be read. */
function readStop(wire: Readonly<Record<string, unknown>>, codec: PayloadCodec): PluginResult {
  const usable = <Value>(schema: z.ZodType<Value>, value: unknown): Value | undefined => schema.safeParse(value).data;
  const modified = wire['modified_payload'];
  const payload = modified === undefined || modified === null ? undefined : codec.decode(modified, '');
  const violation = readWireViolation(wire['violation']);
  const metadata = usable(anyRecord, wire['metadata']);
  const httpHeaders = usable(textRecord, wire['http_headers']);
  return new DecodedResult({
    continueProcessing: false,
    modifiedPayload: payload?.ok === true ? payload.value : undefined,
    violation,
    metadata,
    httpHeaders,
    retryDelayMs: delayOf(wire['retry_delay_ms']),
  });
}

function delayOf(wire: unknown): number | undefined {
  return typeof wire === 'number' && wire !== 0 ? clampedDelay(wire) : undefined;
}

function saysNothingElse({ continueProcessing, metadata, httpHeaders, retryDelayMs }: PluginResult): boolean {
  const noDelay = retryDelayMs === undefined || retryDelayMs === 0;
  return continueProcessing !== false && (metadata === undefined || isEmpty(metadata)) && !httpHeaders && noDelay;
}

/** True for the answer of a plugin that has no objection, which most answers are: not worth a schema. */
export function isNoOp(wire: Readonly<Record<string, unknown>>): boolean {
  for (const key in wire) {
    const value = wire[key];
    const saysNothing =
      (key === 'continue_processing' ? value === true : value === null) ||
      (key === 'retry_delay_ms' && value === 0) ||
      (key === 'metadata' && isRecord(value) && isEmpty(value));
    if (!saysNothing) return false;
  }
  return true;
}
