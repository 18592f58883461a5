import { readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ownRequire } from '../lazy-package.js';

/**
 * What is known of code. What is written to a frozen object throws in strict code, and is lost without a word in sloppy
 * code: that may be given none. Strict is what throws, or never looks; what is not known to be strict is `unknown`.
 */
export type CodeKind = 'strict' | 'sloppy' | 'unknown';

/** What our wrappers call. */
const wrapped = new WeakMap<object, CodeKind>();

/** Remembers that a function of ours does nothing but call another. */
export function wrapperOf<Wrapper extends object>(handler: Function, wrapper: Wrapper): Wrapper {
  wrapped.set(wrapper, codeOf(handler));
  return wrapper;
}

/** What a handler is, as far as it shows: methods, arrows and async functions do not show whether they are strict. */
export function codeOf(handler: Function): CodeKind {
  const known = wrapped.get(handler);
  if (known !== undefined) return known;
  const text = Function.prototype.toString.call(handler);
  // `new Function(…)` and its like make sloppy code wherever they are called.
  if (Object.hasOwn(handler, 'caller') || /^(async )?function\s*\*?\s*anonymous\(/.test(text)) return 'sloppy';
  return ignoresPayload(text) ? 'strict' : 'unknown';
}

/** True for a function, by its text, that has no first parameter, or does not mention it. */
function ignoresPayload(text: string): boolean {
  const [, parameter] = /^(?:async\b\s*)?(?:function\b\s*)?\*?\s*[\w$]*\s*\(\s*(\w*)\s*[,)]/.exec(text) ?? [];
  if (parameter === undefined || /\b(?:arguments|eval)\b|\[native code\]/.test(text)) return false;
  return parameter === '' || text.split(new RegExp(`\\b${parameter}\\b`)).length === 2;
}

/** Frames that are looked through for one that is not built in. */
const framesSeen = 10;

/**
 * What the code is that called `entry`, be it through something built in, like JSON.stringify: ES modules are strict,
 * CommonJS modules may have sloppy parts. V8 shows the functions of a stack only where they are sloppy.
 *
 * @param entry the function of ours that was called, and is running
 */
export function callerOf(entry: (...args: never[]) => unknown): CodeKind {
  // oxlint-disable-next-line typescript/unbound-method -- put back as it was
  const { prepareStackTrace, stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = framesSeen;
    Error.prepareStackTrace = (_error, sites) => kindOf(sites.find((site) => !isBuiltIn(site)));
    const holder: { stack?: unknown } = {};
    Error.captureStackTrace(holder, entry);
    const { stack } = holder;
    return stack === 'strict' || stack === 'unknown' ? stack : 'sloppy';
  } catch {
    return 'sloppy';
  } finally {
    Error.prepareStackTrace = prepareStackTrace;
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function isBuiltIn(site: NodeJS.CallSite): boolean {
  const file = site.getFileName();
  return file === null ? site.getLineNumber() === null : file.startsWith('node:');
}

function kindOf(site: NodeJS.CallSite | undefined): CodeKind {
  if (site === undefined || site.getFunction() !== undefined) return 'sloppy';
  const file = site.getFileName();
  if (file === null || Object.hasOwn(modules, file)) return 'sloppy';
  return file.startsWith('file:') ? 'strict' : 'unknown';
}

const modules = ownRequire().cache;

/** The modules imported so far, by URL, and whether all that came with them is strict. */
const strictModules = new Map<string, boolean>();

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
  // What comes with a module comes once.
  const isStrict = isModuleFile(url) && Object.keys(modules).length === before && strictModules.get(url) !== false;
  strictModules.set(url, isStrict);
  return { module, isStrict };
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
