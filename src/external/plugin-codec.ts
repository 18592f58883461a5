import type { ReadableContext } from '../context/readable-context.js';
import type { TraceParent } from '../observability/spans.js';
import type { PluginResult } from '../hooks/hook-result.js';
import type { PluginError, PluginViolationError } from '../plugins/plugin-error.js';
import type { PluginContext } from '../plugins/plugin-context.js';
import type { CancelSignal } from '../time/cancellation.js';
import type { ReturnedContext } from '../wire/context-codec.js';
import type { HookCodec } from '../wire/hook-codec.js';
import type { IgnoredFields } from '../wire/ignored-fields.js';

/** The chain's own contexts have a lighter signal than a plugin's AbortSignal, and all of them for reading. */
export type HookContext = PluginContext & {
  readonly cancellation?: CancelSignal;
  readonly readable?: ReadableContext;
  /** The span that the plugin is called in. */
  readonly traceParent?: TraceParent | undefined;
};

/** One hook of one external plugin: what all its calls have in common. */
export interface ExternalHook {
  readonly hookName: string;
  readonly pluginName: string;
  readonly codec: HookCodec;
  /** Hears of fields that nobody here knows. */
  readonly ignored: IgnoredFields | undefined;
}

/** One hook call, its payload as the wire has it. */
export interface ExternalHookCall {
  readonly hook: ExternalHook;
  readonly payload: unknown;
  readonly context: HookContext;
  /** The same for one who only reads it, and at once. */
  readonly readable: ReadableContext;
}

/** What holds of one call. */
export interface CallLimits {
  /** Milliseconds that somebody waits for the answer. */
  readonly timeoutMs: number;
  /** Bytes an answer may have. */
  readonly maxAnswerBytes: number;
}

/** What a plugin server answered to one hook call. */
export interface HookAnswer {
  readonly outcome: PluginResult | PluginError | PluginViolationError;
  /** Absent where the server had nothing to give back; the wire cannot say "emptied". */
  readonly context?: ReturnedContext;
}

/** What a server said of a plugin's configuration. */
export type ConfigAnswer =
  | { readonly kind: 'config'; readonly config: Readonly<Record<string, unknown>> }
  /** The server has no plugin of that name. */
  | { readonly kind: 'none' }
  | { readonly kind: 'unusable'; readonly reason: string };

/** How a plugin server is spoken to. */
export interface PluginCodec<Request, Response> {
  /** Asks for a plugin's configuration. */
  encodeConfig(pluginName: string, timeoutMs: number): Request;
  decodeConfig(response: Response): ConfigAnswer;
  /** Whether it refuses what JSON cannot say, by `requireJson` and `requireJsonContext`, while it encodes. */
  readonly checksJson?: boolean;
  /** Asks to run one hook. @throws GatechartError PAYLOAD_INVALID, PAYLOAD_TOO_LARGE if it cannot be sent unchanged */
  encodeHook(call: ExternalHookCall, limits: CallLimits): Request;
  /** @throws PluginError if the response is no answer to a hook call, MESSAGE_TOO_LARGE if it has too many bytes */
  decodeHook(response: Response, hook: ExternalHook, limits: CallLimits): HookAnswer;
}
