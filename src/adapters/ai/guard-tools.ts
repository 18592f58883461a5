import type { GlobalContext } from '../../context/global-context.js';
import { checkOptionNames, invalid } from '../../config/code-options.js';
import { GatechartError } from '../../errors.js';
import type { GuardingManager } from '../../guard/guarded-call.js';
import {
  type ExecutableTool,
  type GuardToolOptions,
  guardTool,
  type ToolCall,
  type ToolFunction,
} from '../../guard/guard-tool.js';
import { isPlainObject } from '../../json/records.js';

/** A tool of the AI SDK, as far as the guard looks at it. */
export interface AiToolLike {
  readonly execute?: ToolFunction | undefined;
}

/** What {@link guardTools} can be told: for each of the tools what `guardTool` can be told of one. */
export interface GuardToolsOptions extends Omit<GuardToolOptions, 'name'> {
  /** Tools that may be used without a hook: those that the client or the provider of the model executes. */
  readonly passThrough?: readonly string[] | undefined;
}

/**
 * Hooks around tools of the AI SDK. Calls run `tool_pre_invoke` and `tool_post_invoke` under the names that the model knows the
 * tools by: tools of one's own, and those that an MCP client gives (`guardTools(await client.tools(), …)`). A blocked call is an error
 * of the tool, which the model is told; `onBlock` answers something else instead.
 *
 * @param tools by name, as `generateText`, `streamText` and agents take them
 * @param contextOf makes the context of each call; a context is one request's and must not be shared
 * @throws GatechartError CONFIG_INVALID; UNGUARDED for a tool that is not executed here, unless `passThrough` names it
 */
export function guardTools<Tools extends Readonly<Record<string, AiToolLike>>>(
  tools: Tools,
  manager: GuardingManager,
  contextOf: (call: ToolCall) => GlobalContext | Promise<GlobalContext>,
  options: GuardToolsOptions = {},
): Tools {
  const owner = 'guardTools';
  if (!isPlainObject(tools)) throw invalid(`tools of ${owner} are no object; expected tools by name`);
  checkOptionNames(options, optionNames, owner);
  const { passThrough = [], ...rest } = options;
  if (!isListOfNames(passThrough))
    throw invalid(`option passThrough of ${owner} is no list of names; expected names of tools, as in ["search"]`);
  const guarded = Object.entries(tools).map(([name, tool]): [string, unknown] => {
    if (isExecutable(tool)) return [name, guardTool(tool, manager, contextOf, { ...rest, name })];
    if (passThrough.includes(name)) return [name, tool];
    throw new GatechartError(
      'UNGUARDED',
      `Tool ${name} is not executed here, so that no hook looks at its calls. Leave it out, or name it in passThrough.`,
    );
  });
  return Object.fromEntries(guarded) as Tools;
}

const optionNames = ['passThrough', 'onBlock', 'extensionsOf', 'onOutcome'];

/** A text alone would let every tool pass whose name is in it. */
function isListOfNames(value: unknown): boolean {
  return Array.isArray(value) && value.every((name) => typeof name === 'string');
}

function isExecutable(tool: AiToolLike): tool is ExecutableTool & { readonly execute: ToolFunction } {
  return typeof tool === 'object' && tool !== null && typeof tool.execute === 'function';
}
