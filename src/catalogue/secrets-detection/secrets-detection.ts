import type { PluginResult, Violation } from '../../hooks/hook-result.js';
import { type DefinedPluginContext, definePlugin } from '../../plugins/define-plugin.js';
import { replaceTexts, ValueTooLargeError } from '../values/text-walk.js';
import type { FieldFilter } from './field-filter.js';
import { findSecrets, withoutSecrets } from './secret-search.js';
import type { SecretTypeName } from './secret-types.js';
import { type SecretsConfig, secretsConfig } from './secrets-config.js';

const limits = { depth: 128, values: 1_000_000 };

/** Findings that a violation lists. */
const shownFindings = 100;

type Context = DefinedPluginContext<SecretsConfig>;

/** Finds keys and tokens of well-known forms. What it says of them is their types and number, never a part of them. */
export const secretsDetection = definePlugin({
  config: secretsConfig,
  changesPayloads: ({ config }) => config.redaction !== undefined && config.leastToBlock > 1,
  hooks: {
    prompt_pre_fetch: (payload, context) => guarded(payload, 'args', 'prompt arguments', context),
    tool_pre_invoke: (payload, context) => guarded(payload, 'args', 'tool arguments', context),
    tool_post_invoke: (payload, context) => guarded(payload, 'result', 'tool result', context),
    resource_post_fetch: (payload, context) => guarded(payload, 'content', 'resource content', context, everyField),
  },
});

/** A resource is one text, whatever is around it: it has no fields that a configuration could name. */
const everyField: FieldFilter = () => true;

function guarded<Payload extends object>(
  payload: Payload,
  field: keyof Payload & string,
  what: string,
  { plugin: { config }, extensions }: Context,
  isScanned = config.isScanned,
): PluginResult<Payload> | undefined {
  const found: SecretTypeName[] = [];
  let redacted: unknown;
  try {
    redacted = replaceTexts(
      payload[field],
      (text, path) => {
        if (!isScanned(path)) return text;
        const findings = findSecrets(text, config.types);
        for (const { type } of findings) found.push(type);
        return config.redaction === undefined ? text : withoutSecrets(text, findings, config.redaction);
      },
      limits,
    );
  } catch (error) {
    if (!(error instanceof ValueTooLargeError)) throw error;
    return { continueProcessing: false, violation: tooLarge(what, error) };
  }
  if (found.length === 0) return undefined;
  const isBlocked = found.length >= config.leastToBlock;
  const isMasked = !isBlocked && redacted !== payload[field];
  return {
    ...(isBlocked && { continueProcessing: false, violation: detected(what, found) }),
    ...(isMasked && { modifiedPayload: { ...payload, [field]: redacted } }),
    ...(extensions?.request?.traceId && { metadata: { secrets_detection: counters(found, isMasked, isBlocked) } }),
  };
}

function counters(found: readonly SecretTypeName[], isMasked: boolean, isBlocked: boolean): Record<string, unknown> {
  return {
    total_detections: found.length,
    total_masked: isMasked ? found.length : 0,
    total_blocked: isBlocked ? found.length : 0,
    secret_types: [...new Set(found)].toSorted(),
  };
}

function detected(what: string, found: readonly SecretTypeName[]): Violation {
  return {
    reason: 'Secrets detected',
    description: `Potential secrets detected in ${what}`,
    code: 'SECRETS_DETECTED',
    details: { count: found.length, examples: found.slice(0, shownFindings).map((type) => ({ type })) },
  };
}

function tooLarge(what: string, { message }: ValueTooLargeError): Violation {
  return {
    reason: 'Too large to be scanned for secrets',
    description: `The ${what} cannot be looked through: ${message}`,
    code: 'SECRETS_DETECTION_INPUT_TOO_LARGE',
  };
}
