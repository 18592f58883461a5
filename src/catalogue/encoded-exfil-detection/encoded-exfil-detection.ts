import type { PluginResult } from '../../hooks/hook-result.js';
import { type DefinedPluginContext, definePlugin } from '../../plugins/define-plugin.js';
import { ValueTooLargeError } from '../values/text-walk.js';
import { type ExfilConfig, exfilConfig } from './exfil-config.js';
import { type ExfilFinding, type ScannedValue, scanValue } from './value-scan.js';

/** Findings that a violation lists. */
const shownFindings = 10;

type Context = DefinedPluginContext<ExfilConfig>;

/** Where a hook's texts are, and how a violation tells of it. */
interface Place {
  readonly what: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** Finds data that is hidden in encodings, by a score. What it says of it are places and numbers, never a part of it. */
export const encodedExfilDetection = definePlugin({
  config: exfilConfig,
  changesPayloads: ({ config }) => config.redaction !== undefined && config.leastToBlock > 1,
  hooks: {
    prompt_pre_fetch: (payload, context) =>
      guarded(payload, 'args', { what: 'prompt arguments', details: {} }, context),
    tool_post_invoke: (payload, context) =>
      guarded(payload, 'result', { what: `tool output '${payload.name}'`, details: { tool: payload.name } }, context),
    resource_post_fetch: (payload, context) =>
      guarded(payload, 'content', { what: 'resource content', details: { uri: payload.uri } }, context),
  },
});

function guarded<Payload extends object>(
  payload: Payload,
  field: keyof Payload & string,
  { what, details }: Place,
  { plugin, globalContext, extensions }: Context,
): PluginResult<Payload> | undefined {
  const { config } = plugin;
  let scanned: ScannedValue;
  try {
    scanned = scanValue(payload[field], field, config.scan, config.redaction ?? '*');
  } catch (error) {
    if (!(error instanceof ValueTooLargeError)) throw error;
    return tooLarge(what, error);
  }
  const { findings, redacted } = scanned;
  if (findings.length === 0) return undefined;
  const encodings = [...new Set(findings.map(({ encoding }) => encoding))].toSorted();
  const { requestId } = globalContext;
  if (config.logs) {
    plugin.logger.warn(
      { plugin: plugin.name, count: findings.length, encodings, requestId },
      'Encoded exfiltration detected',
    );
  }
  const isBlocked = findings.length >= config.leastToBlock;
  const isRedacted = !isBlocked && config.redaction !== undefined && redacted !== payload[field];
  const counters = {
    total_detections: findings.length,
    encoding_types: encodings,
    ...(isRedacted && { redacted: true }),
  };
  return {
    ...(isBlocked && {
      continueProcessing: false,
      violation: {
        reason: 'Encoded exfiltration pattern detected',
        description: `Suspicious encoded payload detected in ${what}`,
        code: 'ENCODED_EXFIL_DETECTED',
        details: {
          ...details,
          count: findings.length,
          examples: findings.slice(0, shownFindings).map((finding) => shown(finding, config)),
          request_id: requestId,
        },
      },
    }),
    ...(isRedacted && { modifiedPayload: { ...payload, [field]: redacted } }),
    ...(extensions?.request?.traceId && { metadata: { encoded_exfil_detection: counters } }),
  };
}

function shown(finding: ExfilFinding, { hasDetails }: ExfilConfig): Record<string, unknown> {
  const { encoding, path, score } = finding;
  if (!hasDetails) return { encoding, path, score };
  return {
    type: 'encoded_exfiltration',
    encoding,
    path,
    start: finding.start,
    end: finding.end,
    score,
    entropy: rounded(finding.entropy),
    decoded_len: finding.decodedLength,
    printable_ratio: rounded(finding.printableRatio),
    reason: finding.reasons,
  };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function tooLarge(what: string, { message }: ValueTooLargeError): PluginResult<never> {
  return {
    continueProcessing: false,
    violation: {
      reason: 'Too large to be scanned for encoded data',
      description: `The ${what} cannot be looked through: ${message}`,
      code: 'ENCODED_EXFIL_INPUT_TOO_LARGE',
    },
  };
}
