import { types } from 'node:util';
import { isPlainObject } from '../json/records.js';
import { type ErrorCode, errorCodes, isGatechartError, messageOf } from '../errors.js';
import type { ExecutionReport } from '../hooks/denial-outcome.js';
import { PluginError } from './plugin-error.js';

/** What a plugin threw. Reading it may run the plugin's code, and that may throw: nothing here does. */
export type Thrown =
  /** A violation: the plugin denies the request. */
  | { readonly kind: 'violation'; readonly violation: unknown; readonly cause: unknown }
  | { readonly kind: 'failure'; readonly error: PluginError };

/**
 * Reads what was thrown, whatever it is. Errors of a second copy of the package count like our own. What is a PluginError
 * already is copied: a plugin may keep it, and throw it in many chains.
 *
 * @param report of the chain in which it was thrown
 */
export function readThrown(thrown: unknown, pluginName: string, report?: ExecutionReport): Thrown {
  try {
    const code = codeOf(thrown);
    if (code === 'PLUGIN_VIOLATION') {
      return { kind: 'violation', violation: Reflect.get(thrown as object, 'violation'), cause: causeOf(thrown) };
    }
    if (code !== undefined && thrown instanceof PluginError && isFailure(thrown) && causeOf(thrown) === thrown) {
      return { kind: 'failure', error: sameFailure(thrown, code, report) };
    }
    const message = messageOf(thrown);
    return {
      kind: 'failure',
      error: new PluginError(
        { message, pluginName },
        { code: code ?? 'PLUGIN_FAILED', cause: causeOf(thrown), report },
      ),
    };
  } catch {
    return { kind: 'failure', error: new PluginError({ message: messageOf(thrown), pluginName }, { report }) };
  }
}

function sameFailure(thrown: PluginError, code: ErrorCode, report: ExecutionReport | undefined): PluginError {
  const { failure, mayBeStop, stack } = thrown;
  // What a plugin has made of the class is not to be had in another way.
  const cause = Object.getPrototypeOf(thrown) === PluginError.prototype ? thrown.cause : thrown;
  const error = new PluginError(failure, { code, cause, mayBeStop, report });
  if (stack !== undefined) error.stack = stack;
  return error;
}

/** What was thrown as the cause of an error that is logged, which must not run what the plugin threw. */
export function causeOf(thrown: unknown): unknown {
  if (!isObject(thrown)) return thrown;
  try {
    if (types.isProxy(thrown)) return undefined;
    for (let link: unknown = thrown, depth = 0; isObject(link); depth++) {
      if (depth > longestChain || types.isProxy(link)) return undefined;
      for (const key of ['name', 'message', 'stack', 'code']) void String(Reflect.get(link, key));
      for (const key of Object.keys(link)) void Reflect.get(link, key);
      if (!(link instanceof Error)) break;
      link = link.cause;
    }
    return thrown;
  } catch {
    return undefined;
  }
}

const longestChain = 50;

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/** The code of an error of this library; undefined for everything else, also for what only says that it is one. */
function codeOf(thrown: unknown): ErrorCode | undefined {
  if (!isGatechartError(thrown)) return undefined;
  const { code } = thrown;
  return typeof code === 'string' && Object.hasOwn(errorCodes, code) ? code : undefined;
}

function isFailure({ failure }: PluginError): boolean {
  return isPlainObject(failure) && typeof failure.message === 'string' && typeof failure.pluginName === 'string';
}
