import { realpathSync, statSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { resolve as resolveSpecifier } from 'import-meta-resolve';
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
 * Finds the module and export that a `kind` names: `./plugins/deny.js#DenyList` or `@acme/pkg#Redactor`.
 *
 * @throws Error for what is not found, for Node's built-in modules, and for paths that lead
 * out of the configuration's folder and the plugin folders, through links too
 */
export function resolveKind(kind: string, roots: ModuleRoots): ModuleExport {
  const hash = kind.lastIndexOf('#');
  const specifier = hash < 0 ? kind : kind.slice(0, hash);
  const exportName = hash < 0 ? '' : kind.slice(hash + 1);
  if (/^\w+(\.\w+)+$/.test(kind)) throw new Error(pythonKind);
  if (hash <= 0 || exportName === '') throw new Error(explainKind);
  if (isBuiltin(specifier)) throw new Error("Node's built-in modules are not plugins");
  if (/^[a-z][a-z0-9+.-]*:/i.test(specifier) || isAbsolute(specifier)) {
    throw new Error('the module must be a package or a path that starts with ./ or ../');
  }
  if (specifier.startsWith('./') || specifier.startsWith('../'))
    return { url: resolveFile(specifier, roots), exportName };
  if (specifier.split(/[/\\]/).includes('..')) throw new Error('a package path must not contain ".."');
  try {
    return { url: resolveSpecifier(specifier, pathToFileURL(`${roots.baseDir}${sep}`).href), exportName };
  } catch (error) {
    throw new Error(messageOf(error), { cause: error });
  }
}

const pythonKind = 'it names a Python class; serve that plugin with the Python package and use kind: external';

const explainKind =
  'expected "external", a registered kind, or a module with its export, like ./plugins/deny.js#DenyList or @acme/pkg#Redactor';

function resolveFile(specifier: string, { baseDir, pluginDirs }: ModuleRoots): string {
  const roots = [baseDir, ...pluginDirs];
  const candidates = roots.map((root) => resolve(root, specifier));
  const found = candidates.find((candidate) => statSync(candidate, { throwIfNoEntry: false })?.isFile() === true);
  if (found === undefined) throw new Error(`no such file: ${candidates.join(', ')}`);
  const real = realpathSync(found);
  const isInside = roots.some((root) => {
    if (statSync(root, { throwIfNoEntry: false }) === undefined) return false;
    const path = relative(realpathSync(root), real);
    return path !== '' && !path.startsWith('..') && !isAbsolute(path);
  });
  if (!isInside) throw new Error("the file is outside the configuration's folder and plugin_dirs");
  return pathToFileURL(real).href;
}
