/** Why an agent may use something, or not. */
export interface RuleDecision {
  readonly allowed: boolean;
  /** Where the rule that decided stands: `agents.a.deny.tools.p[0]`. Undefined where no rule did. */
  readonly rule: string | undefined;
  /** In words, for people. */
  readonly reason: string;
}

/** Who may use what. One matcher for listing, deciding and explaining. */
export interface Rules {
  readonly agents: readonly string[];
  readonly denyOnMissingAgent: boolean;
  /** Whether any tool of a server may be used; an agent that is not in the rules may use nothing. */
  server(agent: string, server: string): RuleDecision;
  /** Includes the decision on the server. */
  tool(agent: string, server: string, tool: string): RuleDecision;
}
