/** Why an agent may use something, or not. */
export interface RuleDecision {
  readonly allowed: boolean;
  /**
   * Where the rule that decided stands: `agents.a.deny.tools.p[0]`. Undefined where no rule did. For a tool that is allowed
   * because no rule says which of a server's tools are, it is the one that allows the server.
   */
  readonly rule: string | undefined;
  /** In words, for people. */
  readonly reason: string;
}

/** Who may use what. One matcher for listing, deciding and explaining. */
export interface Rules {
  readonly agents: readonly string[];
  /** Whether a call that names no agent is refused instead of being made in the name of a default one. */
  readonly denyOnMissingAgent: boolean;
  /**
   * Whether a server may be used at all: whether it is listed, and on its prompts and resources, which have no rules of
   * their own. An agent that is not in the rules may use nothing.
   */
  server(agent: string, server: string): RuleDecision;
  /** Whether a tool is listed and may be called. Includes the decision on the server. */
  tool(agent: string, server: string, tool: string): RuleDecision;
}
