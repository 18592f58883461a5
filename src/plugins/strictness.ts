import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * What is written to a frozen object throws in strict code and is lost without a word in sloppy code. This is how sloppy
 * code is told, as far as that can be; whatever is not known to be strict is taken for sloppy.
 */

const sloppyHandlers = new WeakSet<object>();

/** Remembers that a function runs, or wraps, sloppy code. */
export function markSloppy<Handler extends object>(handler: Handler): Handler {
  sloppyHandlers.add(handler);
  return handler;
}

/** True for functions that are sloppy for certain; methods, arrows and async functions do not show it. */
export function isSloppy(handler: object): boolean {
  return sloppyHandlers.has(handler) || Object.hasOwn(handler, 'caller') || isMadeFromText(handler);
}

/** `new Function(…)` and its like make sloppy code wherever they are called. */
function isMadeFromText(handler: object): boolean {
  return typeof handler === 'function' && /^(async )?function\s*\*?\s*anonymous\(/.test(String(handler));
}

/**
 * True if the function that called `entry` is sloppy. V8 shows the functions of a stack only where they are.
 *
 * @param entry the function of ours that was called, and is running
 */
export function isCalledBySloppy(entry: (...args: never[]) => unknown): boolean {
  // oxlint-disable-next-line typescript/unbound-method -- put back as it was
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = 1;
    Error.prepareStackTrace = (_error, sites) => sites[0]?.getFunction() !== undefined;
    const holder: { stack?: unknown } = {};
    Error.captureStackTrace(holder, entry);
    return holder.stack === true;
  } catch {
    return true;
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

const modules = createRequire(import.meta.url).cache;

/**
 * Imports a module, and tells whether all that came with it is known to be strict: ES modules are, CommonJS modules may
 * not be.
 *
 * @param url `file:` URL
 * @throws what the module throws
 */
export async function importModule(url: string): Promise<{ readonly module: object; readonly isStrict: boolean }> {
  const before = Object.keys(modules).length;
  const module = (await import(url)) as object;
  return { module, isStrict: isModuleFile(url) && Object.keys(modules).length === before };
}

/** True for a file that Node takes for an ES module by its name or its package. */
function isModuleFile(url: string): boolean {
  if (!url.startsWith('file:')) return false;
  const path = fileURLToPath(url);
  switch (extname(path)) {
    case '.mjs':
    case '.mts':
      return true;
    case '.cjs':
    case '.cts':
      return false;
    default:
      return packageType(dirname(path)) === 'module';
  }
}

function packageType(folder: string): unknown {
  for (let at = folder; ; at = dirname(at)) {
    try {
      const said: unknown = JSON.parse(readFileSync(join(at, 'package.json'), 'utf8'));
      return typeof said === 'object' && said !== null && 'type' in said ? said.type : undefined;
    } catch {
      if (dirname(at) === at) return undefined;
    }
  }
}
