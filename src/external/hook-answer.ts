import { isRecord } from '../context/plain-data.js';
import type { HookDefinition } from '../hooks/hook.js';
import type { PluginResult } from '../hooks/hook-result.js';
import { PluginError } from '../plugins/plugin-error.js';
import { unknownAnswerFields } from '../wire/answer-fields.js';
import { decodeReturnedContext, type ReturnedContext } from '../wire/context-codec.js';
import { decodeFailure } from '../wire/failure-codec.js';
import { hookCodec } from '../wire/hook-codec.js';
import { decodeResult } from '../wire/result-codec.js';
import type { IgnoredFields } from '../wire/ignored-fields.js';
import { describeIssue, type WireIssue } from '../wire/wire-issue.js';
import { notAnObject } from './tool-answer.js';

/** What a plugin server answered to one hook call. */
export interface HookAnswer {
  readonly outcome: PluginResult | PluginError;
  /** Absent where the server had nothing to give back; the wire cannot say "emptied". */
  readonly context?: ReturnedContext;
}

/**
 * Reads the answer to `invoke_hook`: the first document with a result or an error decides, as in the reference.
 *
 * @param ignored hears of fields that nobody here knows
 * @throws PluginError if there is none, or if it does not have the shape it should
 */
export function readHookAnswer(
  documents: readonly unknown[],
  hook: HookDefinition,
  pluginName: string,
  ignored?: IgnoredFields,
): HookAnswer {
  const fail = (problem: string): PluginError => badAnswer(pluginName, hook.name, problem);
  const refuse = (issue: WireIssue): PluginError => fail(describeIssue(issue));
  let context: ReturnedContext | undefined;
  for (const document of documents) {
    if (!isRecord(document)) throw fail(notAnObject(document));
    ignored?.note(unknownAnswerFields(document, hookCodec(hook).result));
    if (document['context'] !== undefined && document['context'] !== null) {
      const decoded = decodeReturnedContext(document['context']);
      if (!decoded.ok) throw refuse(decoded.issue);
      context = decoded.value;
    }
    if (document['result'] !== undefined && document['result'] !== null) {
      const decoded = decodeResult(document['result'], hookCodec(hook).result);
      if (!decoded.ok) throw refuse(decoded.issue);
      return { outcome: decoded.value, ...(context && { context }) };
    }
    if (document['error'] !== undefined && document['error'] !== null) {
      const decoded = decodeFailure(document['error'], pluginName);
      if (!decoded.ok) throw refuse(decoded.issue);
      return { outcome: new PluginError(decoded.value), ...(context && { context }) };
    }
  }
  throw fail('found neither result nor error, expected one of them');
}

/** The error for an answer that is not one. */
export function badAnswer(pluginName: string, tool: string, problem: string, code = ''): PluginError {
  return new PluginError({
    message: `The server of plugin ${pluginName} gave a bad answer to ${tool}: ${problem}`,
    pluginName,
    code,
  });
}
