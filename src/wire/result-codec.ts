import { z } from 'zod';
import { anyRecord, textRecord } from '../hooks/record-schemas.js';
import type { PluginResult, Violation } from '../hooks/hook-result.js';
import { isEmpty, isRecord } from '../context/plain-data.js';
import type { PayloadCodec } from './payload-codec.js';
import { type Decoded, issueOf } from './wire-issue.js';

const violationWire = z.object({
  reason: z.string(),
  description: z.string(),
  code: z.string(),
  details: anyRecord.nullish(),
  plugin_name: z.string().nullish(),
  mcp_error_code: z.int().nullish(),
  http_status_code: z.int().nullish(),
  http_headers: textRecord.nullish(),
});

const resultWire = z.object({
  // Null is not "go on": a guard whose answer cannot be read must not let anything pass.
  continue_processing: z.boolean().optional(),
  modified_payload: z.unknown().optional(),
  violation: violationWire.nullish(),
  metadata: anyRecord.nullish(),
  http_headers: textRecord.nullish(),
  retry_delay_ms: z.number().nullish(),
});

/** The `result` of an answer that says nothing but "go on", every field written out. */
export const goesOn: Readonly<Record<string, unknown>> = Object.freeze({
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
  if (modifiedPayload === undefined && violation === undefined && saysNothingElse(result)) return goesOn;
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

function encodeViolation(violation: Violation): Record<string, unknown> {
  return {
    reason: violation.reason,
    description: violation.description,
    code: violation.code,
    details: violation.details ?? {},
    mcp_error_code: violation.mcpErrorCode ?? null,
    http_status_code: violation.httpStatusCode ?? null,
    http_headers: violation.httpHeaders ?? null,
  };
}

/** Reads the `result` of an answer. */
export function decodeResult(wire: unknown, codec: PayloadCodec): Decoded<PluginResult> {
  if (isRecord(wire) && saysGoOn(wire)) {
    return {
      ok: true,
      value: isRecord(wire['metadata']) ? { continueProcessing: true, metadata: {} } : { continueProcessing: true },
    };
  }
  const parsed = resultWire.safeParse(wire);
  if (!parsed.success) return { ok: false, issue: issueOf(parsed.error, wire, 'result') };
  const {
    modified_payload: modified,
    violation,
    metadata,
    http_headers: httpHeaders,
    retry_delay_ms: delay,
  } = parsed.data;
  const result: { -readonly [Key in keyof PluginResult]: PluginResult[Key] } = {
    continueProcessing: parsed.data.continue_processing ?? true,
  };
  if (modified !== undefined && modified !== null) {
    const payload = codec.decode(modified, 'result.modified_payload');
    if (!payload.ok) return payload;
    result.modifiedPayload = payload.value;
  }
  if (violation) result.violation = decodeViolation(violation);
  if (metadata) result.metadata = metadata;
  if (httpHeaders) result.httpHeaders = httpHeaders;
  if (delay) result.retryDelayMs = delay;
  return { ok: true, value: result };
}

function saysNothingElse({ continueProcessing, metadata, httpHeaders, retryDelayMs }: PluginResult): boolean {
  const noDelay = retryDelayMs === undefined || retryDelayMs === 0;
  return continueProcessing !== false && (metadata === undefined || isEmpty(metadata)) && !httpHeaders && noDelay;
}

/** True for the answer of a plugin that has no objection, which most answers are: not worth a schema. */
export function saysGoOn(wire: Readonly<Record<string, unknown>>): boolean {
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

function decodeViolation(wire: z.infer<typeof violationWire>): Violation {
  return {
    reason: wire.reason,
    description: wire.description,
    code: wire.code,
    ...(wire.details && { details: wire.details }),
    ...(wire.plugin_name && { pluginName: wire.plugin_name }),
    ...(typeof wire.mcp_error_code === 'number' && { mcpErrorCode: wire.mcp_error_code }),
    ...(typeof wire.http_status_code === 'number' && { httpStatusCode: wire.http_status_code }),
    ...(wire.http_headers && { httpHeaders: wire.http_headers }),
  };
}
