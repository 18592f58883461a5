import { type Path, type Problem, warningAt } from '../../config/problem.js';
import { serverRules } from './agent-rules.js';
import type { AgentEntry, RulesFile, ToolRules } from './rules-file.js';

/** What in a rules file that can be used does less, or more, than it seems to. */
export function ruleWarnings(file: RulesFile): Problem[] {
  return [...missingAgentWarning(file), ...file.agents.flatMap(agentWarnings)];
}

function missingAgentWarning({ denyOnMissingAgent }: RulesFile): Problem[] {
  if (denyOnMissingAgent) return [];
  const message =
    'only calls that name no agent are made in the name of a default one; an agent that is named and not in the rules may use nothing';
  return [warningAt(['defaults', 'deny_on_missing_agent'], message)];
}

function agentWarnings(agent: AgentEntry): Problem[] {
  if (agent.unknownKey !== undefined) return [];
  const why = whyNothing(agent);
  const idle = why === undefined ? [] : [warningAt(['agents', agent.name], `this agent may use nothing: ${why}`)];
  const lists = [...agent.allow.tools, ...agent.deny.tools];
  const unused = why === undefined ? agent.allow.tools.filter((list) => isIdle(agent, list)) : [];
  return [
    ...idle,
    ...agent.allow.tools.filter(({ rules }) => rules.length === 0).map(({ path }) => warningAt(path, emptyList)),
    ...lists.filter(({ servers }) => servers.wild).map(({ path }) => warningAt(path, wideKey)),
    ...unused.map(({ path }) => warningAt(path, idleList)),
  ];
}

const emptyList = 'an empty list is as good as none, and allows all tools; to allow none, deny `*`';
const wideKey =
  'these rules act on every server that matches, in addition to its own; agent-mcp-gateway took the key for the name of a server';
const idleList = 'these rules have no effect: the agent may not use the server; add it to `allow.servers`';

function whyNothing({ allow, deny }: AgentEntry): string | undefined {
  if (allow.servers.length === 0) return '`allow.servers` names no server';
  const all = deny.servers.find(({ pattern }) => /^\*+$/.test(pattern.text));
  return all === undefined ? undefined : `${all.path} denies all servers`;
}

function isIdle(agent: AgentEntry, { servers }: ToolRules): boolean {
  return !servers.wild && !serverRules(agent, servers.text).server.allowed;
}

/** Where rules name servers that are not among those given. They may come to be configured, so they are no errors. */
export function unconfiguredServers({ agents }: RulesFile, servers: readonly string[]): Problem[] {
  const configured = new Set(servers);
  return agents.flatMap((agent) =>
    namedServers(agent)
      .filter(({ name }) => !configured.has(name))
      .map(({ name, path, at }) => ({
        ...warningAt(path, `there is no server ${JSON.stringify(name)}; the rules hold when there is one`),
        at,
      })),
  );
}

/** The servers that rules name, patterns apart, in the order of the file. */
export function namesOfServers({ agents }: RulesFile): string[] {
  return [...new Set(agents.flatMap((agent) => namedServers(agent).map(({ name }) => name)))];
}

interface NamedServer {
  readonly name: string;
  readonly path: Path;
  readonly at: Problem['at'];
}

function namedServers({ name: agent, allow, deny }: AgentEntry): NamedServer[] {
  return Object.entries({ allow, deny }).flatMap(([kind, { servers, tools }]) => [
    ...servers.flatMap(({ pattern }, index): NamedServer[] =>
      pattern.wild ? [] : [{ name: pattern.text, path: ['agents', agent, kind, 'servers', index], at: 'value' }],
    ),
    ...tools.flatMap(({ servers: key, path }): NamedServer[] =>
      key.wild ? [] : [{ name: key.text, path, at: 'key' }],
    ),
  ]);
}
