import { longestName } from './pattern.js';
import type { RuleDecision } from './rules.js';
import type { AgentEntry, Rule, ToolRules } from './rules-file.js';
import { shown } from './shown-name.js';

/** What the rules of an agent say of one server: of the server, and of its tools. */
export interface ServerRules {
  readonly server: RuleDecision;
  tool(tool: string): RuleDecision;
}

/**
 * The rules that concern one server, read once. Six steps decide, and the first that applies is the one that is told: a
 * rule that denies the name, a pattern that denies it, a rule that allows the name, a pattern that allows it, for tools no
 * list of what is allowed at all, and else nothing is allowed. Within a step what is said of the server itself comes
 * before what is said of several, and then the order of the file.
 */
export function serverRules(agent: AgentEntry, server: string): ServerRules {
  const decision = decideServer(agent, server);
  if (!decision.allowed) return { server: decision, tool: () => decision };
  const subject = (tool: string): string => `tool ${shown(tool)} of server ${shown(server)}`;
  const deny = rulesOf(agent.deny.tools, server);
  const allow = rulesOf(agent.allow.tools, server);
  const owner = ownerOf(agent);
  return {
    server: decision,
    tool(tool) {
      if (tool.length > longestName) return tooLong('tool');
      const found = firstOf(deny, allow, tool);
      if (found !== undefined) return decided(found, `${owner} ${verbOf(found)} ${subject(tool)} ${found.by}`);
      if (allow.length > 0) {
        return refused(`${owner} allow other tools of server ${shown(server)}, and not ${shown(tool)}`);
      }
      return { ...decision, reason: `${decision.reason}, and do not say which of its tools: all that are not denied` };
    },
  };
}

function decideServer(agent: AgentEntry, server: string): RuleDecision {
  if (agent.unknownKey !== undefined) {
    const { unknownKey: rule } = agent;
    return {
      allowed: false,
      rule,
      reason: `${rule} is not a known key: until it is put right, the agent may use nothing`,
    };
  }
  if (server.length > longestName) return tooLong('server');
  const found = firstOf(agent.deny.servers, agent.allow.servers, server);
  if (found === undefined) return refused(`${ownerOf(agent)} do not allow server ${shown(server)}`);
  return decided(found, `${ownerOf(agent)} ${verbOf(found)} server ${shown(server)} ${found.by}`);
}

/** The rule that decides, and whether it has the name itself or a pattern for it. */
interface Found {
  readonly rule: Rule;
  readonly allowed: boolean;
  readonly by: string;
}

function firstOf(deny: readonly Rule[], allow: readonly Rule[], name: string): Found | undefined {
  return firstIn(deny, name, false) ?? firstIn(allow, name, true);
}

function firstIn(rules: readonly Rule[], name: string, allowed: boolean): Found | undefined {
  const named = rules.find(({ pattern }) => pattern.is(name));
  if (named !== undefined) return { rule: named, allowed, by: 'by name' };
  const rule = rules.find(({ pattern }) => pattern.wild && pattern.matches(name));
  return rule === undefined ? undefined : { rule, allowed, by: `by the pattern ${shown(rule.pattern.text)}` };
}

function rulesOf(lists: readonly ToolRules[], server: string): Rule[] {
  const own = lists.filter(({ servers }) => servers.is(server));
  const wider = lists.filter(({ servers }) => !servers.is(server) && servers.matches(server));
  return [...own, ...wider].flatMap(({ rules }) => rules);
}

function decided({ rule, allowed }: Found, reason: string): RuleDecision {
  return { allowed, rule: rule.path, reason };
}

function refused(reason: string): RuleDecision {
  return { allowed: false, rule: undefined, reason };
}

function tooLong(what: string): RuleDecision {
  return refused(`the name of the ${what} has more than ${longestName} characters`);
}

function verbOf({ allowed }: Found): string {
  return allowed ? 'allow' : 'deny';
}

function ownerOf({ name }: AgentEntry): string {
  return `the rules of agent ${shown(name)}`;
}
