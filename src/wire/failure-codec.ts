import { z } from 'zod';
import { anyRecord } from '../hooks/record-schemas.js';
import { internalErrorCode, type PluginFailure } from '../plugins/plugin-error.js';
import { type Decoded, issueOf } from './wire-issue.js';

const failureWire = z.object({
  message: z.string(),
  plugin_name: z.string().nullish(),
  code: z.string().nullish(),
  details: anyRecord.nullish(),
  mcp_error_code: z.int().nullish(),
});

/** The `error` of an answer. */
export function encodeFailure(failure: PluginFailure): Record<string, unknown> {
  return {
    message: failure.message,
    plugin_name: failure.pluginName,
    code: failure.code,
    details: failure.details,
    mcp_error_code: failure.mcpErrorCode,
  };
}

/** Reads the `error` of an answer. */
export function decodeFailure(wire: unknown, pluginName: string): Decoded<PluginFailure> {
  const parsed = failureWire.safeParse(wire);
  if (!parsed.success) return { ok: false, issue: issueOf(parsed.error, wire, 'error') };
  return {
    ok: true,
    value: {
      message: parsed.data.message,
      pluginName: parsed.data.plugin_name || pluginName,
      code: parsed.data.code ?? '',
      details: parsed.data.details ?? {},
      mcpErrorCode: parsed.data.mcp_error_code ?? internalErrorCode,
    },
  };
}
