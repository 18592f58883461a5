import { onErrorNames, type PluginModeName } from '../../config/sections/plugin-modes.js';
import { gatewayPolicies } from '../../hooks/payload-policy.js';
import { createManager } from '../../manager/create-manager.js';
import { Chance } from './chance.js';
import { harmlessTool } from './server-words.js';
import type { PluginPlan, WorldPlan } from './world-plan.js';
import type { RulesInput } from '../../gateway/rules/rules-input.js';

/** Tools of servers that nobody says more of. */
export const madeUpTools: readonly string[] = [harmlessTool, 'write', 'search', 'send'];
const agents = ['ann', 'bob', 'cyd'] as const;
const modes = [
  'enforce',
  'enforce_ignore_error',
  'permissive',
  'sequential',
  'transform',
  'audit',
  'concurrent',
  'fire_and_forget',
] as const satisfies readonly [PluginModeName, ...PluginModeName[]];
const hooks = ['tool_pre_invoke', 'tool_post_invoke', 'prompt_pre_fetch', 'resource_pre_fetch'];

/** A world that nobody configured: servers, rules and plugins that a seed makes up. */
export function madeUpPlan(seed: number): WorldPlan {
  const chance = new Chance(seed);
  const count = chance.between(1, 3);
  const names = Array.from({ length: count }, (_, index) => `server${index + 1}`);
  const first = serversFile(chance, names);
  return {
    face: chance.percent(60) ? 'on-demand' : 'transparent',
    agents,
    servers: names.map((name) => ({ name, prefix: name, tools: madeUpTools })),
    serverVariants: [first, variantOf(chance, first), variantOf(chance, first)],
    ruleVariants: chance.percent(25) ? [undefined] : [rulesFile(chance, names), rulesFile(chance, names)],
    plugins: chance.percent(75) ? pluginPlan(chance) : undefined,
    env: {},
    baseDir: '/',
    maxStarts: chance.between(1, 2),
    maxSessions: chance.between(2, 8),
    drainMs: chance.pick([0, 50, 2_000]),
    connection: {
      reconnectAttempts: chance.between(1, 3),
      reconnectDelayMs: chance.pick([1, 20, 300]),
      stablePeriodMs: chance.pick([1, 500]),
      reconnectWindowMs: chance.pick([0, 400, 5_000]),
      cooldownMs: chance.pick([10, 500]),
      maxCooldownMs: 2_000,
      suspectAfter: chance.between(1, 3),
      pingTimeoutMs: 50,
      maxWaiting: chance.between(1, 6),
    },
  };
}

type Entry = Readonly<Record<string, unknown>>;
type ServersData = { readonly mcpServers: Readonly<Record<string, Entry>> };

function serversFile(chance: Chance, names: readonly string[]): ServersData {
  return { mcpServers: Object.fromEntries(names.map((name) => [name, entryOf(chance)])) };
}

function entryOf(chance: Chance): Entry {
  return {
    ...(chance.percent(60)
      ? { command: 'simulated', args: [`--generation=${chance.below(3)}`] }
      : { type: 'http', url: `http://127.0.0.1:9/simulated/${chance.below(3)}` }),
    timeout: chance.pick([200, 700, 2_000]),
    connectTimeout: chance.pick([40, 150, 600]),
    isolation: chance.pick(['shared', 'shared', 'per-agent', 'per-client', 'per-call']),
    replay: chance.pick(['never', 'never', 'once', ['write']]),
    maxConcurrent: chance.between(1, 4),
    ...(chance.percent(30) && { idleTimeout: chance.pick([30, 800]) }),
    ...(chance.percent(20) && { eager: true }),
    ...(chance.percent(30) && { trustAnnotations: true }),
    ...(chance.percent(30) && { tools: { deny: ['sen*'] } }),
  };
}

/** Another servers file: entries changed a little, or much, or gone. */
function variantOf(chance: Chance, { mcpServers }: ServersData): ServersData {
  const entries = Object.entries(mcpServers).flatMap(([name, entry]) => {
    if (chance.percent(20)) return [];
    if (chance.percent(40)) return [[name, entry] as const];
    if (chance.percent(50))
      return [[name, { ...entry, timeout: chance.pick([200, 900]), maxConcurrent: chance.between(1, 4) }] as const];
    return [[name, entryOf(chance)] as const];
  });
  return { mcpServers: Object.fromEntries(entries) };
}

function rulesFile(chance: Chance, names: readonly string[]): RulesInput {
  const rules = agents.map((agent) => {
    const servers = names.filter(() => chance.percent(75));
    const denied = Object.fromEntries(
      names.filter(() => chance.percent(25)).map((name) => [name, [chance.pick(['write', 'se*'])]]),
    );
    return [agent, { allow: { servers }, deny: { tools: denied } }] as const;
  });
  return { agents: Object.fromEntries(rules) };
}

function pluginPlan(chance: Chance): PluginPlan {
  const entries = Array.from({ length: chance.between(1, 4) }, (_, index) => ({
    name: `plugin${index + 1}`,
    kind: `plugin${index + 1}`,
    hooks,
    mode: chance.pick(modes),
    priority: chance.between(1, 3),
    ...(chance.percent(40) && { on_error: chance.pick(onErrorNames) }),
  }));
  const settings = {
    plugin_timeout: chance.pick([0.03, 0.2]),
    execution_pool: chance.pick([0, 1, 2]),
    ...(chance.percent(30) && { disabled_retry_after: 0.1 }),
  };
  const configs = [entries, entries.slice(1), entries.map((entry) => ({ ...entry, mode: chance.pick(modes) }))].map(
    (plugins) => ({ plugins, plugin_settings: settings }),
  );
  return {
    scripted: entries.map(({ name }) => name),
    modes: new Map(entries.map(({ name, mode }) => [name, mode])),
    variants: configs,
    start: ({ scripted, recorder, ...given }) =>
      createManager({
        ...given,
        ...(recorder !== undefined && { recorder }),
        config: configs[0] ?? {},
        kinds: Object.fromEntries(entries.map(({ name }) => [name, scripted(name)])),
        policies: gatewayPolicies,
        startTimeoutMs: 1_000,
        shutdownTimeoutMs: 500,
      }),
  };
}
