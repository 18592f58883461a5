import { isGatechartError, messageOf } from '../errors.js';
import type { HookDefinition } from '../hooks/hook.js';
import type { TraceParent } from '../observability/spans.js';
import type { Logger } from '../observability/logger.js';
import { internalErrorCode, PluginError, type PluginFailure, PluginViolationError } from '../plugins/plugin-error.js';
import type { PluginResult } from '../hooks/hook-result.js';
import { isStatedViolation } from '../hooks/stated-violation.js';
import { encodeAnswerContext, type WireContext } from '../wire/context-codec.js';
import { encodeFailure, failureToSend, violationFailure } from '../wire/failure-codec.js';
import { hookCodec } from '../wire/hook-codec.js';
import { requireMetrics } from '../wire/denial-metadata-codec.js';
import type { IgnoredFields } from '../wire/ignored-fields.js';
import { requireJson } from '../json/json-data.js';
import { isRecord } from '../json/records.js';
import type { PayloadCodec } from '../wire/payload-codec.js';
import { encodeResult, noOpResult } from '../wire/result-codec.js';
import { excerpt } from '../json/excerpt.js';
import { type Decoded, describeIssue } from '../wire/wire-issue.js';
import type { CancelSignal } from '../time/cancellation.js';
import type { PluginHost } from './plugin-host.js';

/** One `invoke_hook` request; its payload is not checked yet. */
export interface HookCall {
  readonly hookName: string;
  readonly pluginName: string;
  readonly payload: unknown;
  readonly context: Decoded<WireContext>;
  /** The span of the host that it is made in. */
  readonly traceParent?: TraceParent | undefined;
}

export interface HookCallsDependencies {
  readonly host: PluginHost;
  readonly hookOf: (name: string) => HookDefinition | undefined;
  readonly logger: Logger;
  /** Hears of what hosts send and nobody here knows. */
  readonly ignored?: IgnoredFields;
}

type Document = Readonly<Record<string, unknown>>;

/** Encodes answers. */
export interface AnswerWriter<Answer> {
  /** Whether `write` refuses what JSON cannot say. */
  readonly checksJson: boolean;
  /** Throws if the answer cannot be sent. */
  readonly write: (answer: Document) => Answer;
}

/** Characters that are left of a text that could not be sent as it was. */
const excerptLength = 1000;

/**
 * Answers a hook call. Never rejects: whatever goes wrong becomes an error answer without a stack trace, also what the
 * writer throws when the result cannot be sent.
 *
 * @param signal aborts when nobody waits for the answer any more
 */
export async function answerHookCall<Answer>(
  dependencies: HookCallsDependencies,
  call: HookCall,
  signal: CancelSignal,
  writer: AnswerWriter<Answer>,
): Promise<Answer> {
  const { host, hookOf, logger, ignored } = dependencies;
  const { pluginName, hookName, context } = call;
  try {
    if (!context.ok) throw invalid(call, describeIssue(context.issue));
    const hook = hookOf(hookName);
    if (hook === undefined) throw notFound(call);
    const codec = hookCodec(hook);
    ignored?.note(codec.payload.unknownFields(call.payload, `${hookName} payload`));
    const payload = codec.payload.decode(call.payload, 'payload');
    if (!payload.ok) throw serves(host, call) ? invalid(call, describeIssue(payload.issue)) : notFound(call);
    // A manager checks it once more: 3 % of the work of a call, 8 % with fifty messages in it. What could tell it not to
    // would cost as much, or be a second way in, past whatever a program has put around its manager.
    // What an error means is for the host to say, which has its own word on it: here it would be a pass that nobody checked.
    const options = { signal, raiseErrors: true, ...(call.traceParent && { traceParent: call.traceParent }) };
    const result = await host.invokeHookForPlugin(pluginName, hookName, payload.value, context.value, options);
    return writeResult(dependencies, call, { result, codec: codec.result, context: context.value }, writer);
  } catch (error) {
    const failure = failureOf(error, call);
    logger.warn({ ...shown(call), failure: text(failure.message) }, 'a hook call failed');
    return writeFailure(dependencies, call, failure, writer);
  }
}

interface Answered {
  readonly result: PluginResult;
  readonly codec: PayloadCodec;
  readonly context: WireContext;
}

/**
 * A block is a block and a denial one, also where what goes with it cannot be sent: as an error, a host may be told to
 * overlook it.
 */
function writeResult<Answer>(
  { logger }: HookCallsDependencies,
  call: HookCall,
  { result, codec, context }: Answered,
  writer: AnswerWriter<Answer>,
): Answer {
  const { pluginName } = call;
  try {
    const encoded = encodeResult(result, codec);
    return writeSendable(pluginName, encoded, encodeAnswerContext(context), writer);
  } catch (error) {
    const denial = bareDenial(result, codec);
    if (result.continueProcessing !== false && denial === undefined) throw error;
    const what = result.continueProcessing === false ? 'block' : 'denial';
    logger.warn({ ...shown(call), reason: text(error) }, `a ${what} cannot be sent as it is; only its words are`);
    const bare = result.continueProcessing === false ? bareBlock(result) : { continueProcessing: true };
    return writer.write({ plugin_name: pluginName, result: encodeResult({ ...bare, modifiedPayload: denial }, codec) });
  }
}

/** @throws GatechartError PAYLOAD_INVALID, and what else the writer throws */
function writeSendable<Answer>(
  pluginName: string,
  result: Document,
  context: Document | undefined,
  { checksJson, write }: AnswerWriter<Answer>,
): Answer {
  if (!checksJson || result['denial_metadata'] !== undefined) requireSendable(result, context);
  try {
    if (context === undefined) return write({ plugin_name: pluginName, result });
    return write({ plugin_name: pluginName, result, context });
  } catch (error) {
    // Of several things that JSON cannot say, the writer may have come upon another one first.
    requireSendable(result, context);
    throw error;
  }
}

function requireSendable(result: Document, context: Document | undefined): void {
  if (result !== noOpResult) requireSendableResult(result);
  if (context !== undefined) requireJson(context, 'context');
}

/** Numbers about a denial may be larger than those of JSON data. */
function requireSendableResult(encoded: Document): void {
  if (encoded['denial_metadata'] === undefined) return requireJson(encoded, 'result');
  const { denial_metadata: metrics, ...result } = encoded;
  requireJson(result, 'result');
  requireMetrics(metrics, 'result.denial_metadata');
}

/** What every transport can carry of a block. */
function bareBlock({ violation }: PluginResult): PluginResult {
  if (violation === undefined || isStatedViolation(violation)) return { continueProcessing: false };
  const { reason, description, code, mcpErrorCode, httpStatusCode } = violation;
  return {
    continueProcessing: false,
    violation: { reason: text(reason), description: text(description), code: text(code), mcpErrorCode, httpStatusCode },
  };
}

/** What every transport can carry of a denial; undefined where there is none. */
function bareDenial({ modifiedPayload }: PluginResult, codec: PayloadCodec): unknown {
  const denial = codec.denialIn(modifiedPayload);
  if (!isRecord(denial)) return undefined;
  const kept = Object.entries(denial).flatMap(([key, value]): [string, unknown][] => {
    if (typeof value === 'string') return [[key, text(value)]];
    return typeof value === 'boolean' || Number.isInteger(value) ? [[key, value]] : [];
  });
  return codec.denialIn(Object.fromEntries(kept));
}

/** For the log: clients name what they like, as long as they like. */
function shown({ pluginName, hookName }: HookCall): { readonly plugin: string; readonly hook: string } {
  return { plugin: text(pluginName), hook: text(hookName) };
}

function text(value: unknown): string {
  return excerpt(messageOf(value), excerptLength);
}

function writeFailure<Answer>(
  { logger }: HookCallsDependencies,
  call: HookCall,
  failure: PluginFailure,
  writer: AnswerWriter<Answer>,
): Answer {
  const { pluginName } = call;
  try {
    const encoded = encodeFailure(failure);
    requireJson(encoded, 'error');
    return writer.write({ plugin_name: pluginName, error: encoded });
  } catch (error) {
    logger.warn({ ...shown(call), reason: text(error) }, 'a failure cannot be sent as it is; its details are left out');
    return writer.write({ plugin_name: text(pluginName), error: encodeFailure(sendable(failure)) });
  }
}

/** What every transport can carry of a failure. Plugins may throw one with anything in it. */
function sendable({ message, pluginName, code, mcpErrorCode }: PluginFailure): PluginFailure {
  return {
    message: text(message),
    pluginName: text(pluginName),
    code: text(code),
    details: {},
    mcpErrorCode: (mcpErrorCode | 0) === mcpErrorCode ? mcpErrorCode : internalErrorCode,
  };
}

function serves(host: PluginHost, { pluginName, hookName }: HookCall): boolean {
  return host.configs.some((config) => config.name === pluginName && config.hooks.includes(hookName));
}

function notFound({ pluginName, hookName }: HookCall): PluginError {
  return new PluginError({
    // The words that hosts in the field know, two spaces included.
    message: `Unable to find ${hookName} for plugin ${pluginName}.  Make sure the plugin is registered.`,
    pluginName,
  });
}

function invalid({ pluginName, hookName }: HookCall, problem: string): PluginError {
  return new PluginError({ message: `${hookName} for plugin ${pluginName}: ${problem}`, pluginName });
}

function failureOf(error: unknown, call: HookCall): PluginFailure {
  if (error instanceof PluginError) return failureToSend(error);
  if (error instanceof PluginViolationError) return violationFailure(error, call.pluginName);
  if (isGatechartError(error)) {
    if (error.code === 'PLUGIN_NOT_FOUND' || error.code === 'HOOK_UNKNOWN') return notFound(call).failure;
    return {
      message: error.message,
      pluginName: call.pluginName,
      code: error.code === 'PLUGIN_FAILED' ? '' : error.code,
      details: {},
      mcpErrorCode: internalErrorCode,
    };
  }
  return {
    message: messageOf(error),
    pluginName: call.pluginName,
    code: '',
    details: {},
    mcpErrorCode: internalErrorCode,
  };
}
