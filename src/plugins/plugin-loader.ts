import { randomUUID } from 'node:crypto';
import type { EntryPlaces } from '../config/entry-places.js';
import type { PluginConfig } from '../config/sections/plugin-entry.js';
import { suggestionFor } from '../config/suggestion.js';
import { describeValue } from '../json/described-value.js';
import { GatechartError, messageOf } from '../errors.js';
import { checkedConfig } from './checked-config.js';
import { whereToLook } from './import-failure.js';
import type { ModuleExport, ModuleRoots } from './module-resolution.js';
import type { LoadedPlugin, PluginDefinition, PluginInstance, PluginSetup } from './plugin.js';
import { definitionOfClass, isPluginClass, type PluginClass } from './plugin-class.js';
import type { ActorsOfPlugin } from './plugin-actors.js';
import { openGate, type PluginGate } from './plugin-gate.js';
import { importModule } from './strictness.js';

/** What a host registers under a `kind`: what `definePlugin` made, or a class that extends `Plugin`. */
export type PluginKind = PluginDefinition | PluginClass;

/** What loading plugins needs. */
export interface PluginLoaderDependencies extends Pick<PluginSetup, 'logger' | 'clock' | 'random' | 'ssrfProtection'> {
  /** A place for the actors of a plugin that starts. */
  readonly actorsOf: (plugin: string) => ActorsOfPlugin;
  /** What the host registered, by kind. */
  readonly kinds: Readonly<Record<string, PluginKind>>;
  /** Finds what comes with the package, where the host has registered nothing under that kind. */
  readonly readyMade?: (kind: string) => { load(): Promise<PluginDefinition> } | undefined;
  /** Kinds that `readyMade` finds, for messages. */
  readonly readyMadeNames?: readonly string[];
  readonly roots: ModuleRoots;
  /** Says where in a file something of an entry stands. Default: messages have the path inside the entry alone. */
  readonly places?: EntryPlaces | undefined;
  /** Whether `kinds` are known to come from strict code. Default true. */
  readonly isHostStrict?: boolean | undefined;
}

type ConstructedPlugin = Pick<LoadedPlugin, 'setup' | 'instance' | 'code'> & { readonly actors: ActorsOfPlugin };

/** Loads plugins that run in this process. */
export class PluginLoader {
  readonly #dependencies: PluginLoaderDependencies;

  constructor(dependencies: PluginLoaderDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Loads, constructs and initialises a plugin.
   *
   * @param check is given the plugin before it initialises; nothing is left of the plugin where it throws
   * @throws GatechartError PLUGIN_LOAD_FAILED, and what `check` throws
   */
  async load(
    given: PluginConfig,
    gate: PluginGate = openGate,
    check: (instance: PluginInstance) => void = () => undefined,
  ): Promise<LoadedPlugin> {
    const { setup, instance, code, actors } = await this.construct(given);
    try {
      check(instance);
    } catch (error) {
      actors.end();
      throw error;
    }
    try {
      await instance.initialize?.();
    } catch (error) {
      actors.end();
      throw loadFailed(setup.entry, `its initialize threw: ${messageOf(error)}`, error);
    }
    return loadedPlugin(setup, endingActors(instance, actors), code, gate);
  }

  /**
   * Loads and constructs a plugin, and does not initialise it. The caller ends its actors.
   *
   * @throws GatechartError PLUGIN_LOAD_FAILED; its actors have ended then
   */
  async construct(given: PluginConfig): Promise<ConstructedPlugin> {
    const entry = privateCopy(given);
    const { definition, isStrict } = await this.#definition(entry);
    const checked = checkedConfig(entry, definition, this.#dependencies.places);
    if (!checked.ok) throw loadFailed(entry, checked.why);
    const { config } = checked;
    const { logger, clock, random, ssrfProtection, roots, actorsOf } = this.#dependencies;
    const actors = actorsOf(entry.name);
    const host = { logger, clock, random, ssrfProtection, baseDir: roots.baseDir };
    const setup = { name: entry.name, config, entry, ...host, actors };
    try {
      const instance = created(entry, definition, setup);
      const code = isStrict && definition.isStrict !== false ? 'unknown' : 'sloppy';
      return { setup, instance, code, actors };
    } catch (error) {
      actors.end();
      throw error;
    }
  }

  async #resolve(entry: PluginConfig): Promise<ModuleExport> {
    const { resolveKind } = await import('./module-resolution.js');
    try {
      return resolveKind(entry.kind, this.#dependencies.roots);
    } catch (error) {
      const { kinds, readyMadeNames = [] } = this.#dependencies;
      const meant = suggestionFor(entry.kind, [...Object.keys(kinds), ...readyMadeNames]);
      const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
      throw loadFailed(entry, `${messageOf(error)}${hint}`, error);
    }
  }

  async #definition(
    entry: PluginConfig,
  ): Promise<{ readonly definition: PluginDefinition; readonly isStrict: boolean }> {
    const { kinds, readyMade, isHostStrict = true } = this.#dependencies;
    const registered = Object.hasOwn(kinds, entry.kind) ? kinds[entry.kind] : undefined;
    if (registered !== undefined) return { definition: asDefinition(entry, registered), isStrict: isHostStrict };
    const ours = readyMade?.(entry.kind);
    if (ours !== undefined) return { definition: await loadReadyMade(entry, ours), isStrict: true };
    const { url, exportName } = await this.#resolve(entry);
    let imported: Awaited<ReturnType<typeof importModule>>;
    try {
      imported = await importModule(url);
    } catch (error) {
      throw loadFailed(entry, `its module cannot be imported: ${messageOf(error)}${whereToLook(error, url)}`, error);
    }
    const { module, isStrict } = imported;
    const exported: unknown = Reflect.get(module, exportName);
    if (exported === undefined) {
      throw loadFailed(
        entry,
        `its module exports no ${exportName}; it exports ${Object.keys(module).join(', ') || 'nothing'}`,
      );
    }
    return { definition: asDefinition(entry, exported), isStrict };
  }
}

function created(entry: PluginConfig, definition: PluginDefinition, setup: PluginSetup): PluginInstance {
  let instance: PluginInstance;
  try {
    instance = definition.create(setup);
  } catch (error) {
    throw loadFailed(entry, `its constructor threw: ${messageOf(error)}`, error);
  }
  requireHandlers(entry, instance);
  return instance;
}

async function loadReadyMade(
  entry: PluginConfig,
  kind: { load(): Promise<PluginDefinition> },
): Promise<PluginDefinition> {
  try {
    return await kind.load();
  } catch (error) {
    throw loadFailed(entry, messageOf(error), error);
  }
}

/** The plugin, whose actors end when it has shut down, however that went. */
function endingActors(instance: PluginInstance, actors: ActorsOfPlugin): PluginInstance {
  return {
    handler: (hook) => instance.handler(hook),
    changesPayloads: () => instance.changesPayloads?.() ?? false,
    shutdown: async () => {
      try {
        await instance.shutdown?.();
      } finally {
        actors.end();
      }
    },
  };
}

/** What the chain needs of a plugin that has started. */
export function loadedPlugin(
  setup: PluginSetup,
  instance: PluginInstance,
  code: LoadedPlugin['code'],
  gate: PluginGate = openGate,
): LoadedPlugin {
  const { entry } = setup;
  return {
    id: randomUUID(),
    name: entry.name,
    config: entry,
    conditions: entry.conditions,
    gate,
    setup,
    instance,
    code,
  };
}

/** Whatever a plugin does to its configuration: that is compared when it is reloaded, and others may be made of it. */
function privateCopy(entry: PluginConfig): PluginConfig {
  const { config, written } = entry;
  return { ...entry, ...(config && { config: structuredClone(config) }), written: structuredClone(written) };
}

/** @throws GatechartError PLUGIN_LOAD_FAILED where a plugin that is loaded cannot do what an entry asks of it */
export function requireHandlers(entry: PluginConfig, instance: PluginInstance): void {
  const unhandled = entry.hooks.filter((hook) => !hasHandler(entry, instance, hook));
  if (unhandled.length > 0) throw loadFailed(entry, `it has no handler for ${unhandled.join(', ')}`);
}

function hasHandler(entry: PluginConfig, instance: unknown, hook: string): boolean {
  let handler: unknown;
  try {
    handler = (instance as PluginInstance).handler(hook);
  } catch (error) {
    throw loadFailed(entry, `what its create gave back has no handlers: ${messageOf(error)}`, error);
  }
  if (handler === undefined || typeof handler === 'function') return handler !== undefined;
  throw loadFailed(entry, `its handler for ${hook} is ${describeValue(handler)}, expected a function`);
}

function asDefinition(entry: PluginConfig, exported: unknown): PluginDefinition {
  if (isPluginClass(exported)) return definitionOfClass(exported);
  if (
    typeof exported === 'object' &&
    exported !== null &&
    'create' in exported &&
    typeof exported.create === 'function'
  ) {
    return exported as PluginDefinition;
  }
  throw loadFailed(entry, 'its export is neither made by definePlugin nor a class that extends Plugin');
}

function loadFailed(entry: PluginConfig, why: string, cause?: unknown): GatechartError {
  return new GatechartError(
    'PLUGIN_LOAD_FAILED',
    `Plugin ${entry.name} (${entry.kind}) cannot be loaded: ${why}${/[.?]$/.test(why) ? '' : '.'}`,
    {
      cause,
      details: { plugin: entry.name },
    },
  );
}
