import { z } from 'zod';
import { isRecord } from '../json/records.js';
import { readViolation, type Violation } from '../hooks/hook-result.js';
import { anyRecord, textRecord } from '../hooks/record-schemas.js';

export const violationWire = z.object({
  reason: z.string(),
  description: z.string(),
  code: z.string(),
  details: anyRecord.nullish(),
  plugin_name: z.string().nullish(),
  mcp_error_code: z.int().nullish(),
  http_status_code: z.int().nullish(),
  http_headers: textRecord.nullish(),
});

export function encodeViolation(violation: Violation): Record<string, unknown> {
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

export function decodeViolation(wire: z.infer<typeof violationWire>): Violation {
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

/** What can be read of a violation that must not be lost, whatever its shape; undefined if that is nothing. */
export function readWireViolation(wire: unknown): Violation | undefined {
  const parsed = violationWire.safeParse(wire);
  if (parsed.success) return decodeViolation(parsed.data);
  if (!isRecord(wire)) return undefined;
  const { reason, description, code, details } = wire;
  const { mcp_error_code: mcpErrorCode, http_status_code: httpStatusCode, http_headers: httpHeaders } = wire;
  return readViolation(
    { reason, description, code, details, mcpErrorCode, httpStatusCode, httpHeaders },
    () => undefined,
  );
}
