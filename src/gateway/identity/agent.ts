import { describeValue } from '../../json/described-value.js';
import type { Rules } from '../rules/rules.js';
import { shown } from '../rules/shown-name.js';

/** Who a call may be made for. */
export interface AgentQuestion {
  /** The argument `agent_id` of the call, whatever it is. Undefined, null and an empty string name nobody. */
  readonly claimed: unknown;
  /** Who the connection speaks for, proven or set: the call cannot name another. */
  readonly fixed?: string | undefined;
  /** Who stands in for calls that name nobody, where the rules let them. An empty string is as good as none. */
  readonly fallback?: string | undefined;
  readonly rules: Pick<Rules, 'agents' | 'denyOnMissingAgent'>;
}

/** Codes of a call that is made for nobody. */
export type AgentErrorCode = 'INVALID_AGENT_ID' | 'FALLBACK_AGENT_NOT_IN_RULES' | 'NO_FALLBACK_CONFIGURED';

/** Why a call is made for nobody. */
export interface AgentError {
  readonly code: AgentErrorCode;
  /** For the agent. The words for missing agents are those of agent-mcp-gateway. */
  readonly message: string;
  /** For the audit: what was claimed, and what it was held against. */
  readonly reason: string;
}

/**
 * Who a call is made for: who is fixed, or who it names, or the fallback, or the agent `default` of the rules. An agent that
 * is named is not looked for in the rules, which refuse what they do not know by themselves.
 */
export function resolveAgent(question: AgentQuestion): { readonly agent: string } | { readonly error: AgentError } {
  const { claimed, fixed } = question;
  if (claimed === undefined || claimed === null || claimed === '') {
    return fixed === undefined ? standIn(question) : { agent: fixed };
  }
  if (typeof claimed !== 'string') {
    const message = `Invalid parameter 'agent_id': expected a string, found ${describeValue(claimed)}.`;
    return refused('INVALID_AGENT_ID', message, `agent_id is ${describeValue(claimed)}`);
  }
  if (fixed === undefined || claimed === fixed) return { agent: claimed };
  return refused(
    'INVALID_AGENT_ID',
    "Invalid parameter 'agent_id': this connection speaks for another agent. Leave 'agent_id' out.",
    `agent_id is ${shown(claimed)}, and the connection speaks for ${shown(fixed)}`,
  );
}

function standIn({ fallback = '', rules }: AgentQuestion): ReturnType<typeof resolveAgent> {
  if (rules.denyOnMissingAgent) {
    return refused(
      'INVALID_AGENT_ID',
      "Missing required parameter 'agent_id'. All tool calls must include agent identity.",
      'no agent is named, and the rules deny that',
    );
  }
  const agent = fallback === '' ? defaultAgent : fallback;
  if (rules.agents.includes(agent)) return { agent };
  if (fallback === '') {
    return refused(
      'NO_FALLBACK_CONFIGURED',
      `Missing 'agent_id' parameter and no fallback agent configured.\n${advice}`,
      'no agent is named, and there is none to stand in',
    );
  }
  return refused(
    'FALLBACK_AGENT_NOT_IN_RULES',
    `Missing 'agent_id' parameter and fallback agent '${fallback}' is not configured in gateway rules.\n${advice}`,
    `no agent is named, and ${shown(fallback)}, which stands in, is not in the rules`,
  );
}

const defaultAgent = 'default';

const advice =
  "Either provide 'agent_id' in your tool calls, or ask the user to configure the gateway fallback settings. See gateway documentation for configuration options.";

/** Why a fallback agent will not stand in for anybody under these rules, to be told at the start; undefined where it will. */
export function fallbackDoubt(fallback: string | undefined, rules: AgentQuestion['rules']): string | undefined {
  if (fallback === undefined || fallback === '') return undefined;
  const agent = `the default agent ${shown(fallback)}`;
  if (rules.denyOnMissingAgent) {
    return `${agent} has no effect: calls that name no agent are denied unless the rules set defaults.deny_on_missing_agent to false`;
  }
  return rules.agents.includes(fallback)
    ? undefined
    : `${agent} is not in the rules: calls that name no agent are denied`;
}

function refused(code: AgentErrorCode, message: string, reason: string): { readonly error: AgentError } {
  return { error: { code, message, reason } };
}
