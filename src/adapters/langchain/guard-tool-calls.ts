import { checkOptionNames, invalid } from '../../config/code-options.js';
import type { GlobalContext } from '../../context/global-context.js';
import { GatechartError } from '../../errors.js';
import type { Extensions } from '../../extensions/extensions.js';
import { blockText, failureText, thrownText, toolError } from '../../guard/blocked-call.js';
import { checkFunction, checkManager } from '../../guard/guard-options.js';
import { type GuardingManager, type OutcomeListener, runGuarded } from '../../guard/guarded-call.js';
import { isPlainObject } from '../../json/records.js';
import type { CancelSignal } from '../../time/cancellation.js';

/** The call of a tool, as LangChain has it. */
export interface LangchainToolCall {
  readonly name: string;
  readonly args: Record<string, unknown>;
  readonly id?: string | undefined;
}

/** What LangChain gives middleware before a tool runs. */
export interface LangchainToolRequest {
  readonly toolCall: LangchainToolCall;
  readonly runtime?: unknown;
}

/** What {@link guardToolCalls} can be told. */
export interface GuardToolCallsOptions<Message> {
  /** The class of LangChain's tool messages, which blocked calls and changed results are answered with. */
  readonly ToolMessage: new (fields: {
    content: never;
    tool_call_id: string;
    name: string;
    status: 'success' | 'error';
  }) => Message;
  /** What plugins are told of a call beside its payload: the trace it belongs to, who asks. */
  readonly extensionsOf?:
    | ((call: LangchainToolCall) => Extensions | undefined | Promise<Extensions | undefined>)
    | undefined;
  /** Hears what has come of each hook. What it throws ends the run. */
  readonly onOutcome?: OutcomeListener | undefined;
}

/** What `createMiddleware` of LangChain is given. */
export interface ToolCallMiddleware<Message> {
  name: string;
  wrapToolCall: <Asked extends LangchainToolRequest, Reply>(
    request: Asked,
    handler: (request: Asked) => Reply | Promise<Reply>,
  ) => Promise<Reply | Message>;
}

/**
 * Hooks around tool calls: `createMiddleware(guardToolCalls(manager, contextOf, { ToolMessage }))`. The middleware runs
 * `tool_pre_invoke` before each call of a tool and `tool_post_invoke` after it. Of a blocked call the model gets a tool
 * message with the status `error` that says why. Plugins see and change the content of a result. A tool that answers with a
 * `Command` cannot be looked at, and its call ends with UNGUARDED. One that interrupts the run has not answered yet.
 *
 * @param contextOf makes the context of each call; a context is one request's and must not be shared
 * @throws GatechartError CONFIG_INVALID
 */
export function guardToolCalls<Message>(
  manager: GuardingManager,
  contextOf: (call: LangchainToolCall) => GlobalContext | Promise<GlobalContext>,
  options: GuardToolCallsOptions<Message>,
): ToolCallMiddleware<Message> {
  const owner = 'guardToolCalls';
  checkManager(manager, owner);
  checkFunction(contextOf, 'contextOf', owner);
  checkOptionNames(options, ['ToolMessage', 'extensionsOf', 'onOutcome'], owner);
  checkFunction(options.ToolMessage, 'ToolMessage', owner);
  checkFunction(options.extensionsOf, 'extensionsOf', owner, 'optional');
  checkFunction(options.onOutcome, 'onOutcome', owner, 'optional');
  const { ToolMessage, extensionsOf, onOutcome } = options;

  async function wrapToolCall<Asked extends LangchainToolRequest, Reply>(
    request: Asked,
    handler: (request: Asked) => Reply | Promise<Reply>,
  ): Promise<Reply | Message> {
    const { toolCall } = request;
    const { name, args, id = '' } = toolCall;
    const said = (content: unknown, status: 'success' | 'error'): Message =>
      new ToolMessage({ content: content as never, tool_call_id: id, name, status });
    let answer: Reply | undefined;
    const failed = (content: string): Told<Message> => new Told(said(content, 'error'));
    const result = await runGuarded(manager, {
      pre: 'tool_pre_invoke',
      payload: { name, args: structuredClone(args) },
      context: await contextOf(toolCall),
      extensions: await extensionsOf?.(toolCall),
      signal: signalIn(request.runtime),
      onOutcome,
      run: async (allowed) => {
        refuseOtherCall(name, allowed);
        answer = await handler({ ...request, toolCall: { ...toolCall, args: allowed.args ?? {} } });
        return contentOf(name, answer);
      },
      post: 'tool_post_invoke',
      answered: (allowed, content) => ({ name: allowed.name, result: content }),
      resultIn: (payload) => new Changed(payload.result),
      blocked: (_hook, violation) => failed(blockText(violation)),
      failed: (error) => {
        if (error instanceof GatechartError || isNoAnswer(name, error)) return undefined;
        const changed = (made: unknown): unknown => failed(failureText(made instanceof Changed ? made.content : made));
        return { result: toolError(thrownText(error)), changed };
      },
    });
    if (result instanceof Told) return result.message;
    if (answer === undefined) throw invalid(`the handler of ${name} gave no answer`);
    return result instanceof Changed ? said(toldAs(result.content), statusOf(answer)) : answer;
  }
  return { name: 'gatechart', wrapToolCall };
}

/** What the model is told in the place of an answer. */
class Told<Message> {
  readonly message: Message;

  constructor(message: Message) {
    this.message = message;
  }
}

/** What plugins have made of the content of an answer. */
class Changed {
  readonly content: unknown;

  constructor(content: unknown) {
    this.content = content;
  }
}

/** @throws GatechartError UNGUARDED for what is no tool message */
function contentOf(name: string, answer: unknown): unknown {
  if (typeof answer === 'object' && answer !== null && 'content' in answer && 'tool_call_id' in answer)
    return answer.content;
  throw commandRefused(name);
}

/**
 * What LangGraph throws to go on elsewhere. An interrupt asks whoever runs the agent, and the tool runs again when there is
 * an answer; a command has in it what the model is told.
 *
 * @throws GatechartError UNGUARDED for a command
 */
function isNoAnswer(name: string, error: unknown): boolean {
  if (typeof error !== 'object' || error === null || Reflect.get(error, 'is_bubble_up') !== true) return false;
  if ('command' in error) throw commandRefused(name);
  return true;
}

function commandRefused(name: string): GatechartError {
  return new GatechartError('UNGUARDED', `Tool ${name} answers with a command, which no hook can look at.`);
}

/** Content of a message: a text or blocks; LangChain takes nothing else. */
function toldAs(content: unknown): unknown {
  const isContent = typeof content === 'string' || (Array.isArray(content) && content.every(isBlock));
  return isContent ? content : (JSON.stringify(content) ?? '');
}

function isBlock(value: unknown): boolean {
  return isPlainObject(value) && typeof value['type'] === 'string';
}

function statusOf(answer: unknown): 'success' | 'error' {
  return typeof answer === 'object' && answer !== null && Reflect.get(answer, 'status') === 'error'
    ? 'error'
    : 'success';
}

function signalIn(runtime: unknown): CancelSignal | undefined {
  const signal: unknown = typeof runtime === 'object' && runtime !== null ? Reflect.get(runtime, 'signal') : undefined;
  return signal instanceof AbortSignal ? signal : undefined;
}

/** The model is told the answer of the tool that it called, and a call in the process has no headers. */
function refuseOtherCall(
  name: string,
  allowed: { readonly name: string; readonly headers?: Record<string, string> | undefined },
): void {
  if (allowed.name === name && Object.keys(allowed.headers ?? {}).length === 0) return;
  throw new GatechartError(
    'UNGUARDED',
    `A plugin sends the call of ${name} elsewhere or asks for headers on it, and a call of LangChain has no place for them.`,
  );
}
