import { checkOptionNames } from '../../config/code-options.js';
import type { GlobalContext } from '../../context/global-context.js';
import type { PluginContexts } from '../../context/plugin-contexts.js';
import { GatechartError } from '../../errors.js';
import type { Extensions } from '../../extensions/extensions.js';
import { blockText } from '../../guard/blocked-call.js';
import { copyData } from '../../guard/data-copy.js';
import { checkFunction, checkManager } from '../../guard/guard-options.js';
import { type GuardingManager, type OutcomeListener, outcomeOf } from '../../guard/guarded-call.js';
import { isPlainObject } from '../../json/records.js';
import { canonicalJson } from '../../json/canonical-json.js';

/** The call of a function tool, as the SDK shows it to guardrails. */
export interface AgentToolCall {
  readonly name: string;
  readonly callId: string;
  /** JSON. */
  readonly arguments: string;
}

/** What the SDK gives a guardrail before a tool runs. */
export interface ToolInputData {
  readonly toolCall: AgentToolCall;
  /** Of the run. */
  readonly context?: object | undefined;
}

/** What the SDK gives a guardrail when a tool has run. */
export interface ToolOutputData extends ToolInputData {
  readonly output: unknown;
}

/** What a guardrail answers: the call goes on, or the model is told `message` in the place of a result. */
export interface ToolGuardrailAnswer {
  readonly behavior: { readonly type: 'allow' } | { readonly type: 'rejectContent'; readonly message: string };
  /** Whose block it is, for traces. */
  readonly outputInfo?: { readonly plugin?: string | undefined; readonly code?: string | undefined };
}

/** Both guardrails, as `tool({ …, ...toolGuardrails(…) })` takes them. */
export interface ToolGuardrails {
  inputGuardrails: { type: 'tool_input'; name: string; run: (data: ToolInputData) => Promise<ToolGuardrailAnswer> }[];
  outputGuardrails: {
    type: 'tool_output';
    name: string;
    run: (data: ToolOutputData) => Promise<ToolGuardrailAnswer>;
  }[];
}

/** What {@link toolGuardrails} can be told. */
export interface ToolGuardrailsOptions {
  /** What plugins are told of a call beside its payload: the trace it belongs to, who asks. */
  readonly extensionsOf?:
    | ((call: AgentToolCall) => Extensions | undefined | Promise<Extensions | undefined>)
    | undefined;
  /** Hears what has come of each hook. What it throws ends the run. */
  readonly onOutcome?: OutcomeListener | undefined;
}

/** What the first hook leaves for the second. */
interface OpenCall {
  readonly context: GlobalContext;
  readonly contexts: PluginContexts | undefined;
  readonly extensions: Extensions | undefined;
}

/**
 * The SDK shows both guardrails of a call one object, with which a call that is given up is forgotten. Where it keeps from
 * them what a call of the wrong form was given, they are shown two, of one run.
 */
class OpenCalls {
  readonly #calls = new WeakMap<object, Map<string, OpenCall>>();

  add(data: ToolInputData, call: OpenCall): void {
    const owner = ownerOf(data);
    const calls = this.#calls.get(owner) ?? new Map<string, OpenCall>();
    this.#calls.set(owner, calls.set(data.toolCall.callId, call));
  }

  take(data: ToolInputData): OpenCall | undefined {
    const calls = this.#calls.get(ownerOf(data));
    const call = calls?.get(data.toolCall.callId);
    calls?.delete(data.toolCall.callId);
    return call;
  }
}

function ownerOf({ toolCall, context }: ToolInputData): object {
  return toolCall.arguments === '' && context !== undefined ? context : toolCall;
}

/**
 * Hooks around function tools of the OpenAI Agents SDK. The guardrails run `tool_pre_invoke` before a call and
 * `tool_post_invoke` after it. Of a blocked call, and of an answer that is blocked, the model is told why, and the run goes on; an answer that plugins
 * change reaches the model as they changed it, as text. A guardrail of the SDK cannot change what a tool is called with: a
 * plugin that wants to is obeyed by not calling it; `guardTool` around the function of the tool can do that too. Errors of
 * plugins end the run.
 *
 * @param contextOf makes the context of each call; a context is one request's and must not be shared
 * @throws GatechartError CONFIG_INVALID
 */
export function toolGuardrails(
  manager: GuardingManager,
  contextOf: (call: AgentToolCall) => GlobalContext | Promise<GlobalContext>,
  options: ToolGuardrailsOptions = {},
): ToolGuardrails {
  const owner = 'toolGuardrails';
  checkManager(manager, owner);
  checkFunction(contextOf, 'contextOf', owner);
  checkOptionNames(options, ['extensionsOf', 'onOutcome'], owner);
  checkFunction(options.extensionsOf, 'extensionsOf', owner, 'optional');
  checkFunction(options.onOutcome, 'onOutcome', owner, 'optional');
  const name = 'gatechart';
  const open = new OpenCalls();

  const before = async (data: ToolInputData): Promise<ToolGuardrailAnswer> => {
    const { toolCall } = data;
    const payload = { name: toolCall.name, ...argumentsOf(toolCall) };
    const asked = canonicalJson(payload);
    const context = await contextOf(toolCall);
    const extensions = await options.extensionsOf?.(toolCall);
    const outcome = await outcomeOf(manager.invokeHook('tool_pre_invoke', payload, context, { extensions }));
    options.onOutcome?.(outcome, 'tool_pre_invoke', context);
    if (!outcome.continueProcessing) return rejected(outcome.violation);
    const { modifiedPayload, contexts, modifiedExtensions = extensions } = outcome;
    if (modifiedPayload !== undefined && canonicalJson(modifiedPayload) !== asked) return rejected(unchangeable);
    open.add(data, { context, contexts, extensions: modifiedExtensions });
    return { behavior: { type: 'allow' } };
  };

  const after = async (data: ToolOutputData): Promise<ToolGuardrailAnswer> => {
    const { toolCall, output } = data;
    const call = open.take(data);
    if (call === undefined)
      throw new GatechartError('UNGUARDED', `The call of ${toolCall.name} has passed no input guardrail; use both.`);
    const { context, contexts, extensions } = call;
    const payload = { name: toolCall.name, result: copyData(output, 'the result') };
    const invoked = { ...(contexts !== undefined && { contexts }), extensions };
    const outcome = await outcomeOf(manager.invokeHook('tool_post_invoke', payload, context, invoked));
    options.onOutcome?.(outcome, 'tool_post_invoke', context);
    if (!outcome.continueProcessing) return rejected(outcome.violation);
    if (outcome.modifiedPayload === undefined) return { behavior: { type: 'allow' } };
    const { result } = outcome.modifiedPayload;
    const message = typeof result === 'string' ? result : (JSON.stringify(result) ?? '');
    return { behavior: { type: 'rejectContent', message } };
  };

  return {
    inputGuardrails: [{ type: 'tool_input', name, run: before }],
    outputGuardrails: [{ type: 'tool_output', name, run: after }],
  };
}

const unchangeable = {
  reason: 'Cannot be changed',
  description: 'A plugin changes what the tool is called with, and a guardrail can only stop the call',
  code: 'UNGUARDED',
};

function rejected(violation: Parameters<typeof blockText>[0]): ToolGuardrailAnswer {
  return {
    behavior: { type: 'rejectContent', message: blockText(violation) },
    outputInfo: { plugin: violation?.pluginName, code: violation?.code },
  };
}

/** @throws GatechartError PAYLOAD_INVALID */
function argumentsOf({ name, arguments: text }: AgentToolCall): { args?: Record<string, unknown> } {
  if (text.trim() === '') return {};
  let args: unknown;
  try {
    args = JSON.parse(text);
  } catch (error) {
    throw new GatechartError('PAYLOAD_INVALID', `The arguments of ${name} are not JSON.`, { cause: error });
  }
  if (isPlainObject(args)) return { args };
  throw new GatechartError('PAYLOAD_INVALID', `The arguments of ${name} are no object.`);
}
