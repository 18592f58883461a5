import type { ManagerSettings } from '../config/sections/plugin-settings.js';
import { describeValue } from '../json/described-value.js';
import type { HookDefinition } from '../hooks/hook.js';
import { hookReaders } from '../hooks/hook-readers.js';
import type { HookRegistry } from '../hooks/hook-registry.js';
import type { PayloadPolicies } from '../hooks/payload-policy.js';
import type { Logger } from '../observability/logger.js';
import type { HookHandler, LoadedPlugin } from '../plugins/plugin.js';
import { PluginError } from '../plugins/plugin-error.js';
import { allOpen, type GateWatch } from '../plugins/plugin-gate.js';
import { chainPlugin, type ChainPlugin, type PluginRegistry, type Registration } from '../plugins/plugin-registry.js';
import { codeOf } from '../plugins/strictness.js';
import { ChainGeneration } from './chain-generation.js';
import type { MergeRules } from './chain-state.js';
import type { ChainStep, HookChain } from './hook-chain.js';
import { WriteWatch } from './write-watch.js';

export interface ChainSettings {
  readonly manager: ManagerSettings;
  readonly policies: PayloadPolicies;
  readonly defaultPolicy: 'allow' | 'deny';
  readonly logger: Logger;
  /** Default: no plugin is ever disabled. */
  readonly gates?: GateWatch;
}

/** What the chain of one plugin alone, which is called by name, does without. */
interface ChosenSometimes {
  readonly background?: readonly ChainStep[];
  readonly conditional?: readonly ChainStep[];
  readonly gates?: GateWatch | undefined;
}

/** The chain of one plugin alone, and the id that plugin keeps its notes under. */
export interface NamedChain {
  readonly chain: HookChain;
  readonly id: string;
  /** The same, but that errors are raised whatever mode and `on_error` say. */
  readonly raising: () => HookChain;
}

/** The plugins of a hook, and the chains of those that were called by name: most never are. */
interface NamedChains {
  readonly hook: HookDefinition;
  readonly byPlugin: ReadonlyMap<string, Registration>;
  readonly made: Map<string, NamedChain>;
}

/** The chains of all hooks, and of each plugin alone, made once. */
export class HookChains {
  readonly plugins: readonly LoadedPlugin[];
  /** Counts what runs on these chains. */
  readonly generation = new ChainGeneration();
  readonly #settings: ChainSettings;
  readonly #byHook = new Map<string, HookChain>();
  readonly #byName = new Map<string, NamedChains>();

  constructor(hooks: HookRegistry, registry: PluginRegistry, settings: ChainSettings) {
    this.#settings = settings;
    this.plugins = registry.plugins;
    for (const name of hooks.names) {
      const hook = hooks.require(name);
      const registrations = registry.on(hook);
      if (registrations.length === 0) continue;
      const all = registrations.map((registration) => this.#step(registration));
      const steps = all.filter(({ plugin }) => plugin.rights.schedule !== 'afterwards');
      const background = all.filter(({ plugin }) => plugin.rights.schedule === 'afterwards');
      const conditional = [...steps, ...background].filter(({ plugin }) => plugin.conditions.length > 0);
      const { gates } = settings;
      this.#byHook.set(name, this.#chain(hook, steps, this.#rules(hook), { background, conditional, gates }));
      const byPlugin = new Map(registrations.map((registration) => [registration.plugin.name, registration]));
      this.#byName.set(name, { hook, byPlugin, made: new Map() });
    }
  }

  /** The chain of a hook; undefined if no plugin is on it. */
  of(hook: string): HookChain | undefined {
    return this.#byHook.get(hook);
  }

  /** @throws PluginError PLUGIN_NOT_FOUND */
  ofPlugin(plugin: string, hook: string): NamedChain {
    const chains = this.#byName.get(hook);
    const made = chains?.made.get(plugin);
    if (made !== undefined) return made;
    const registration = chains?.byPlugin.get(plugin);
    if (chains === undefined || registration === undefined) throw notFound(plugin, hook);
    const named = this.#chainOfOne(chains.hook, registration);
    chains.made.set(plugin, named);
    return named;
  }

  #step({ plugin, handler }: Registration): ChainStep {
    return stepOf(plugin, handler, plugin.config.timeoutMs ?? this.#settings.manager.pluginTimeoutMs);
  }

  /** Whoever calls a plugin by name decides what its answer means: nothing of it is dropped here, errors excepted. */
  #chainOfOne(hook: HookDefinition, registration: Registration): NamedChain {
    const step = this.#step(registration);
    const rights = {
      ...step.plugin.rights,
      mayBlock: true,
      mayModify: true,
      keepsModificationOfBlock: true,
      mergesState: true,
      raisesViolations: false,
      // Of what else would run after the answer: here somebody waits for it.
      raisesErrors: this.#settings.manager.failOnPluginError || step.plugin.rights.onError === 'fail',
      schedule: 'inTurn' as const,
    };
    // Whose decision counts is for the chain to say that the answer goes into.
    const asked = { ...hook, reportsDecision: false };
    const named = stepOf(chainPlugin(step.plugin, rights), step.handler, step.timeoutMs);
    const rules: MergeRules = {
      ...this.#rules(hook),
      hook: asked,
      policy: undefined,
      defaultPolicy: 'allow',
      blockAnswersInput: false,
      asGiven: true,
    };
    const chain = this.#chain(asked, [named], rules);
    let raising = rights.raisesErrors ? chain : undefined;
    return {
      chain,
      id: step.plugin.id,
      raising: () => {
        const strict = chainPlugin(step.plugin, { ...rights, raisesErrors: true });
        raising ??= this.#chain(asked, [stepOf(strict, step.handler, step.timeoutMs)], rules);
        return raising;
      },
    };
  }

  /** Each with the same shape, which is looked at for every request. */
  #chain(
    hook: HookDefinition,
    steps: readonly ChainStep[],
    rules: MergeRules,
    { background = [], conditional = [], gates = allOpen }: ChosenSometimes = {},
  ): HookChain {
    const { manager, logger } = this.#settings;
    const sideBySide = steps.filter(({ plugin }) => plugin.rights.schedule === 'sideBySide').length;
    return {
      hook,
      steps,
      sideBySide,
      background,
      declared: { steps: steps.map(({ declared }) => declared) },
      conditional,
      gates,
      executionPool: manager.executionPool,
      generation: this.generation,
      log: { logger, hook: hook.name },
      rules,
    };
  }

  #rules(hook: HookDefinition): MergeRules {
    const { policies, defaultPolicy, logger, manager } = this.#settings;
    const policy = Object.hasOwn(policies, hook.name) ? policies[hook.name] : undefined;
    const { payload, result } = hookReaders(hook);
    return {
      hook,
      payload,
      result,
      policy,
      defaultPolicy,
      maxPayloadSize: manager.maxPayloadSize,
      blockAnswersInput: hook.result === undefined && policy === undefined && defaultPolicy === 'allow',
      asGiven: false,
      warn: (plugin, message) =>
        logger.warn({ plugin: plugin.name, hook: hook.name }, `plugin ${plugin.name}: ${message}`),
    };
  }
}

function stepOf(plugin: ChainPlugin, handler: HookHandler, timeoutMs: number): ChainStep {
  const { mayBlock, raisesErrors, schedule } = plugin.rights;
  const sideBySide = schedule === 'sideBySide';
  const code = codeOf(handler);
  const writes = new WriteWatch(code === 'unknown' ? plugin.code : code);
  const declared = { plugin: plugin.name, sideBySide, mayBlock, raisesErrors, timeoutMs };
  return { plugin, handler, writes, timeoutMs, declared };
}

function notFound(plugin: string, hook: string): PluginError {
  // Plain JavaScript may ask for anything.
  const [pluginName, hookName] = [plugin, hook].map((name) => (typeof name === 'string' ? name : describeValue(name)));
  const message = `Unable to find ${hookName} for plugin ${pluginName}.  Make sure the plugin is registered.`;
  return new PluginError({ message, pluginName: `${pluginName}` }, { code: 'PLUGIN_NOT_FOUND' });
}
