import { describeValue } from '../../json/described-value.js';
import type { McpIdentity } from '../../serving/mcp/mcp-service.js';

/** How whoever has proven who they are is named in the rules. */
export interface ProvenAgents {
  /** The agent of a user, by the user's name. A user who is not among them is the agent of the same name. */
  readonly agents?: Readonly<Record<string, string>> | undefined;
  /** The claim of a token that names the agent. A token without it names nobody. */
  readonly claim?: string | undefined;
}

/** Whose calls the holder of an identity makes: an agent, or nobody's, and then why. */
export type ProvenAgent = { readonly fixed: string | undefined } | { readonly refusal: string };

/**
 * The agent that an identity stands for. It is fixed: no argument of a call names another. Without an identity, and with
 * one that has no user, as a token that all clients share, nothing is fixed. An agent that the rules do not know is fixed all
 * the same, and may use nothing: a user who is not in the rules must not become somebody else by saying so.
 */
export function agentOfIdentity(
  identity: McpIdentity | undefined,
  { agents = {}, claim }: ProvenAgents = {},
): ProvenAgent {
  if (identity === undefined) return { fixed: undefined };
  const { user, claims } = identity;
  if (claim !== undefined) {
    const named = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
    if (typeof named === 'string' && named !== '') return { fixed: named };
    return {
      refusal: `expected the name of an agent in the claim ${claim} of the token, found ${describeValue(named)}`,
    };
  }
  if (user === undefined) return { fixed: undefined };
  return { fixed: Object.hasOwn(agents, user) ? agents[user] : user };
}
