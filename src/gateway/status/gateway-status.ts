import type { ServerSet, ServerStatus } from '../../downstream/server-set-api.js';
import type { ToolOffers } from '../offer/tool-offers.js';
import type { ReloadCounts, ReloadRecord } from '../reload/reload-record.js';
import type { RulesInForce } from '../reload/rules-in-force.js';

/** What the gateway tells of itself. Keys as programs of agent-mcp-gateway read them. */
export interface GatewayStatus extends Readonly<Record<string, unknown>> {
  readonly reload_status: {
    readonly mcp_config: ReloadCounts;
    readonly gateway_rules: ReloadCounts & { readonly last_warnings: readonly string[] };
  };
  readonly policy_state: {
    readonly total_agents: number;
    /** Those that the asker may know of, as above: itself. */
    readonly agent_ids: readonly string[];
    readonly defaults: { readonly deny_on_missing_agent: boolean } | null;
  };
  readonly available_servers: readonly string[];
  readonly servers: readonly ServerStatus[];
  readonly message: string;
}

export interface GatewayStatusDependencies {
  readonly servers: ServerSet;
  readonly offers: ToolOffers;
  readonly rules: RulesInForce;
  readonly serversRecord: ReloadRecord;
}

/**
 * How the gateway is, as far as an agent may know: the servers that it may use.
 *
 * @param agent undefined: whoever runs the gateway, or anybody where there are no rules
 */
export function gatewayStatus(
  { servers, offers, rules, serversRecord }: GatewayStatusDependencies,
  agent: string | undefined,
): GatewayStatus {
  const isRuled = agent !== undefined && rules.rules !== undefined;
  const usable = servers.status().filter(({ name }) => !isRuled || offers.admitServer(agent, name).allowed);
  const agents = (rules.rules?.agents ?? []).filter((name) => !isRuled || name === agent);
  // Errors and warnings name servers, agents and files that an agent under rules is not to know of.
  const shown = (counts: ReloadCounts): ReloadCounts =>
    isRuled && counts.last_error !== null ? { ...counts, last_error: 'see the log of the gateway' } : counts;
  return {
    reload_status: {
      mcp_config: shown(serversRecord.counts),
      gateway_rules: { ...shown(rules.record.counts), last_warnings: isRuled ? [] : rules.warnings },
    },
    policy_state: {
      total_agents: agents.length,
      agent_ids: agents,
      defaults: rules.rules === undefined ? null : { deny_on_missing_agent: rules.rules.denyOnMissingAgent },
    },
    available_servers: usable.map(({ name }) => name),
    servers: usable,
    message: `${usable.length} servers may be used`,
  };
}
