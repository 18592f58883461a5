import { type ConfigIssue, formatIssue } from '../config/config-issue.js';
import { suggestionFor } from '../config/suggestion.js';
import type { BrokenEntry, ServerEntry } from '../downstream/server-entry.js';
import { readServers } from '../downstream/servers-file/read-servers.js';
import { GatechartError } from '../errors.js';
import { findGatewayFile, searchGatewayFile } from '../gateway/files/gateway-files.js';
import { readGatewayVariables } from '../gateway/files/gateway-variables.js';
import { toolFilter } from '../gateway/filters/tool-filter.js';
import { quoted } from '../gateway/offer/quoted-text.js';
import { type ReadRules, readRules } from '../gateway/rules/read-rules.js';
import type { RuleDecision } from '../gateway/rules/rules.js';
import type { CommandIo } from './command-io.js';
import { missingServer } from './missing-server.js';

/** The command line of `gatechart explain`. */
export interface ExplainCommand {
  readonly agent: string;
  readonly server?: string;
  readonly tool?: string;
  readonly rules?: string;
  readonly servers?: string;
  readonly strict?: boolean;
  readonly json?: boolean;
}

/** A decision, and what it is about. */
interface Explanation extends RuleDecision {
  readonly server: string;
  readonly tool?: string;
  /** Why nobody can use it, whatever the rules say. */
  readonly unusable?: string;
}

/**
 * `gatechart explain`: says what an agent may use, and which rule decides: of a tool, of a server, or of every server that
 * is configured or that the rules name.
 *
 * @returns the exit code: 0 allowed, 1 denied; of all servers 1 if none of them is allowed
 * @throws ConfigError for files that cannot be used
 */
export async function explain(command: ExplainCommand, io: CommandIo): Promise<number> {
  const { agent, server, tool, strict = false } = command;
  if (tool !== undefined && server === undefined) {
    throw new GatechartError('CONFIG_INVALID', '--tool needs --server: tools of several servers may have one name');
  }
  const variables = readGatewayVariables(io.env);
  // What the command line names is told as it is named there.
  const file = command.rules ?? findGatewayFile('rules', { variables }).path;
  const read = readRules(file, { strict });
  const servers = readConfigured(command.servers ?? searchGatewayFile('servers', { variables })?.path, io);
  warn([...read.issues, ...(servers === undefined ? [] : read.unconfigured(servers.names))], io);
  const meant = read.rules.agents.includes(agent) ? undefined : suggestionFor(agent, read.rules.agents);
  if (meant !== undefined) {
    io.stderr.write(`${file}: there is no agent ${quoted(agent)}; did you mean ${quoted(meant)}?\n`);
  }
  if (server !== undefined && servers?.names.includes(server) === false) {
    const missing = missingServer(server, servers);
    io.stderr.write(`${missing}${missing.endsWith('?') ? ' This' : '; this'} is what the rules say of one\n`);
  }
  const found = explanations(read, servers, command).map((one) => withTrouble(one, servers));
  io.stdout.write(command.json === true ? asJson(found, agent, file) : asText(found, command, file));
  return found.some(({ allowed }) => allowed) ? 0 : 1;
}

function explanations(
  { rules, servers: named }: ReadRules,
  servers: ConfiguredServers | undefined,
  { agent, server, tool }: ExplainCommand,
): Explanation[] {
  if (server === undefined) {
    return [...new Set([...(servers?.names ?? []), ...named])].map((name) => ({
      server: name,
      ...rules.server(agent, name),
    }));
  }
  if (tool === undefined) return [{ server, ...rules.server(agent, server) }];
  const decision = rules.tool(agent, server, tool);
  return [{ server, tool, ...(decision.allowed ? (filtered(server, tool, servers) ?? decision) : decision) }];
}

/** What the rules allow, the entry of a server may still keep back. */
function filtered(server: string, tool: string, servers: ConfiguredServers | undefined): RuleDecision | undefined {
  const tools = servers?.entries.find(({ name }) => name === server)?.tools;
  if (servers === undefined || tools === undefined) return undefined;
  if (toolFilter(tools)(tool)) return undefined;
  const reason = `the rules allow it, and \`tools\` in the entry of server ${JSON.stringify(server)} in ${servers.file} keeps it back`;
  return { allowed: false, rule: undefined, reason };
}

/** Of a server whose entry is broken agents get nothing: what the rules say of it is half of the answer. */
function withTrouble(one: Explanation, servers: ConfiguredServers | undefined): Explanation {
  const broken = servers?.broken.find(({ name }) => name === one.server);
  return broken === undefined ? one : { ...one, unusable: broken.error };
}

interface ConfiguredServers {
  readonly file: string;
  /** Those that cannot be used are configured all the same. */
  readonly names: readonly string[];
  readonly disabled: readonly string[];
  readonly entries: readonly ServerEntry[];
  readonly broken: readonly BrokenEntry[];
}

function readConfigured(file: string | undefined, { env }: CommandIo): ConfiguredServers | undefined {
  if (file === undefined) return undefined;
  const { entries, broken, disabled, names } = readServers(file, { env });
  return { file, names, disabled, entries, broken };
}

function warn(issues: readonly ConfigIssue[], { stderr }: CommandIo): void {
  for (const issue of issues) stderr.write(`warning: ${formatIssue(issue)}\n`);
}

function asJson(found: readonly Explanation[], agent: string, file: string): string {
  const decisions = found.map(({ server, tool, allowed, rule, reason, unusable }) => {
    return {
      server,
      ...(tool === undefined ? {} : { tool }),
      allowed,
      rule: rule ?? null,
      reason,
      ...(unusable === undefined ? {} : { unusable }),
    };
  });
  return `${JSON.stringify({ agent, rules: file, decisions }, undefined, 2)}\n`;
}

function asText(found: readonly Explanation[], { agent, server }: ExplainCommand, file: string): string {
  if (found.length === 0) return `the rules name no server, and none is configured that agent ${agent} may use\n`;
  const lines = found.map(({ server: name, allowed, rule, reason, unusable }) => {
    const subject = server === undefined ? ` ${JSON.stringify(name)}` : '';
    const where = rule === undefined ? '' : `\n  ${rule} in ${file}`;
    const trouble =
      unusable === undefined ? '' : `  the server cannot be used: ${unusable.replaceAll('\n', '\n    ')}\n`;
    return `${allowed ? 'allowed' : 'denied'}${subject}: ${reason}${where}\n${trouble}`;
  });
  return lines.join('');
}
