import { isEmpty } from '../json/records.js';
import type { TraceParent } from '../observability/spans.js';
import type { SelfWritingRequest } from '../transports/mcp/outgoing-message.js';
import { contextText, encodeRequestContext } from '../wire/context-codec.js';
import { isGiven } from '../wire/user-context-codec.js';
import type { ExternalHook, ExternalHookCall } from './plugin-codec.js';

/** A call of the tool `invoke_hook`. What all calls of a hook have in common is written once. */
export class HookRequest implements SelfWritingRequest {
  readonly method = 'tools/call';
  readonly params: Readonly<Record<string, unknown>>;
  readonly traceParent?: TraceParent;
  readonly #hook: ExternalHook;
  readonly #args: { readonly payload: unknown; readonly context: Readonly<Record<string, unknown>> };

  constructor(call: ExternalHookCall) {
    const { hook, payload } = call;
    const { traceParent } = call.context;
    const context = encodeRequestContext(lastingContext(call));
    const args = { hook_type: hook.hookName, plugin_name: hook.pluginName, payload, context };
    this.params =
      traceParent === undefined
        ? { name: 'invoke_hook', arguments: args }
        : { name: 'invoke_hook', arguments: args, _meta: { ...traceParent } };
    if (traceParent !== undefined) this.traceParent = traceParent;
    this.#hook = hook;
    this.#args = args;
  }

  paramsText(): string {
    const { payload, context } = this.#args;
    const text = `${beginningOf(this.#hook)}${JSON.stringify(payload)},"context":${contextText(context)}}`;
    return this.traceParent === undefined ? `${text}}` : `${text},"_meta":${JSON.stringify(this.traceParent)}}`;
  }
}

/**
 * The readable context is for whoever reads it at once, and a request is written out when it is sent, which may be later. Where
 * there is nothing in it that could be written to meanwhile, it is spared the plugin's own, which is looked through in the end
 * for what the plugin wrote.
 */
function lastingContext({ context, readable }: ExternalHookCall): ExternalHookCall['readable'] {
  const { globalContext, state, metadata } = readable;
  const { user, userContext } = globalContext;
  const holdsNothing =
    isEmpty(state) &&
    isEmpty(metadata) &&
    isEmpty(globalContext.state ?? state) &&
    isEmpty(globalContext.metadata ?? metadata) &&
    typeof user !== 'object' &&
    !isGiven(userContext);
  return holdsNothing ? readable : context;
}

const beginnings = new WeakMap<ExternalHook, string>();

/** The params of all calls of a hook, up to the payload. */
function beginningOf(hook: ExternalHook): string {
  const made = beginnings.get(hook);
  if (made !== undefined) return made;
  const names = `"hook_type":${JSON.stringify(hook.hookName)},"plugin_name":${JSON.stringify(hook.pluginName)}`;
  const beginning = `{"name":"invoke_hook","arguments":{${names},"payload":`;
  beginnings.set(hook, beginning);
  return beginning;
}
