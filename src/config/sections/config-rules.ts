import { reportForeignSettings } from './foreign-settings.js';
import type { PathBase } from '../source/path-base.js';
import { errorAt, type Path, pathText, type Report, warningAt } from '../problem.js';
import { asList, asRecord, isGiven, type Written } from '../written.js';
import { isRecord } from '../../json/records.js';
import { checkGrpc, checkMcp, checkServerTls, checkUds, checkUnixSocket } from './transport-rules.js';

const transports = ['mcp', 'grpc', 'unix_socket'] as const;

/** Something that must hold in a configuration as written. */
export type ConfigRule = (config: Written, base: PathBase, report: Report) => void;

/**
 * What holds between keys, which a schema of single keys cannot say. Reads the configuration as written, so that these
 * are told together with wrong types. `lineOf` words the line of a path, for messages that name two entries; where it is
 * `strict`, plugins that never run are errors.
 */
export function checkRules(
  config: Written,
  base: PathBase,
  lineOf: (path: Path) => string,
  strict: boolean,
  report: Report,
): void {
  asList(config.plugins).forEach((entry, index) => {
    if (isRecord(entry)) checkPlugin(entry, ['plugins', index], base, strict, report);
  });
  checkNames(asList(config.plugins), lineOf, report);
  for (const key of ['server_settings', 'grpc_server_settings']) {
    const server = asRecord(config[key]);
    if (isGiven(server.uds)) checkUds(server, [key], report);
    checkServerTls(server.tls, [key, 'tls'], base, report);
  }
  reportForeignSettings(config, report);
}

function checkPlugin(plugin: Written, path: Path, base: PathBase, strict: boolean, report: Report): void {
  const given = transports.filter((key) => isGiven(plugin[key]));
  if (plugin.kind === 'external') {
    if (given.length === 0) {
      report(errorAt(path, 'an external plugin needs one of `mcp`, `grpc` and `unix_socket`, and there is none'));
    }
    for (const key of given.slice(1)) {
      report(
        errorAt([...path, key], `an external plugin takes one transport, and there is \`${given[0]}\` already`, 'key'),
      );
    }
    if (isRecord(plugin.config) && Object.keys(plugin.config).length > 0) {
      report(
        errorAt(
          [...path, 'config'],
          'an external plugin takes no `config`; it is set where the plugin is served',
          'key',
        ),
      );
    }
  } else {
    for (const key of given) {
      report(warningAt([...path, key], `\`${key}\` has no effect; it is for plugins of \`kind: external\``));
    }
  }
  const disabled = plugin.mode === 'disabled';
  // A guard that never runs looks like one that finds nothing. Servers tell the hooks of external plugins that give none.
  const leavesHooksToServer = plugin.kind === 'external' && !Array.isArray(plugin.hooks);
  if (!disabled && !leavesHooksToServer && asList(plugin.hooks).length === 0) {
    const message = 'this plugin never runs: it lists no `hooks`';
    report(strict ? errorAt(path, message, 'key') : warningAt(path, message));
  }
  if (isRecord(plugin.mcp)) checkMcp(plugin.mcp, [...path, 'mcp'], disabled, base, report);
  if (isRecord(plugin.grpc)) checkGrpc(plugin.grpc, [...path, 'grpc'], base, report);
  if (isRecord(plugin.unix_socket)) checkUnixSocket(plugin.unix_socket, [...path, 'unix_socket'], report);
}

/** Servers find plugins by name without regard to case, so names must differ in more than that. */
function checkNames(plugins: readonly unknown[], lineOf: (path: Path) => string, report: Report): void {
  const seen = new Map<string, Path>();
  plugins.forEach((plugin, index) => {
    const { name } = asRecord(plugin);
    if (typeof name !== 'string') return;
    const path: Path = ['plugins', index, 'name'];
    const first = seen.get(name.toLowerCase());
    if (first === undefined) {
      seen.set(name.toLowerCase(), path);
      return;
    }
    const other = `${pathText(first)}${lineOf(first)}`;
    report(
      errorAt(
        path,
        (found) =>
          `expected a name no other plugin has (upper and lower case count as the same), found ${found}${lineOf(path)}, as in ${other}`,
      ),
    );
  });
}
