import { resolve } from 'node:path';
import type { ConfigRule } from './config-rules.js';
import { expandHome, isFile } from './places.js';
import { asList, asMap, errorAt, warningAt } from './problem.js';

const localModule = /^(\.{1,2}\/|\/)/;
const pythonClass = /^\w+(\.\w+)+$/;

/**
 * That the files named by `kind` (`./plugins/deny.js#DenyList`) are there, next to the configuration file or in one of
 * the `plugin_dirs`. Nothing is imported, so whether a module has the export is not known here.
 */
export const checkModuleFiles: ConfigRule = (config, places, report) => {
  const dirs = asList(config['plugin_dirs']).filter((dir) => typeof dir === 'string');
  const folders = [places.baseDir, ...dirs.map((dir) => resolve(places.baseDir, expandHome(dir)))];
  asList(config['plugins']).forEach((plugin, index) => {
    const { kind, mode } = asMap(plugin);
    if (typeof kind !== 'string' || kind === 'external' || mode === 'disabled') return;
    const path = ['plugins', index, 'kind'];
    const specifier = kind.split('#')[0] ?? '';
    if (localModule.test(specifier) && !folders.some((folder) => isFile(resolve(folder, specifier)))) {
      const where = dirs.length === 0 ? 'next to this file' : 'next to this file or in one of `plugin_dirs`';
      report(errorAt(path, (found) => `expected a module that exists ${where}, found ${found}`));
    } else if (pythonClass.test(specifier)) {
      report(
        warningAt(path, 'this names a Python class; serve that plugin with its own server and use `kind: external`'),
      );
    }
  });
};
