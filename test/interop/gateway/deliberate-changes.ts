import { isDeepStrictEqual } from 'node:util';
import type { ModelAgent, ModelLists, ModelRules } from '../../models/rules-model.js';
import type { Question } from '../../models/rules-generator.js';

/** A difference to agent-mcp-gateway that is meant. */
export interface DeliberateChange {
  /** The first cell of its row in `docs/guides/come-from-agent-mcp-gateway.md`. */
  readonly row: string;
  /** The rules as they have to be written here for what the other one reads in them. The same where it makes no difference. */
  undo(file: ModelRules, question: Question): ModelRules;
}

export const rows = {
  unknownAgent: 'An agent that is not in the rules, with `deny_on_missing_agent: false`',
  wideKeys: '`*`, or another pattern, as a key of `tools`',
  literals: '`?` and `[…]` in a rule for tools that has no `*`',
  unknownKeys: 'A key inside an agent that is not known',
  lists: 'What `list_servers` shows',
  widerPatterns: '`*` inside of a pattern, more than once, or for servers',
  emptyRules: 'A rule that no name can match: `""`, `[z-a]`',
  misplacedRules: '`allow` or `deny` outside of the agents',
} as const;

export const deliberateChanges: readonly DeliberateChange[] = [
  {
    row: rows.unknownAgent,
    undo(file, { agent }) {
      const known = Object.hasOwn(file.agents ?? {}, agent);
      if (known || file.defaults?.deny_on_missing_agent !== false) return file;
      return { ...file, agents: { ...file.agents, [agent]: { allow: { servers: ['*'] } } } };
    },
  },
  {
    row: rows.wideKeys,
    undo: (file, { server }) =>
      withTools(file, (tools) => Object.entries(tools).filter(([key]) => key === server || !/[*?[]/.test(key))),
  },
  {
    row: rows.literals,
    undo: (file) =>
      withTools(file, (tools) => Object.entries(tools).map(([key, rules]) => [key, rules.map(asLiteral)])),
  },
  {
    row: rows.unknownKeys,
    undo: (file) => withAgents(file, ({ allow, deny }) => ({ ...(allow && { allow }), ...(deny && { deny }) })),
  },
];

function asLiteral(rule: string): string {
  return rule.includes('*') ? rule : rule.replaceAll(/[?[]/g, '[$&]');
}

function withTools(
  file: ModelRules,
  change: (tools: Readonly<Record<string, readonly string[]>>) => (readonly [string, readonly string[]])[],
): ModelRules {
  const lists = (all: ModelLists): ModelLists =>
    all.tools === undefined ? all : { ...all, tools: Object.fromEntries(change(all.tools)) };
  return withAgents(file, ({ allow, deny, ...rest }) => ({
    ...rest,
    ...(allow && { allow: lists(allow) }),
    ...(deny && { deny: lists(deny) }),
  }));
}

function withAgents(file: ModelRules, change: (agent: ModelAgent) => ModelAgent): ModelRules {
  const agents = Object.entries(file.agents ?? {}).map(([name, agent]): [string, ModelAgent] => [name, change(agent)]);
  return { ...file, agents: Object.fromEntries(agents) };
}

/** Whether the other one refuses a file that this one takes. */
export function hasWiderPatterns(file: ModelRules): boolean {
  return !isDeepStrictEqual(withoutWiderPatterns(file), file);
}

/** A file without what makes the other one refuse it. */
export function withoutWiderPatterns(file: ModelRules): ModelRules {
  const isServer = (rule: string): boolean => rule === '*' || !rule.includes('*');
  const isTool = (rule: string): boolean => !/^.+\*.+$|\*.*\*/s.test(rule);
  const narrow = withTools(file, (tools) => Object.entries(tools).map(([key, rules]) => [key, rules.filter(isTool)]));
  const lists = (all: ModelLists): ModelLists =>
    all.servers === undefined ? all : { ...all, servers: all.servers.filter(isServer) };
  return withAgents(narrow, ({ allow, deny, ...rest }) => ({
    ...rest,
    ...(allow && { allow: lists(allow) }),
    ...(deny && { deny: lists(deny) }),
  }));
}
