import { isRecord } from '../json/records.js';
import { PluginError, type PluginViolationError } from '../plugins/plugin-error.js';
import { unknownAnswerFields } from '../wire/answer-fields.js';
import { isStop } from '../wire/answer-stop.js';
import { decodeReturnedContext, type ReturnedContext } from '../wire/context-codec.js';
import { decodeFailure, errorOf, thrownViolation } from '../wire/failure-codec.js';
import { decodeResult, mayStop, saysDenial, saysStop } from '../wire/result-codec.js';
import { isGiven } from '../wire/user-context-codec.js';
import { describeIssue, type WireIssue } from '../wire/wire-issue.js';
import type { CallLimits, ExternalHook, HookAnswer } from './plugin-codec.js';
import { notAnObject } from './tool-answer.js';

/**
 * Reads the answer to `invoke_hook`: the first document with a result or an error decides, as in ContextForge.
 *
 * @throws PluginError if there is none, or if it does not have the shape it should
 */
export function readHookAnswer(documents: readonly unknown[], hook: ExternalHook): HookAnswer {
  const { result: codec } = hook.codec;
  let context: ReturnedContext | undefined;
  for (const document of documents) {
    if (!isRecord(document))
      return stopIn(documents, hook) ?? raise(unreadable(documents, hook, notAnObject(document)));
    hook.ignored?.note(unknownAnswerFields(document, codec));
    const { context: returned, result, error } = document;
    if (isGiven(returned)) {
      const decoded = decodeReturnedContext(returned);
      if (!decoded.ok) return stopIn(documents, hook) ?? raise(refusal(documents, hook, decoded.issue));
      context = decoded.value;
    }
    if (isGiven(result)) {
      const decoded = decodeResult(result, codec);
      if (!decoded.ok) throw refusal(documents, hook, decoded.issue);
      return answerWith(decoded.value, context);
    }
    if (isGiven(error)) return answerWith(failureIn(error, documents, hook), context);
  }
  throw unreadable(documents, hook, 'found neither result nor error, expected one of them');
}

function answerWith(outcome: HookAnswer['outcome'], context: ReturnedContext | undefined): HookAnswer {
  return context === undefined ? { outcome } : { outcome, context };
}

/** A stop counts whatever else is odd about the answer, unless another document has decided before it. */
function stopIn(documents: readonly unknown[], hook: ExternalHook): HookAnswer | undefined {
  const codec = hook.codec.result;
  const document = documents.find((candidate): candidate is Record<string, unknown> => isStop(candidate, codec));
  if (document === undefined) return undefined;
  const { result, error } = document;
  if (!saysStop(result) && !saysDenial(result, codec)) return { outcome: failureIn(error, documents, hook) };
  const decoded = decodeResult(result, codec);
  return decoded.ok ? { outcome: decoded.value } : undefined;
}

/** @throws PluginError if it does not have the shape it should */
function failureIn(
  error: unknown,
  documents: readonly unknown[],
  hook: ExternalHook,
): PluginError | PluginViolationError {
  const decoded = decodeFailure(error, hook.pluginName);
  if (!decoded.ok) throw refusal(documents, hook, decoded.issue);
  return thrownViolation(decoded.value, hook.hookName) ?? errorOf(decoded.value);
}

function refusal(documents: readonly unknown[], hook: ExternalHook, issue: WireIssue): PluginError {
  return unreadable(documents, hook, describeIssue(issue));
}

function unreadable(
  documents: readonly unknown[],
  { codec, hookName, pluginName }: ExternalHook,
  problem: string,
): PluginError {
  const mayBeStop = documents.some((document) => mayStop(resultOf(document), codec.result));
  return badAnswer(pluginName, hookName, problem, '', mayBeStop);
}

function resultOf(document: unknown): unknown {
  return isRecord(document) ? document['result'] : undefined;
}

function raise(error: PluginError): never {
  throw error;
}

/** The error for an answer that is not read for its size. It may have said stop. */
export function answerTooLarge(
  { hookName, pluginName }: ExternalHook,
  bytes: number,
  { maxAnswerBytes }: CallLimits,
): PluginError {
  const message = `Plugin ${pluginName}: its server gave an answer of ${bytes} bytes to ${hookName}; its \`max_content_size\` is ${maxAnswerBytes}`;
  return new PluginError({ message, pluginName }, { code: 'MESSAGE_TOO_LARGE', mayBeStop: true });
}

/** The error for an answer that is not one. */
export function badAnswer(
  pluginName: string,
  tool: string,
  problem: string,
  code = '',
  mayBeStop = false,
): PluginError {
  const message = `Plugin ${pluginName}: its server gave a bad answer to ${tool}: ${problem}`;
  return new PluginError({ message, pluginName, code }, { mayBeStop });
}
