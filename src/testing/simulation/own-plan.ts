import { resolve, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { jsonFromData, readJsonFile } from '../../config/source/json-source.js';
import { expandHome } from '../../config/source/path-base.js';
import type { ServerEntry } from '../../downstream/server-entry.js';
import { readServers } from '../../downstream/servers-file/read-servers.js';
import { readPins } from '../../gateway/pins/pin-file.js';
import { readRules } from '../../gateway/rules/read-rules.js';
import { isRecord } from '../../json/records.js';
import { madeUpPlan, madeUpTools } from './made-up-plan.js';
import { ownPlugins, type OwnPlugins } from './own-plugins.js';
import type { WorldPlan } from './world-plan.js';
import type { FaceName } from '../../gateway/gateway-options.js';
import type { ServersInput } from '../../downstream/servers-file/servers-input.js';
import type { RulesInput } from '../../gateway/rules/rules-input.js';

/** What a world is made of that is somebody's own; what is left out is made up. */
export interface OwnWorld extends OwnPlugins {
  readonly servers?: string | URL | ServersInput | undefined;
  readonly rules?: string | URL | RulesInput | undefined;
  readonly face?: FaceName | undefined;
  /** File with approved tools: scripted servers have the tools that it names. */
  readonly lockFile?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/** Makes the plan of a seed. */
export type PlanOfSeed = (seed: number) => WorldPlan;

/**
 * Reads what is somebody's own, once for all seeds.
 *
 * @throws ConfigError CONFIG_UNREADABLE, CONFIG_INVALID
 */
export async function ownPlan(own: OwnWorld): Promise<PlanOfSeed> {
  const { config, servers, rules } = own;
  if (config === undefined && servers === undefined && rules === undefined) {
    return (seed) => ({ ...madeUpPlan(seed), ...(own.face !== undefined && { face: own.face }) });
  }
  const plugins = config === undefined ? undefined : ownPlugins({ ...own, config });
  const ruled = rules === undefined ? undefined : ownRules(rules);
  const served =
    servers === undefined ? undefined : await ownServers(servers, own.env, own.lockFile ?? 'gatechart.lock');
  return (seed) => {
    const madeUp = madeUpPlan(seed);
    return {
      ...madeUp,
      ...(served ?? (ruled === undefined ? {} : madeUpServers(ruled.servers, madeUp))),
      face: own.face ?? 'on-demand',
      agents: ruled?.agents ?? ['agent'],
      ruleVariants: ruled?.ruleVariants ?? [undefined],
      plugins,
      env: own.env,
    };
  };
}

type Served = Pick<
  WorldPlan,
  'servers' | 'serverVariants' | 'baseDir' | 'maxStarts' | 'maxSessions' | 'connection' | 'drainMs'
>;

async function ownServers(
  source: string | URL | ServersInput,
  env: NodeJS.ProcessEnv,
  lockFile: string,
): Promise<Served> {
  const path = source instanceof URL ? fileURLToPath(source) : source;
  const file = typeof path === 'string' ? resolve(expandHome(path)) : undefined;
  const named = typeof path === 'string' ? path : 'the servers';
  const baseDir = file === undefined ? process.cwd() : dirname(file);
  const { entries } = readServers(source, { env, baseDir });
  const pins = await readPins(lockFile);
  const json = file === undefined ? jsonFromData(Object(source), named) : readJsonFile(file, named);
  const data = unpinned(json.data);
  const [, ...others] = Object.keys(serversIn(data));
  return {
    servers: entries.map((entry) => ({
      name: entry.name,
      prefix: entry.alias ?? entry.name,
      tools: toolsOf(entry, [...(pins.get(entry.name)?.keys() ?? [])]),
    })),
    serverVariants: [
      data,
      mapServers(data, (entry) => ({
        ...entry,
        args: [...(Array.isArray(entry['args']) ? entry['args'] : []), '--again'],
      })),
      ...(others.length > 0 ? [mapServers(data, (entry, name) => (others.includes(name) ? entry : undefined))] : []),
    ],
    baseDir,
    maxStarts: 8,
    maxSessions: 100,
    drainMs: 30_000,
    connection: {},
  };
}

type Entry = Readonly<Record<string, unknown>>;

/** What is pinned cannot be simulated: the definitions of tools that were approved are not in the file. */
function unpinned(data: unknown): ServersInput {
  return mapServers(Object(data), ({ pin: _pin, ...entry }) => entry);
}

function serversIn(data: object): Readonly<Record<string, unknown>> {
  const key = 'mcpServers' in data ? 'mcpServers' : 'servers';
  const servers: unknown = Reflect.get(data, key);
  return isRecord(servers) ? servers : {};
}

function mapServers(data: object, change: (entry: Entry, name: string) => Entry | undefined): ServersInput {
  const key = 'mcpServers' in data ? 'mcpServers' : 'servers';
  const changed = Object.entries(serversIn(data)).flatMap(([name, entry]) => {
    const made = isRecord(entry) ? change(entry, name) : entry;
    return made === undefined ? [] : [[name, made] as const];
  });
  return Object({ ...data, [key]: Object.fromEntries(changed) });
}

/** Those that were approved, or those that the entry names, or some. */
function toolsOf({ tools }: ServerEntry, pinned: readonly string[]): readonly string[] {
  if (pinned.length > 0) return pinned;
  const named = (tools.allow ?? []).filter((name) => !/[*?[]/.test(name));
  return [...new Set([...named, ...madeUpTools])];
}

interface Ruled extends Pick<WorldPlan, 'agents' | 'ruleVariants'> {
  readonly servers: readonly string[];
}

function ownRules(source: string | URL | RulesInput): Ruled {
  const { rules, servers } = readRules(source);
  const path = source instanceof URL ? fileURLToPath(source) : source;
  const json =
    typeof path === 'string' ? readJsonFile(resolve(expandHome(path)), path) : jsonFromData(path, 'the rules');
  const data = Object(json.data) as RulesInput;
  const [first = 'agent', ...others] = rules.agents;
  const rest = Object.entries(data.agents ?? {}).filter(([name]) => name !== others[0]);
  return {
    agents: [first, ...others],
    servers,
    ruleVariants: others.length === 0 ? [data] : [data, { ...data, agents: Object.fromEntries(rest) }],
  };
}

/** Rules without servers: those that they name are made up. */
function madeUpServers(names: readonly string[], madeUp: WorldPlan): Pick<WorldPlan, 'servers' | 'serverVariants'> {
  if (names.length === 0) return madeUp;
  return {
    servers: names.map((name) => ({ name, prefix: name, tools: madeUpTools })),
    serverVariants: [{ mcpServers: Object.fromEntries(names.map((name) => [name, { command: 'simulated' }])) }],
  };
}
