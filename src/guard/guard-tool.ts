import { checkOptionNames, invalid } from '../config/code-options.js';
import type { GlobalContext } from '../context/global-context.js';
import { isPlainObject } from '../json/records.js';
import { GatechartError } from '../errors.js';
import type { Extensions } from '../extensions/extensions.js';
import type { Violation } from '../hooks/hook-result.js';
import type { CancelSignal } from '../time/cancellation.js';
import { failureText, thrownText, toolError, violationError } from './blocked-call.js';
import { copyData } from './data-copy.js';
import { checkFunction, checkManager } from './guard-options.js';
import { type FailedCall, type GuardingManager, type OutcomeListener, runGuarded } from './guarded-call.js';

/** A function that takes its arguments as one object, and whatever else its callers pass. */
export type ToolFunction = (args: never, ...rest: never[]) => unknown;

/** A tool as agent frameworks have it: an object that carries its function as `execute`. */
export interface ExecutableTool {
  readonly execute?: ToolFunction | undefined;
}

type LastValue<Returned> =
  Awaited<Returned> extends infer Value ? (Value extends AsyncIterable<infer Streamed> ? Streamed : Value) : never;

/** A function whose result is a promise, because its hooks take time. */
export type GuardedFunction<Run extends ToolFunction> = (
  ...args: Parameters<Run>
) => Promise<LastValue<ReturnType<Run>>>;

/** A tool as {@link guardTool} gives it back: of its own type, where that lets `execute` answer a promise. */
export type GuardedTool<Tool> = Tool extends ToolFunction
  ? GuardedFunction<Tool>
  : Tool extends { readonly execute: infer Run extends ToolFunction }
    ? ReturnType<GuardedFunction<Run>> extends ReturnType<Run>
      ? Tool
      : Omit<Tool, 'execute'> & { execute: GuardedFunction<Run> }
    : Tool;

/** One call of a tool that a guard is asked about. */
export interface ToolCall {
  readonly name: string;
  readonly args: unknown;
  /** What the caller passed after the arguments: an AI SDK's `{ toolCallId, messages, abortSignal }`, say. */
  readonly rest: readonly unknown[];
}

/** What {@link guardTool} can be told. */
export interface GuardToolOptions {
  /** What plugins know the tool by. Default: the name of the function, or the tool's own `name`. */
  readonly name?: string | undefined;
  /** Answers instead of a blocked call. Default: a PluginViolationError is thrown. */
  readonly onBlock?: ((violation: Violation | undefined, call: ToolCall) => unknown) | undefined;
  /** What plugins are told of a call beside its payload: the trace it belongs to, who asks. */
  readonly extensionsOf?: ((call: ToolCall) => Extensions | undefined | Promise<Extensions | undefined>) | undefined;
  /** Hears what has come of each hook. What it throws fails the call. */
  readonly onOutcome?: OutcomeListener | undefined;
}

const optionNames = ['name', 'extensionsOf', 'onBlock', 'onOutcome'];

/**
 * A function, or a tool with `execute`, that runs `tool_pre_invoke` before each call and `tool_post_invoke` after it.
 * The result is a promise; of a tool that streams, it is the last value. An `abortSignal` or `signal` in the second
 * argument cancels the hooks too. What a failing tool throws is shown to the second hook as a tool error; if plugins
 * change that, a TOOL_FAILED with the changed text is thrown instead.
 *
 * @param tool takes its arguments as one object
 * @param contextOf makes the context of each call; a context is one request's and must not be shared
 * @throws GatechartError CONFIG_INVALID
 */
export function guardTool<Tool extends ToolFunction | ExecutableTool>(
  tool: Tool,
  manager: GuardingManager,
  contextOf: (call: ToolCall) => GlobalContext | Promise<GlobalContext>,
  options?: GuardToolOptions,
): GuardedTool<Tool>;
export function guardTool(
  tool: ToolFunction | ExecutableTool,
  manager: GuardingManager,
  contextOf: (call: ToolCall) => GlobalContext | Promise<GlobalContext>,
  options: GuardToolOptions = {},
): unknown {
  const owner = 'guardTool';
  checkManager(manager, owner);
  checkFunction(contextOf, 'contextOf', owner);
  checkOptionNames(options, optionNames, owner);
  checkFunction(options.extensionsOf, 'extensionsOf', owner, 'optional');
  checkFunction(options.onBlock, 'onBlock', owner, 'optional');
  checkFunction(options.onOutcome, 'onOutcome', owner, 'optional');
  const execute = executeOf(tool);
  const name = options.name ?? (typeof tool === 'function' ? tool.name : nameOf(tool));
  if (name === undefined || name === '')
    throw invalid(`tool of ${owner} has no name; give it one with the option name`);

  async function guarded(this: unknown, args: unknown, ...rest: unknown[]): Promise<unknown> {
    const call = { name: name ?? '', args, rest };
    // Copied before the first wait: the call is made as it was asked for.
    const payload = { name: call.name, ...argsOf(args, call.name) };
    return runGuarded(manager, {
      pre: 'tool_pre_invoke',
      payload,
      context: await contextOf(call),
      extensions: await options.extensionsOf?.(call),
      signal: signalIn(rest[0]),
      onOutcome: options.onOutcome,
      run: async (allowed) => {
        refuseOtherCall(call.name, allowed);
        const self: unknown = typeof tool === 'function' ? this : tool;
        return lastValue(await Reflect.apply(execute, self, [allowed.args, ...rest]));
      },
      post: 'tool_post_invoke',
      answered: (allowed, result) => ({ name: allowed.name, result }),
      resultIn: ({ result }) => result,
      blocked: (hook, violation) => {
        if (options.onBlock !== undefined) return options.onBlock(violation, call);
        throw violationError(hook, violation);
      },
      failed: failedTool,
    });
  }
  if (typeof tool === 'function') return named(guarded, name);
  return Object.create(Object.getPrototypeOf(tool), {
    ...Object.getOwnPropertyDescriptors(tool),
    execute: { value: named(guarded, name), enumerable: true, writable: true, configurable: true },
  });
}

function argsOf(args: unknown, name: string): { args?: Record<string, unknown> } {
  if (args === undefined) return {};
  if (isPlainObject(args)) return { args: copyData(args, `what ${name} is given`) };
  const found = args === null ? 'null' : Array.isArray(args) ? 'an array' : typeof args;
  throw new GatechartError('PAYLOAD_INVALID', `The arguments of ${name} are ${found}, expected one plain object.`);
}

/** One function cannot stand for another tool, and has no place for headers. */
function refuseOtherCall(
  name: string,
  allowed: { readonly name: string; readonly headers?: Record<string, string> | undefined },
): void {
  if (allowed.name !== name)
    throw new GatechartError(
      'UNGUARDED',
      `A plugin sends the call of ${name} to ${allowed.name}, and a guarded tool is only itself.`,
    );
  if (Object.keys(allowed.headers ?? {}).length > 0)
    throw new GatechartError(
      'UNGUARDED',
      `A plugin asks for headers on the call of ${name}, and a function has no place for them.`,
    );
}

/** Values before the last one would reach the agent before any hook could look at them. */
async function lastValue(returned: unknown): Promise<unknown> {
  if (typeof returned !== 'object' || returned === null || !(Symbol.asyncIterator in returned)) return returned;
  let last: unknown;
  for await (const value of returned as AsyncIterable<unknown>) last = value;
  return last;
}

function failedTool(error: unknown): FailedCall | undefined {
  if (error instanceof GatechartError) return undefined;
  return {
    result: toolError(thrownText(error)),
    changed: (result) => {
      throw new GatechartError('TOOL_FAILED', failureText(result));
    },
  };
}

function executeOf(tool: unknown): Function {
  const execute: unknown = typeof tool === 'object' && tool !== null && 'execute' in tool ? tool.execute : tool;
  if (typeof execute === 'function') return execute;
  throw invalid('tool of guardTool has no execute of its own, so that its calls cannot be guarded');
}

function nameOf(tool: object): string | undefined {
  return 'name' in tool && typeof tool.name === 'string' ? tool.name : undefined;
}

function signalIn(value: unknown): CancelSignal | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const signals = [Reflect.get(value, 'abortSignal'), Reflect.get(value, 'signal'), value] as unknown[];
  return signals.find((signal): signal is CancelSignal => signal instanceof AbortSignal);
}

function named(implementation: (this: unknown, ...args: never[]) => unknown, name: string): ToolFunction {
  return Object.defineProperty(implementation, 'name', { value: name, configurable: true });
}
