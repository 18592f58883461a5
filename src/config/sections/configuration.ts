import type { z } from 'zod';
import { valueAt } from '../../json/paths.js';
import { isRecord } from '../../json/records.js';
import type { Report } from '../problem.js';
import { type PathBase, pluginDirsOf } from '../source/path-base.js';
import { asList, type Written } from '../written.js';
import { filledTexts, mapOf } from './field-schemas.js';
import { givenFields } from './given-fields.js';
import { grpcServer } from './grpc-server.js';
import type { KnownPlugins } from './known-plugins.js';
import { mcpServer } from './mcp-server.js';
import type { ListenConfig, ServerLimits } from './network-server.js';
import type { PluginConfig } from './plugin-entry.js';
import { type ParsedPlugin, pluginList } from './plugin-list.js';
import { type ManagerSettings, pluginSettings } from './plugin-settings.js';
import { type RuleContext, under } from './rule-context.js';
import { reportSchemaIssues } from './schema-problems.js';
import { unixSocketServer } from './unix-socket-server.js';

/** A whole configuration, validated. */
export interface Config {
  readonly plugins: readonly PluginConfig[];
  /** Absolute; where relative module specifiers are looked up after the configuration's own folder. */
  readonly pluginDirs: readonly string[];
  readonly settings: ManagerSettings;
  readonly server?: ListenConfig;
  /** `certReqs` is `client_auth`: 0 none, 1 optional, 2 require. */
  readonly grpcServer?: ListenConfig;
  /** Absolute. */
  readonly unixSocketServerPath?: string;
  readonly unixSocketServerLimits?: ServerLimits;
  /** False: clients are not told the `config` of plugins. */
  readonly unixSocketServerExposeConfig?: boolean;
  /** Absolute folder of the configuration file, or the working directory for a plain object. */
  readonly baseDir: string;
  /** The file, for messages; absent for a plain object. */
  readonly file?: string;
}

/** A whole configuration file, in its own words. */
export const configSchema = mapOf({
  plugins: pluginList.schema.nullish(),
  plugin_dirs: filledTexts,
  plugin_settings: pluginSettings.schema.nullish(),
  server_settings: mcpServer.schema.nullish(),
  grpc_server_settings: grpcServer.schema.nullish(),
  unix_socket_server_settings: unixSocketServer.schema.nullish(),
});

/** Entries of `plugins` that are read at a time. */
const entriesAtOnce = 50;

/** Whether there are so many entries that they are read in parts. */
export function isLong(config: Written): boolean {
  return asList(config['plugins']).length > entriesAtOnce;
}

/** A configuration that the schema has let through. */
type ParsedConfig = Omit<z.output<typeof configSchema>, 'plugins'> & {
  readonly plugins?: readonly ParsedPlugin[] | null | undefined;
};

/**
 * What `configSchema` gives, a part of the entries at a time: between two parts it yields, so that who has thousands can
 * let others go on. Entries that are known are left out.
 */
export function* parseInParts(
  written: unknown,
  report: Report,
  known: KnownPlugins = [],
): Generator<undefined, ParsedConfig | undefined> {
  if (!isRecord(written) || !(isLong(written) || known.some((entry) => entry !== undefined))) {
    const whole = configSchema.safeParse(written);
    if (!whole.success) reportSchemaIssues(whole.error, (path) => valueAt(written, path), report);
    return whole.data;
  }
  const entries = asList(written['plugins']);
  const plugins: ParsedPlugin[] = [];
  for (const [index, entry] of entries.entries()) {
    if (index % entriesAtOnce === 0) yield;
    if (known[index] !== undefined) {
      plugins.push(undefined);
      continue;
    }
    const parsed = pluginList.entry.safeParse(entry);
    if (parsed.success) plugins.push(parsed.data);
    else {
      const inside: Report = (problem) => report({ ...problem, path: ['plugins', index, ...problem.path] });
      reportSchemaIssues(parsed.error, (path) => valueAt(entry, path), inside);
    }
  }
  const rest = configSchema.safeParse({ ...written, plugins: [] });
  if (!rest.success) reportSchemaIssues(rest.error, (path) => valueAt(written, path), report);
  return rest.success && plugins.length === entries.length ? { ...rest.data, plugins } : undefined;
}

/** Sections that are maps and have rules of their own. */
const rules = {
  server_settings: mcpServer.check,
  grpc_server_settings: grpcServer.check,
  plugin_settings: pluginSettings.check,
};

/** Reports what does not hold between keys, of all sections and of entries that are not known. */
export function checkConfig(config: Written, context: RuleContext, known: KnownPlugins): void {
  pluginList.check(config['plugins'], under(context, 'plugins'), known);
  for (const [key, check] of Object.entries(rules)) {
    const section = config[key];
    if (isRecord(section)) check(section, under(context, key));
  }
}

/** What is beside the file. */
interface Surroundings {
  readonly base: PathBase;
  readonly strict: boolean;
  /** What settings default to that are not in the file. */
  readonly env: NodeJS.ProcessEnv;
  readonly known: KnownPlugins;
}

/**
 * What the schema has let through, in TypeScript's names.
 *
 * @param written the same before the schema has filled in defaults
 * @throws ConfigError CONFIG_INVALID naming every variable that is needed and wrong
 */
export function readConfig(parsed: ParsedConfig, written: Written, { base, strict, env, known }: Surroundings): Config {
  const { server_settings: server, grpc_server_settings: grpc, unix_socket_server_settings: unix } = parsed;
  const socket = unix && unixSocketServer.read(unix, base);
  return {
    plugins: pluginList.read(parsed.plugins ?? [], written['plugins'], base, known),
    pluginDirs: pluginDirsOf(parsed.plugin_dirs ?? [], base),
    settings: pluginSettings.read(parsed.plugin_settings, strict, env),
    ...givenFields({
      server: server && mcpServer.read(server, base),
      grpcServer: grpc && grpcServer.read(grpc, base),
      unixSocketServerPath: socket?.path,
      unixSocketServerLimits: socket?.limits,
      unixSocketServerExposeConfig: socket?.exposeConfig,
    }),
    baseDir: base.baseDir,
  };
}
