import { types } from 'node:util';
import { suggestionFor } from '../config/suggestion.js';
import { PluginContexts } from '../context/plugin-contexts.js';
import { GatechartError, messageOf } from '../errors.js';
import { readExtensions } from '../extensions/extension-reader.js';
import type { Extensions } from '../extensions/extensions.js';
import type { TraceParent } from '../observability/spans.js';
import { readTraceParent } from '../observability/trace-parent.js';
import { describeValue } from '../json/described-value.js';
import { isPlainObject } from '../json/records.js';
import { Cancellation, type CancelSignal } from '../time/cancellation.js';

/** What one invocation of a hook may be told. */
export interface InvokeOptions {
  /** The contexts that the previous hook of the same request gave back. */
  readonly contexts?: PluginContexts | undefined;
  /**
   * What plugins are told of the request beside the payload, each as far as its capabilities let it see. Copied. What the
   * previous hook of the same request gave back as `modifiedExtensions`, or what it was given.
   */
  readonly extensions?: Extensions | undefined;
  /** Throw a PluginViolationError when a plugin in enforce mode blocks. Default false: the outcome says so. */
  readonly violationsAsExceptions?: boolean | undefined;
  /** Cancels the invocation; the running plugin's own signal aborts. */
  readonly signal?: CancelSignal | undefined;
}

/** What one call of a plugin by name may be told. */
export interface InvokePluginOptions {
  /** What the plugin is told of the request beside the payload, as far as its capabilities let it see. Copied. */
  readonly extensions?: Extensions | undefined;
  /** Cancels the call. An AbortSignal is one. */
  readonly signal?: CancelSignal | undefined;
  /** Throw errors of the plugin whatever its mode and its `on_error` say. Default false: they say whether it has passed. */
  readonly raiseErrors?: boolean | undefined;
  /** The span of somebody else that the call is made in. Default: whatever is active. */
  readonly traceParent?: TraceParent | undefined;
}

type AnyOptions = InvokeOptions & InvokePluginOptions;

/** What is told where nothing is told. */
export const noOptions: InvokeOptions = Object.freeze({});

const optionsOfHook = ['contexts', 'extensions', 'violationsAsExceptions', 'signal'] as const;
const optionsOfPlugin = ['extensions', 'signal', 'raiseErrors', 'traceParent'] as const;

/** The options of one invocation, each read once. @throws GatechartError CONTEXT_INVALID */
export function invokeOptions(options: unknown, hook: string): InvokeOptions {
  return options === noOptions ? noOptions : checked(options, optionsOfHook, hook);
}

/** The options of a call by name, each read once. @throws GatechartError CONTEXT_INVALID */
export function pluginOptions(options: unknown, hook: string): InvokePluginOptions {
  return options === noOptions ? noOptions : checked(options, optionsOfPlugin, hook);
}

function checked(options: unknown, known: readonly (keyof AnyOptions)[], hook: string): AnyOptions {
  let read: AnyOptions | string;
  try {
    read = readOptions(options, known);
  } catch (error) {
    throw invalid(hook, `they cannot be read: ${messageOf(error)}`, error);
  }
  if (typeof read === 'string') throw invalid(hook, read);
  return read;
}

function readOptions(options: unknown, known: readonly string[]): AnyOptions | string {
  if (!isPlainObject(options)) return `found ${describeValue(options)}, expected a plain object`;
  const read: { -readonly [Key in keyof AnyOptions]: AnyOptions[Key] } = {};
  for (const key of Object.keys(options)) {
    const value = options[key];
    if (value === undefined) continue;
    if (!known.includes(key)) return unknownOption(key, known);
    if (value === null) continue;
    if (key === 'contexts' && value instanceof PluginContexts) read.contexts = value;
    else if (key === 'extensions') {
      const reading = readExtensions(value);
      if (!reading.ok) return extensionProblems(reading.problems);
      read.extensions = reading.extensions;
    } else if (key === 'violationsAsExceptions' && typeof value === 'boolean') read.violationsAsExceptions = value;
    else if (key === 'raiseErrors' && typeof value === 'boolean') read.raiseErrors = value;
    else if (key === 'signal' && isSignal(value)) read.signal = value;
    else if (key === 'traceParent' && isPlainObject(value)) {
      const named = readTraceParent(value['traceparent'], value['tracestate']);
      if (named === undefined) return 'traceParent.traceparent: found none, expected one of W3C Trace Context';
      read.traceParent = named;
    } else return `${key}: found ${describeValue(value)}, expected ${expected[key as keyof typeof expected]}`;
  }
  return read;
}

function extensionProblems(problems: readonly string[]): string {
  return problems
    .map((problem) => (problem.startsWith('found ') ? `extensions: ${problem}` : `extensions.${problem}`))
    .join('; ');
}

const expected: Readonly<Record<Exclude<keyof AnyOptions, 'extensions'>, string>> = {
  contexts: 'the contexts of an earlier outcome',
  violationsAsExceptions: 'true or false',
  raiseErrors: 'true or false',
  signal: 'an AbortSignal',
  traceParent: '{ traceparent } of W3C Trace Context',
};

/** What is none of Node's and none of ours is tried: later, nobody could say whose fault it is. */
function isSignal(value: unknown): value is CancelSignal {
  if (typeof value !== 'object' || value === null) return false;
  if (!types.isProxy(value) && (value instanceof AbortSignal || value instanceof Cancellation)) return true;
  const { aborted, addEventListener, removeEventListener }: Partial<Record<keyof CancelSignal, unknown>> = value;
  if (typeof aborted !== 'boolean' || typeof addEventListener !== 'function') return false;
  if (typeof removeEventListener !== 'function') return false;
  const nobody = (): void => undefined;
  addEventListener.call(value, 'abort', nobody);
  removeEventListener.call(value, 'abort', nobody);
  return true;
}

function unknownOption(key: string, known: readonly string[]): string {
  const meant = suggestionFor(key, known);
  const hint = meant === undefined ? `, expected ${known.join(', ')}` : `; did you mean \`${meant}\`?`;
  return `${key.slice(0, 100).toWellFormed()}: unknown option${hint}`;
}

function invalid(hook: string, problem: string, cause?: unknown): GatechartError {
  const end = problem.endsWith('?') ? '' : '.';
  return new GatechartError('CONTEXT_INVALID', `The options of ${hook} are not valid: ${problem}${end}`, {
    cause,
    details: { hook },
  });
}
