/** What an agent may use, or may not. Names and patterns: `*`, `?`, `[seq]`, `[!seq]`. */
export interface RuleListsInput {
  readonly servers?: readonly string[];
  /** Tools by the server they are on, a name or a pattern as well. */
  readonly tools?: Readonly<Record<string, readonly string[]>>;
}

/** The rules of one agent. */
export interface AgentRulesInput {
  readonly allow?: RuleListsInput;
  readonly deny?: RuleListsInput;
}

/** Rules in code, with the keys of a rules file. */
export interface RulesInput {
  readonly $schema?: string;
  /** By the names of agents. */
  readonly agents?: Readonly<Record<string, AgentRulesInput>>;
  readonly defaults?: {
    /** Whether a call without an agent is denied. Default true. */
    readonly deny_on_missing_agent?: boolean;
  };
}
