import type { PluginAnswer, PluginCall } from '../wire/protobuf/plugin-messages.js';
import type { ReadableContext } from '../context/readable-context.js';
import { requireJson } from '../json/json-data.js';
import { isRecord } from '../json/records.js';
import { encodeRequestContext, requireJsonContext } from '../wire/context-codec.js';
import { isGiven } from '../wire/user-context-codec.js';
import { AnswerMemory } from '../wire/protobuf/answer-memory.js';
import { configCall, hookCall } from '../wire/protobuf/plugin-call.js';
import { answerTooLarge, badAnswer, readHookAnswer } from './hook-answer.js';
import type {
  CallLimits,
  ConfigAnswer,
  ExternalHook,
  ExternalHookCall,
  HookAnswer,
  PluginCodec,
} from './plugin-codec.js';

/** The messages of a plugin server in protobuf. One for each plugin, because it remembers what the plugin answered. */
export class ProtobufCodec implements PluginCodec<PluginCall, PluginAnswer> {
  readonly checksJson = true;
  readonly #memory = new AnswerMemory();

  encodeConfig(pluginName: string, timeoutMs: number): PluginCall {
    return configCall(pluginName, timeoutMs);
  }

  decodeConfig(answer: PluginAnswer): ConfigAnswer {
    if (answer.kind !== 'config') return { kind: 'unusable', reason: 'it is the answer to another question' };
    return answer.config === undefined ? { kind: 'none' } : { kind: 'config', config: answer.config };
  }

  encodeHook({ hook, payload, context, readable }: ExternalHookCall, limits: CallLimits): PluginCall {
    const { hookName, pluginName } = hook;
    let call: PluginCall;
    try {
      if (!isWrittenWhole(readable)) requireJsonContext(readable);
      const request = { hookName, pluginName, payload, context: encodeRequestContext(readable) };
      call = hookCall(request, limits.timeoutMs, this.#memory, limits.maxAnswerBytes, true);
    } catch (error) {
      // It is written from the end: of several things that JSON cannot say, another one was found first.
      requireJson(payload, 'payload');
      requireJsonContext(readable);
      throw error;
    }
    return context.traceParent === undefined ? call : { ...call, traceParent: context.traceParent };
  }

  decodeHook(answer: PluginAnswer, hook: ExternalHook, limits: CallLimits): HookAnswer {
    if (answer.kind === 'tooLarge') throw answerTooLarge(hook, answer.bytes, limits);
    if (answer.kind === 'noOp') return { outcome: { continueProcessing: true } };
    if (answer.kind !== 'hook') throw badAnswer(hook.pluginName, hook.hookName, 'it is the answer to another question');
    return readHookAnswer([answer.document], hook);
  }
}

/** Whether all of a context is looked at while it is written. */
function isWrittenWhole({ globalContext, state, metadata }: ReadableContext): boolean {
  return isRecord(state) && isRecord(metadata) && !isGiven(globalContext.userContext);
}
