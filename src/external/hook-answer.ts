import { isRecord } from '../json/records.js';
import { PluginError, type PluginViolationError } from '../plugins/plugin-error.js';
import { unknownAnswerFields } from '../wire/answer-fields.js';
import { isStop } from '../wire/answer-stop.js';
import { decodeReturnedContext, type ReturnedContext } from '../wire/context-codec.js';
import { decodeFailure, errorOf, thrownViolation } from '../wire/failure-codec.js';
import { decodeResult, mayStop, saysDenial, saysStop } from '../wire/result-codec.js';
import { describeIssue, type WireIssue } from '../wire/wire-issue.js';
import type { CallLimits, ExternalHook, HookAnswer } from './plugin-codec.js';
import { notAnObject } from './tool-answer.js';

/**
 * Reads the answer to `invoke_hook`: the first document with a result or an error decides, as in ContextForge.
 *
 * @throws PluginError if there is none, or if it does not have the shape it should
 */
export function readHookAnswer(
  documents: readonly unknown[],
  { hookName, pluginName, codec, ignored }: ExternalHook,
): HookAnswer {
  const mayBeStop = (): boolean => documents.some((document) => mayStop(resultOf(document), codec.result));
  const fail = (problem: string): PluginError => badAnswer(pluginName, hookName, problem, '', mayBeStop());
  const refuse = (issue: WireIssue): PluginError => fail(describeIssue(issue));
  const failureIn = (error: unknown): PluginError | PluginViolationError => {
    const decoded = decodeFailure(error, pluginName);
    if (!decoded.ok) throw refuse(decoded.issue);
    return thrownViolation(decoded.value, hookName) ?? errorOf(decoded.value);
  };
  // A stop counts whatever else is odd about the answer, unless another document has decided before it.
  const stop = (): HookAnswer | undefined => {
    const document = documents.find((candidate): candidate is Record<string, unknown> =>
      isStop(candidate, codec.result),
    );
    if (document === undefined) return undefined;
    const { result, error } = document;
    if (!saysStop(result) && !saysDenial(result, codec.result)) return { outcome: failureIn(error) };
    const decoded = decodeResult(result, codec.result);
    return decoded.ok ? { outcome: decoded.value } : undefined;
  };
  let context: ReturnedContext | undefined;
  for (const document of documents) {
    if (!isRecord(document)) return stop() ?? raise(fail(notAnObject(document)));
    ignored?.note(unknownAnswerFields(document, codec.result));
    if (document['context'] !== undefined && document['context'] !== null) {
      const decoded = decodeReturnedContext(document['context']);
      if (!decoded.ok) return stop() ?? raise(refuse(decoded.issue));
      context = decoded.value;
    }
    if (document['result'] !== undefined && document['result'] !== null) {
      const decoded = decodeResult(document['result'], codec.result);
      if (!decoded.ok) throw refuse(decoded.issue);
      return { outcome: decoded.value, ...(context && { context }) };
    }
    if (document['error'] !== undefined && document['error'] !== null) {
      return { outcome: failureIn(document['error']), ...(context && { context }) };
    }
  }
  throw fail('found neither result nor error, expected one of them');
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
