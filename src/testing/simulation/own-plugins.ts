import { fileURLToPath } from 'node:url';
import { loadConfig } from '../../config/load-config.js';
import type { PluginConfig } from '../../config/sections/plugin-entry.js';
import type { HookDefinition } from '../../hooks/hook.js';
import { gatewayPolicies } from '../../hooks/payload-policy.js';
import { startManager } from '../../manager/create-manager.js';
import type { PluginKind } from '../../plugins/plugin-loader.js';
import type { PluginPlan } from './world-plan.js';

/** Plugins that are somebody's own. */
export interface OwnPlugins {
  readonly config?: string | URL | object | undefined;
  readonly kinds?: Readonly<Record<string, PluginKind>> | undefined;
  readonly hooks?: readonly HookDefinition[] | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/**
 * The plugins of a configuration as they are, but for those that live elsewhere: scripted ones stand in for them, on the
 * same hooks, in the same mode and place.
 *
 * @throws ConfigError CONFIG_UNREADABLE, CONFIG_INVALID
 */
export function ownPlugins({
  config: source,
  kinds = {},
  hooks,
  env,
}: OwnPlugins & { config: string | URL | object }): PluginPlan {
  const loaded = loadConfig(source instanceof URL ? fileURLToPath(source) : source, { env });
  const external = loaded.config.plugins.filter(({ kind }) => kind === 'external').map(({ name }) => name);
  const plugins = loaded.config.plugins.map((entry) => (external.includes(entry.name) ? standIn(entry) : entry));
  return {
    scripted: external,
    modes: new Map(plugins.map(({ name, mode }) => [name, mode])),
    variants: [],
    start: ({ scripted, recorder, ...given }) =>
      startManager(
        { ...loaded, config: { ...loaded.config, plugins } },
        {
          ...given,
          ...(recorder !== undefined && { recorder }),
          ...(hooks !== undefined && { hooks }),
          kinds: { ...kinds, ...Object.fromEntries(external.map((name) => [kindOf(name), scripted(name)])) },
          policies: gatewayPolicies,
        },
      ),
  };
}

/** The hooks of an external plugin that leaves them to its server. */
const madeUpHooks = ['tool_pre_invoke', 'tool_post_invoke'];

/** Hooks that a scripted plugin has. */
const scriptedHooks: ReadonlySet<string> = new Set([...madeUpHooks, 'prompt_pre_fetch', 'resource_pre_fetch']);

function standIn({ mcp: _mcp, grpc: _grpc, unixSocket: _unixSocket, ...entry }: PluginConfig): PluginConfig {
  const hooks = (entry.hooks.length > 0 ? entry.hooks : madeUpHooks).filter((hook) => scriptedHooks.has(hook));
  return { ...entry, kind: kindOf(entry.name), hooks };
}

function kindOf(name: string): string {
  return `simulated:${name}`;
}
