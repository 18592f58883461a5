import { z } from 'zod';
import { isRecord } from '../json/records.js';
import { anyRecord } from '../hooks/record-schemas.js';
import { isStatedViolation } from '../hooks/stated-violation.js';
import { internalErrorCode, PluginError, type PluginFailure, PluginViolationError } from '../plugins/plugin-error.js';
import { readViolationWords, writeViolation } from '../plugins/violation-words.js';
import { encodeViolation, readWireViolation } from './violation-codec.js';
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

/** Key in the details of a failure that says: the plugin's answer could not be read, and may have said stop. */
const mayBeStop = 'may_be_stop';

/** What crosses the wire of an error. */
export function failureToSend({ failure, mayBeStop: isMarked }: PluginError): PluginFailure {
  return isMarked ? { ...failure, details: { ...failure.details, [mayBeStop]: true } } : failure;
}

/** The error that a failure from the other side stands for. */
export function errorOf(failure: PluginFailure): PluginError {
  return new PluginError(failure, { mayBeStop: failure.details[mayBeStop] === true });
}

/**
 * The `error` of an answer for a plugin that threw its violation: in the words of ContextForge's servers, which its hosts
 * know, and with the violation itself in the details.
 */
export function violationFailure(error: PluginViolationError, pluginName: string): PluginFailure {
  const { violation } = error;
  return {
    message: writeViolation(error.message),
    pluginName,
    code: '',
    details: isStatedViolation(violation) ? {} : { violation: encodeViolation(violation) },
    mcpErrorCode: internalErrorCode,
  };
}

/** The violation that the `error` of an answer stands for; undefined for every other error. */
export function thrownViolation(
  { message, details, pluginName }: PluginFailure,
  hook: string,
): PluginViolationError | undefined {
  const said = readViolationWords(message);
  if (said === undefined) return undefined;
  const violation = readWireViolation(details['violation']) ?? {
    reason: said,
    description: said,
    code: 'PLUGIN_VIOLATION',
  };
  return new PluginViolationError(hook, pluginName, violation);
}

/** True for an error that stands for a thrown violation, which is a stop whatever else it says. */
export function saysViolation(wire: unknown): wire is { readonly message: string; readonly details?: unknown } {
  return isRecord(wire) && typeof wire['message'] === 'string' && readViolationWords(wire['message']) !== undefined;
}

/** Reads the `error` of an answer. */
export function decodeFailure(wire: unknown, pluginName: string): Decoded<PluginFailure> {
  const parsed = failureWire.safeParse(wire);
  if (!parsed.success && saysViolation(wire)) {
    const details = isRecord(wire.details) ? wire.details : {};
    return {
      ok: true,
      value: { message: wire.message, pluginName, code: '', details, mcpErrorCode: internalErrorCode },
    };
  }
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
