import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { PluginConfig } from '../config/sections/plugin-entry.js';
import { describeValue } from '../json/described-value.js';
import { GatechartError, messageOf } from '../errors.js';
import type { Logger } from '../observability/logger.js';
import { isSchema } from '../config/schema-check.js';
import { type ModuleExport, type ModuleRoots, resolveKind } from './module-resolution.js';
import type { LoadedPlugin, PluginDefinition, PluginInstance, PluginSetup } from './plugin.js';
import { definitionOfClass, isPluginClass, type PluginClass } from './plugin-class.js';
import { openGate, type PluginGate } from './plugin-gate.js';
import { importModule } from './strictness.js';

/** What a host registers under a `kind`: what `definePlugin` made, or a class that extends `Plugin`. */
export type PluginKind = PluginDefinition | PluginClass;

/** Loads plugins that run in this process. */
export class PluginLoader {
  readonly #kinds: Readonly<Record<string, PluginKind>>;
  readonly #roots: ModuleRoots;
  readonly #logger: Logger;
  readonly #isHostStrict: boolean;

  /** @param isHostStrict whether `kinds` are known to come from strict code */
  constructor(kinds: Readonly<Record<string, PluginKind>>, roots: ModuleRoots, logger: Logger, isHostStrict = true) {
    this.#kinds = kinds;
    this.#isHostStrict = isHostStrict;
    this.#roots = roots;
    this.#logger = logger;
  }

  /**
   * Loads, constructs and initialises a plugin.
   *
   * @throws GatechartError PLUGIN_LOAD_FAILED
   */
  async load(given: PluginConfig, gate: PluginGate = openGate): Promise<LoadedPlugin> {
    const entry = privateCopy(given);
    const { definition, isStrict } = await this.#definition(entry);
    const config = checkedConfig(entry, definition);
    const setup = { name: entry.name, config, entry, logger: this.#logger };
    let instance: PluginInstance;
    try {
      instance = definition.create(setup);
    } catch (error) {
      throw loadFailed(entry, `its constructor threw: ${messageOf(error)}`, error);
    }
    requireHandlers(entry, instance);
    try {
      await instance.initialize?.();
    } catch (error) {
      throw loadFailed(entry, `its initialize threw: ${messageOf(error)}`, error);
    }
    const code = isStrict && definition.isStrict !== false ? 'unknown' : 'sloppy';
    return loadedPlugin(setup, instance, code, gate);
  }

  #resolve(entry: PluginConfig): ModuleExport {
    try {
      return resolveKind(entry.kind, this.#roots);
    } catch (error) {
      throw loadFailed(entry, messageOf(error), error);
    }
  }

  async #definition(
    entry: PluginConfig,
  ): Promise<{ readonly definition: PluginDefinition; readonly isStrict: boolean }> {
    const registered = Object.hasOwn(this.#kinds, entry.kind) ? this.#kinds[entry.kind] : undefined;
    if (registered !== undefined) return { definition: asDefinition(entry, registered), isStrict: this.#isHostStrict };
    const { url, exportName } = this.#resolve(entry);
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

function checkedConfig(entry: PluginConfig, { configSchema }: PluginDefinition): Readonly<Record<string, unknown>> {
  const given = entry.config ?? {};
  if (configSchema === undefined) return given;
  if (!isSchema(configSchema))
    throw loadFailed(entry, `its config is ${describeValue(configSchema)}, expected a zod schema`);
  const parsed = configSchema.safeParse(given);
  if (parsed.success) return parsed.data as Readonly<Record<string, unknown>>;
  const problems = parsed.error.issues.map((issue) => `${['config', ...issue.path].join('.')}: ${issue.message}`);
  throw loadFailed(entry, problems.join('; '));
}

/** Node keeps the place of a syntax error to itself, unless it runs the file. */
function whereToLook(error: unknown, url: string): string {
  if (!(error instanceof SyntaxError) || !url.startsWith('file:')) return '';
  return ` (\`node ${fileURLToPath(url)}\` shows where)`;
}

function loadFailed(entry: PluginConfig, why: string, cause?: unknown): GatechartError {
  return new GatechartError('PLUGIN_LOAD_FAILED', `Plugin ${entry.name} (${entry.kind}) cannot be loaded: ${why}.`, {
    cause,
    details: { plugin: entry.name },
  });
}
