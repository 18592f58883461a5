import { readFileSync, realpathSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { resolve as resolveSpecifier } from 'import-meta-resolve';
import { isDirectory, isFile } from '../config/source/file-kinds.js';
import { messageOf } from '../errors.js';
import { formOfKind } from './kind-form.js';

/** Where plugin modules may be. */
export interface ModuleRoots {
  /** Folder of the configuration file. */
  readonly baseDir: string;
  /** Looked at after the configuration's own folder, in order. */
  readonly pluginDirs: readonly string[];
}

export interface ModuleExport {
  /** `file:` URL of the module. */
  readonly url: string;
  readonly exportName: string;
}

/** Why a kind leads to no module. */
export class KindUnusableError extends Error {
  /** The same in words that repeat nothing of the kind, for where it must not be shown. */
  readonly reason: string;

  constructor(reason: string, options: { readonly message?: string; readonly cause?: unknown } = {}) {
    super(options.message ?? reason, { cause: options.cause });
    this.reason = reason;
  }
}

/**
 * Finds the module and export that a `kind` names: `./plugins/deny.js#DenyList` or `@acme/pkg#Redactor`. Imports nothing,
 * so whether the module has the export is not known.
 *
 * @throws KindUnusableError for what is not found, for Node's built-in modules, and for paths that lead
 * out of the configuration's folder and the plugin folders, through links too
 */
export function resolveKind(kind: string, roots: ModuleRoots): ModuleExport {
  const form = formOfKind(kind);
  if (form === 'pythonClass') throw new KindUnusableError(pythonKind);
  const hash = kind.lastIndexOf('#');
  const specifier = kind.slice(0, Math.max(hash, 0));
  const exportName = kind.slice(hash + 1);
  if (form === 'module' && hash === -1) throw new KindUnusableError(noExport);
  if (form === 'name' || specifier === '' || exportName === '') throw new KindUnusableError(explainKind);
  if (isBuiltin(specifier)) throw new KindUnusableError("Node's built-in modules are not plugins");
  if (/^[a-z][a-z0-9+.-]*:/i.test(specifier) || isAbsolute(specifier)) {
    throw new KindUnusableError('the module must be a package or a path that starts with ./ or ../');
  }
  if (specifier.startsWith('./') || specifier.startsWith('../'))
    return { url: resolveFile(specifier, roots), exportName };
  return { url: resolvePackage(specifier, roots.baseDir), exportName };
}

const packageName = /^(?:@[^/]+\/)?[^/]+/;

/**
 * A module of an installed package. What its specifier leads to must be in the package's own folder, wherever that is:
 * links from `node_modules` to it are how package managers install.
 */
function resolvePackage(specifier: string, baseDir: string): string {
  if (specifier.split(/[/\\]/).includes('..')) throw new KindUnusableError('a package path must not contain ".."');
  if (/[%\\?#\0]/.test(specifier)) {
    throw new KindUnusableError('a package path must not contain "%", "\\", "?" or "#"');
  }
  const root = packageRoot(packageName.exec(specifier)?.[0] ?? '', baseDir);
  let real: string;
  try {
    const url = resolveSpecifier(specifier, pathToFileURL(`${baseDir}${sep}`).href);
    real = realpathSync(fileURLToPath(url));
  } catch (cause) {
    throw new KindUnusableError('no installed package has this module', { message: messageOf(cause), cause });
  }
  if (root === undefined || !isWithin(root, real)) {
    throw new KindUnusableError("the module is outside its package's folder");
  }
  return pathToFileURL(real).href;
}

/** The real folder of a package, where Node looks for it: the enclosing package of that name, or one that is installed. */
function packageRoot(name: string, baseDir: string): string | undefined {
  for (let folder = resolve(baseDir); ; folder = dirname(folder)) {
    const installed = join(folder, 'node_modules', name);
    if (isDirectory(installed)) return realpathSync(installed);
    if (nameOfPackage(folder) === name) return realpathSync(folder);
    if (dirname(folder) === folder) return undefined;
  }
}

function nameOfPackage(folder: string): unknown {
  try {
    const described: unknown = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return typeof described === 'object' && described !== null ? Reflect.get(described, 'name') : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a path is inside a folder; both must be real ones. */
function isWithin(folder: string, path: string): boolean {
  const inside = relative(folder, path);
  return inside !== '' && inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside);
}

const pythonKind = 'it names a Python class; serve that plugin with the Python package and use kind: external';

const noExport =
  'it names no export; write it behind a # without a space, like ./plugins/deny.js#DenyList (in YAML, a # behind a space begins a comment)';

const explainKind =
  'expected "external", a registered kind, or a module with its export, like ./plugins/deny.js#DenyList or @acme/pkg#Redactor';

function resolveFile(specifier: string, { baseDir, pluginDirs }: ModuleRoots): string {
  const roots = [baseDir, ...pluginDirs];
  const candidates = roots.map((root) => resolve(root, specifier));
  const found = candidates.find(isFile);
  if (found === undefined) {
    throw new KindUnusableError("there is no such file in the configuration's folder or plugin_dirs", {
      message: `no such file: ${candidates.join(', ')}`,
    });
  }
  const real = realpathSync(found);
  const isInside = roots.some((root) => isDirectory(root) && isWithin(realpathSync(root), real));
  if (!isInside) throw new KindUnusableError("the file is outside the configuration's folder and plugin_dirs");
  return pathToFileURL(real).href;
}
