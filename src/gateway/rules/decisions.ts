import { type ServerRules, serverRules } from './agent-rules.js';
import { longestName } from './pattern.js';
import type { RuleDecision, Rules } from './rules.js';
import type { AgentEntry, RulesFile } from './rules-file.js';
import { shown } from './shown-name.js';

/** Decisions that are kept for each agent. Callers make names up, so there is an end to them, and to their length. */
const mostKept = 4_096;

/** The rules of a file, ready to decide. A decision that was made before costs two look-ups. */
export function createRules({ agents, denyOnMissingAgent }: RulesFile): Rules {
  const byName = new Map(agents.map((agent) => [agent.name, new AgentDecisions(agent)]));
  return {
    agents: agents.map(({ name }) => name),
    denyOnMissingAgent,
    server: (agent, server) => byName.get(agent)?.server(server) ?? unknownAgent(agent),
    tool: (agent, server, tool) => byName.get(agent)?.tool(server, tool) ?? unknownAgent(agent),
  };
}

function unknownAgent(agent: string): RuleDecision {
  return { allowed: false, rule: undefined, reason: `agent ${shown(agent)} is not in the rules` };
}

interface KeptServer extends ServerRules {
  readonly tools: Map<string, RuleDecision>;
}

class AgentDecisions {
  readonly #agent: AgentEntry;
  readonly #servers = new Map<string, KeptServer>();
  #kept = 0;

  constructor(agent: AgentEntry) {
    this.#agent = agent;
  }

  server(server: string): RuleDecision {
    return this.#rulesOf(server).server;
  }

  tool(server: string, tool: string): RuleDecision {
    const rules = this.#rulesOf(server);
    // Nothing about its tools is kept of a server that may not be used.
    if (!rules.server.allowed) return rules.server;
    const kept = rules.tools.get(tool);
    if (kept !== undefined) return kept;
    const decision = rules.tool(tool);
    if (tool.length > longestName) return decision;
    this.#makeRoom();
    rules.tools.set(tool, decision);
    return decision;
  }

  #rulesOf(server: string): KeptServer {
    const kept = this.#servers.get(server);
    if (kept !== undefined) return kept;
    const rules = { ...serverRules(this.#agent, server), tools: new Map<string, RuleDecision>() };
    if (server.length > longestName) return rules;
    this.#makeRoom();
    this.#servers.set(server, rules);
    return rules;
  }

  #makeRoom(): void {
    if (this.#kept++ < mostKept) return;
    this.#servers.clear();
    this.#kept = 1;
  }
}
