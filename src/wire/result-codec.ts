import { describeValue } from '../json/described-value.js';
import { z } from 'zod';
import { anyRecord, textRecord } from '../hooks/record-schemas.js';
import { suggestionFor } from '../config/suggestion.js';
import { isEmpty, isPlainObject, isRecord } from '../json/records.js';
import { clampedDelay, type PluginResult } from '../hooks/hook-result.js';
import { isStatedViolation } from '../hooks/stated-violation.js';
import { decodeExtensions, encodeExtensions } from '../extensions/extension-codec.js';
import type { Extensions } from '../extensions/extensions.js';
import { DecodedResult } from './decoded-result.js';
import { decodeDenialMetadata } from './denial-metadata-codec.js';
import type { PayloadCodec } from './payload-codec.js';
import { isGiven } from './user-context-codec.js';
import { decodeViolation, encodeViolation, readWireViolation, violationWire } from './violation-codec.js';
import { type Decoded, issueOf, type WireIssue } from './wire-issue.js';

const resultWire = z.object({
  // Null does not say "continue": a guard whose answer cannot be read must not let anything pass.
  continue_processing: z.boolean().optional(),
  modified_payload: z.unknown().optional(),
  modified_extensions: z.unknown().optional(),
  violation: violationWire.nullish(),
  metadata: anyRecord.nullish(),
  denial_metadata: z.unknown().optional(),
  http_headers: textRecord.nullish(),
  retry_delay_ms: z.number().or(z.nan()).nullish(),
});

/** The `result` of an answer that says nothing but "continue", every field written out. */
export const noOpResult: Readonly<Record<string, unknown>> = Object.freeze({
  continue_processing: true,
  modified_payload: null,
  modified_extensions: null,
  violation: null,
  metadata: Object.freeze({}),
  http_headers: null,
  retry_delay_ms: 0,
  executions: Object.freeze([]),
});

/**
 * The `result` of an answer, every field written out but `denial_metadata`, which is undefined where the plugin gave none.
 * A call by name has no records of executions.
 */
export function encodeResult(result: PluginResult, codec: PayloadCodec): Readonly<Record<string, unknown>> {
  const { modifiedPayload, modifiedExtensions, violation, denialMetadata } = result;
  const isBare = modifiedPayload === undefined && modifiedExtensions === undefined && violation === undefined;
  if (isBare && saysNothingElse(result)) return noOpResult;
  const continues = result.continueProcessing ?? true;
  return {
    continue_processing: continues,
    modified_payload: modifiedPayload === undefined ? null : codec.encodeAnswer(modifiedPayload),
    modified_extensions: modifiedExtensions === undefined ? null : encodeExtensions(modifiedExtensions),
    violation: violation === undefined || isStatedViolation(violation) ? null : encodeViolation(violation),
    metadata: result.metadata ?? (continues ? {} : null),
    denial_metadata: denialMetadata,
    http_headers: result.httpHeaders ?? null,
    retry_delay_ms: result.retryDelayMs ?? 0,
    executions: [],
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
  if (saysStop(wire)) return { ok: true, value: readUsable(wire, codec, false) };
  const decoded = decodeWhole(wire, codec);
  return !decoded.ok && saysDenial(wire, codec) ? { ok: true, value: readUsable(wire, codec, true) } : decoded;
}

function decodeWhole(wire: unknown, codec: PayloadCodec): Decoded<PluginResult> {
  const misspelt = misspeltStop(wire);
  if (misspelt !== undefined) return { ok: false, issue: misspelt };
  const parsed = isPlain(wire) ? { success: true as const, data: wire } : resultWire.safeParse(wire);
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
  const extensions = decodeModifiedExtensions(parsed.data.modified_extensions);
  if (!extensions.ok) return extensions;
  const result = new DecodedResult({
    continueProcessing: parsed.data.continue_processing ?? true,
    modifiedPayload,
    modifiedExtensions: extensions.value,
    violation: violation ? decodeViolation(violation) : undefined,
    metadata: metadata ?? undefined,
    denialMetadata: decodeDenialMetadata(parsed.data.denial_metadata),
    httpHeaders: httpHeaders ?? undefined,
    retryDelayMs: delayOf(delay),
  });
  return { ok: true, value: result };
}

/** What the schema accepts, in a tenth of the time, where there is neither a violation nor a header. */
function isPlain(wire: unknown): wire is z.infer<typeof resultWire> {
  if (!isRecord(wire)) return false;
  const { continue_processing: continues, metadata, retry_delay_ms: delay } = wire;
  return (
    (continues === undefined || typeof continues === 'boolean') &&
    !isGiven(wire['violation']) &&
    !isGiven(wire['http_headers']) &&
    (!isGiven(metadata) || isPlainObject(metadata)) &&
    (!isGiven(delay) || (typeof delay === 'number' && Math.abs(delay) !== Number.POSITIVE_INFINITY))
  );
}

/** True for an answer that says stop, which is a stop whatever else it says. */
export function saysStop(wire: unknown): wire is Readonly<Record<string, unknown>> {
  return isRecord(wire) && Object.hasOwn(wire, 'continue_processing') && wire['continue_processing'] === false;
}

/** True for an answer whose payload is a denial, which is one whatever else it says. */
export function saysDenial(wire: unknown, codec: PayloadCodec): wire is Readonly<Record<string, unknown>> {
  return isRecord(wire) && codec.deniesIn(wire['modified_payload']);
}

/**
 * True for what cannot be read and may have been meant as a stop: the key has another kind of value, or another spelling,
 * or the payload may be a denial.
 */
export function mayStop(wire: unknown, codec: PayloadCodec): boolean {
  if (!isRecord(wire)) return false;
  const said = wire['continue_processing'];
  return (
    (said !== undefined && said !== true) || misspeltStop(wire) !== undefined || codec.mayDeny(wire['modified_payload'])
  );
}

/** The keys of a result. Nobody reads `executions`: calls by name make none, and the host makes its own. */
export const resultKeys: ReadonlySet<string> = new Set([...Object.keys(resultWire.shape), 'executions']);

/** Servers of later generations add keys, and those are passed over; one that is nearly the key that stops is not. */
function misspeltStop(wire: unknown): WireIssue | undefined {
  if (!isRecord(wire)) return undefined;
  for (const key in wire) {
    if (resultKeys.has(key) || wire[key] === true || wire[key] === null) continue;
    if (suggestionFor(key, ['continue_processing']) === undefined) continue;
    return { path: `result.${key}`, found: describeValue(wire[key]), expected: 'continue_processing' };
  }
  return undefined;
}

/** A stop or a denial, with what else of it can be read. */
function readUsable(
  wire: Readonly<Record<string, unknown>>,
  codec: PayloadCodec,
  continueProcessing: boolean,
): PluginResult {
  const usable = <Value>(schema: z.ZodType<Value>, value: unknown): Value | undefined => schema.safeParse(value).data;
  const modified = wire['modified_payload'];
  const payload = modified === undefined || modified === null ? undefined : codec.decode(modified, '');
  const violation = readWireViolation(wire['violation']);
  const metadata = usable(anyRecord, wire['metadata']);
  const httpHeaders = usable(textRecord, wire['http_headers']);
  const extensions = decodeModifiedExtensions(wire['modified_extensions']);
  return new DecodedResult({
    continueProcessing,
    modifiedPayload: payload?.ok === true ? payload.value : undefined,
    modifiedExtensions: extensions.ok ? extensions.value : undefined,
    violation,
    metadata,
    denialMetadata: decodeDenialMetadata(wire['denial_metadata']),
    httpHeaders,
    retryDelayMs: delayOf(wire['retry_delay_ms']),
  });
}

function decodeModifiedExtensions(wire: unknown): Decoded<Extensions | undefined> {
  if (wire === undefined || wire === null) return { ok: true, value: undefined };
  return decodeExtensions(wire, 'result.modified_extensions');
}

function delayOf(wire: unknown): number | undefined {
  return typeof wire === 'number' && wire !== 0 ? clampedDelay(wire) : undefined;
}

function saysNothingElse(result: PluginResult): boolean {
  const { continueProcessing, metadata, denialMetadata, httpHeaders, retryDelayMs } = result;
  const noDelay = retryDelayMs === undefined || retryDelayMs === 0;
  const noMetadata = (metadata === undefined || isEmpty(metadata)) && denialMetadata === undefined;
  return continueProcessing !== false && noMetadata && !httpHeaders && noDelay;
}

/** True for the answer of a plugin that has no objection, which most answers are: not worth a schema. */
export function isNoOp(wire: Readonly<Record<string, unknown>>): boolean {
  for (const key in wire) {
    const value = wire[key];
    const saysNothing =
      (key === 'continue_processing' ? value === true : value === null) ||
      key === 'executions' ||
      (key === 'retry_delay_ms' && value === 0) ||
      (key === 'metadata' && isRecord(value) && isEmpty(value));
    if (!saysNothing) return false;
  }
  return true;
}
