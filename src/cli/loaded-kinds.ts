import { Supervisor } from '../actors/supervisor.js';
import { missingPackage } from '../catalogue/optional-package.js';
import { readyMadeKind } from '../catalogue/ready-made-kinds.js';
import type { EntryPlaces } from '../config/entry-places.js';
import { readEnvironment } from '../config/environment/environment.js';
import { errorAt, type Problem, warningAt } from '../config/problem.js';
import { type PluginConfig, pluginEntry } from '../config/sections/plugin-entry.js';
import type { ConfigRule } from '../config/sections/rule-context.js';
import { pluginDirsOf } from '../config/source/path-base.js';
import { asList, asRecord } from '../config/written.js';
import { isGatechartError, messageOf } from '../errors.js';
import { createLogger } from '../observability/logger.js';
import { lostChanges, losesChanges } from '../plugins/lost-changes.js';
import { formOfKind } from '../plugins/kind-form.js';
import { type ModuleRoots, resolveKind } from '../plugins/module-resolution.js';
import { ActorsOfPlugin } from '../plugins/plugin-actors.js';
import { PluginLoader } from '../plugins/plugin-loader.js';
import { systemClock } from '../time/clock.js';

/** An entry whose code can be loaded here. */
interface LoadableEntry {
  readonly index: number;
  readonly entry: PluginConfig;
  readonly roots: ModuleRoots;
}

/** What the code of a configuration's plugins says of their entries. */
export interface LoadedProblems {
  /** Entries with which a start would fail. */
  readonly mistakes: readonly Problem[];
  /** Modes in which what a plugin changes is lost, as warnings. */
  readonly lostChanges: readonly Problem[];
}

/** Collects the entries of a configuration whose code can be loaded, those beside entries with mistakes too. */
export class LoadedKinds {
  readonly #entries: LoadableEntry[] = [];
  readonly #loads: 'all' | 'ready-made';

  /** @param loads which code may run: all that kinds name, or only what comes along, for modes in which changes are lost */
  constructor(loads: 'all' | 'ready-made') {
    this.#loads = loads;
  }

  /** Whether nothing of what was collected is to be loaded. */
  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  readonly collect: ConfigRule = (config, base) => {
    const dirs = asList(config['plugin_dirs']).filter((dir) => typeof dir === 'string');
    const roots = { baseDir: base.baseDir, pluginDirs: pluginDirsOf(dirs, base) };
    asList(config['plugins']).forEach((plugin, index) => {
      const written = asRecord(plugin);
      const { data } = pluginEntry.schema.safeParse(written);
      // What does not fit the schema, or leads nowhere, is told anyway.
      if (data === undefined || data.mode === 'disabled' || !this.#isWanted(data, roots)) return;
      this.#entries.push({ index, entry: pluginEntry.read(data, written, base), roots });
    });
  };

  /**
   * Imports each plugin's module, checks its settings and constructs it. Initialises none, and reaches no server. Where
   * one fails, the rest is loaded all the same.
   */
  async problems(env: NodeJS.ProcessEnv): Promise<LoadedProblems> {
    const [found, lost]: [Problem[], Problem[]] = [[], []];
    const { http, logLevel } = readEnvironment(env, 'warn');
    const logger = createLogger(logLevel);
    const system = new Supervisor('plugin actors', logger, systemClock);
    const actorsOf = (plugin: string): ActorsOfPlugin => new ActorsOfPlugin(plugin, system);
    for (const { index, entry, roots } of this.#entries) {
      const wrongSettings: Problem[] = [];
      const places: EntryPlaces = (_plugin, problems) => {
        wrongSettings.push(...problems.map((problem) => ({ ...problem, path: ['plugins', index, ...problem.path] })));
        return [];
      };
      const loader = new PluginLoader({
        kinds: {},
        readyMade: readyMadeKind,
        actorsOf,
        roots,
        places,
        logger,
        clock: systemClock,
        random: Math.random,
        ssrfProtection: http.ssrfProtection,
      });
      try {
        const { actors, instance, setup } = await loader.construct(entry);
        actors.end();
        const missing = this.#loads === 'all' ? await missingLibrary(entry, setup.config) : undefined;
        if (missing !== undefined) found.push(errorAt(['plugins', index, 'kind'], missing));
        const words = lostChanges(instance, entry.mode);
        if (words !== undefined) lost.push(warningAt(['plugins', index, 'mode'], `this plugin ${words}`, 'value'));
      } catch (error) {
        if (!isGatechartError(error)) throw error;
        if (wrongSettings.length === 0) found.push(errorAt(['plugins', index, 'kind'], error.message));
        found.push(...wrongSettings);
      }
    }
    system.stop();
    return { mistakes: this.#loads === 'all' ? found : [], lostChanges: lost };
  }

  #isWanted({ kind, mode }: Pick<PluginConfig, 'kind' | 'mode'>, roots: ModuleRoots): boolean {
    return this.#loads === 'all' ? leadsToCode(kind, roots) : losesChanges(mode) && readyMadeKind(kind) !== undefined;
  }
}

/** What a plugin loads only when it starts, and would fail for want of. */
async function missingLibrary(
  { name, kind }: Pick<PluginConfig, 'name' | 'kind'>,
  config: Readonly<Record<string, unknown>>,
): Promise<string | undefined> {
  const library = readyMadeKind(kind)?.needs?.(config);
  if (library === undefined) return undefined;
  try {
    await import(library).catch(missingPackage(library));
    return undefined;
  } catch (error) {
    return `Plugin ${name} (${kind}) cannot be started: ${messageOf(error)}.`;
  }
}

function leadsToCode(kind: string, roots: ModuleRoots): boolean {
  if (readyMadeKind(kind) !== undefined) return true;
  if (kind === 'external' || formOfKind(kind) !== 'module') return false;
  try {
    resolveKind(kind, roots);
    return true;
  } catch {
    return false;
  }
}
