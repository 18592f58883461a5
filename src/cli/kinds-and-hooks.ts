import type { ConfigRule } from '../config/sections/rule-context.js';
import { pluginDirsOf } from '../config/source/path-base.js';
import { errorAt, type Path, type Report, warningAt } from '../config/problem.js';
import { asList, asRecord } from '../config/written.js';
import { suggestionFor } from '../config/suggestion.js';
import { readyMadeKind, readyMadeNames } from '../catalogue/ready-made-kinds.js';
import { HookRegistry } from '../hooks/hook-registry.js';
import { formOfKind } from '../plugins/kind-form.js';
import { KindUnusableError, type ModuleRoots, resolveKind } from '../plugins/module-resolution.js';

/**
 * What a start would refuse, as far as it can be told without running plugins: kinds that lead to no module and hooks
 * that nobody knows. What a program may register before it starts is only warned of.
 */
export const checkKindsAndHooks: ConfigRule = (config, base, report) => {
  const dirs = asList(config['plugin_dirs']).filter((dir) => typeof dir === 'string');
  const roots = { baseDir: base.baseDir, pluginDirs: pluginDirsOf(dirs, base) };
  const knownHooks = new HookRegistry().names;
  asList(config['plugins']).forEach((plugin, index) => {
    const { kind, mode, hooks } = asRecord(plugin);
    if (mode === 'disabled') return;
    if (typeof kind === 'string' && kind.trim() !== '' && kind !== 'external') {
      checkKind(kind, ['plugins', index, 'kind'], roots, report);
    }
    asList(hooks).forEach((hook, at) => {
      if (typeof hook === 'string') checkHook(hook, ['plugins', index, 'hooks', at], knownHooks, report);
    });
  });
};

function checkKind(kind: string, path: Path, roots: ModuleRoots, report: Report): void {
  if (readyMadeKind(kind) !== undefined) return;
  const hint = hintOf(kind, readyMadeNames);
  switch (formOfKind(kind)) {
    case 'pythonClass': {
      const advice = 'serve that plugin with its own server and use `kind: external`';
      report(warningAt(path, `this names a Python class; ${advice}${hint}`, 'value'));
      return;
    }
    case 'name': {
      const advice = 'only a program that registers this kind can start it';
      report(warningAt(path, (found) => `found ${found}; ${advice}${hint}`, 'value'));
      return;
    }
    case 'module':
      try {
        resolveKind(kind, roots);
      } catch (error) {
        const reason = error instanceof KindUnusableError ? error.reason : 'its file cannot be looked up';
        report(errorAt(path, (found) => `found ${found}, which cannot be loaded: ${reason}`));
      }
  }
}

function checkHook(hook: string, path: Path, known: readonly string[], report: Report): void {
  if (known.includes(hook)) return;
  const expected = 'expected a built-in hook, or one that the program registers';
  report(warningAt(path, (found) => `${expected}, found ${found}${hintOf(hook, known)}`, 'value'));
}

function hintOf(word: string, known: readonly string[]): string {
  const meant = suggestionFor(word, known);
  return meant === undefined ? '' : `; did you mean \`${meant}\`?`;
}
