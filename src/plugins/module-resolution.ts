import { realpathSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { resolve as resolveSpecifier } from 'import-meta-resolve';
import { isDirectory, isFile } from '../config/places.js';
import { messageOf } from '../errors.js';

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

/**
 * What the text of a `kind` can stand for: `module`, a file or package with its export; `pythonClass`, a dotted name as
 * the reference writes it; `name`, what only a program can register.
 */
export type KindForm = 'module' | 'pythonClass' | 'name';

export function formOfKind(kind: string): KindForm {
  if (kind.includes('#') || /^(\.{1,2}\/|\/)/.test(kind)) return 'module';
  return /^\w+(\.\w+)+$/.test(kind) ? 'pythonClass' : 'name';
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
  if (form === 'name' || specifier === '' || exportName === '') throw new KindUnusableError(explainKind);
  if (isBuiltin(specifier)) throw new KindUnusableError("Node's built-in modules are not plugins");
  if (/^[a-z][a-z0-9+.-]*:/i.test(specifier) || isAbsolute(specifier)) {
    throw new KindUnusableError('the module must be a package or a path that starts with ./ or ../');
  }
  if (specifier.startsWith('./') || specifier.startsWith('../'))
    return { url: resolveFile(specifier, roots), exportName };
  if (specifier.split(/[/\\]/).includes('..')) throw new KindUnusableError('a package path must not contain ".."');
  try {
    return { url: resolveSpecifier(specifier, pathToFileURL(`${roots.baseDir}${sep}`).href), exportName };
  } catch (cause) {
    throw new KindUnusableError('no installed package has this module', { message: messageOf(cause), cause });
  }
}

const pythonKind = 'it names a Python class; serve that plugin with the Python package and use kind: external';

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
  const isInside = roots.some((root) => {
    if (!isDirectory(root)) return false;
    const path = relative(realpathSync(root), real);
    return path !== '' && path !== '..' && !path.startsWith(`..${sep}`) && !isAbsolute(path);
  });
  if (!isInside) throw new KindUnusableError("the file is outside the configuration's folder and plugin_dirs");
  return pathToFileURL(real).href;
}
