import { agentOfIdentity, type ProvenAgents } from '../identity/proven-agent.js';
import { resolveAgent } from '../identity/agent.js';
import type { Rules } from '../rules/rules.js';
import type { McpCaller } from '../../serving/mcp/mcp-service.js';
import { CallFailure } from './call-failure.js';

export interface AgentSettings {
  /** Speaks for all: no call can name another. */
  readonly agent?: string | undefined;
  /** Stands in for calls that name nobody, where the rules let it. */
  readonly fallback?: string | undefined;
  readonly proven?: ProvenAgents | undefined;
}

/**
 * The agent that a call is made for; undefined where it is nobody and there are no rules.
 *
 * @param claimed the argument `agent_id`, whatever it is
 * @throws CallFailure INVALID_AGENT_ID, FALLBACK_AGENT_NOT_IN_RULES, NO_FALLBACK_CONFIGURED
 */
export function agentOfCall(
  { identity }: McpCaller,
  claimed: unknown,
  { agent, fallback, proven }: AgentSettings,
  rules: Rules | undefined,
): string | undefined {
  const mapped = agent === undefined ? agentOfIdentity(identity, proven) : { fixed: agent };
  if ('refusal' in mapped)
    throw new CallFailure('INVALID_AGENT_ID', `Who you are does not name an agent: ${mapped.refusal}.`);
  const fixed = mapped.fixed;
  const names = claimed !== undefined && claimed !== null && claimed !== '';
  if (rules === undefined && !names) return fixed ?? (fallback === '' ? undefined : fallback);
  const resolved = resolveAgent({ claimed, fixed, fallback, rules: rules ?? unruled });
  if ('agent' in resolved) return resolved.agent;
  const { code, message, reason } = resolved.error;
  throw new CallFailure(code, message, { reason });
}

const unruled: Pick<Rules, 'agents' | 'denyOnMissingAgent'> = { agents: [], denyOnMissingAgent: false };
