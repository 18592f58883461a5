import type { GatewayOptions } from './gateway-options.js';
import { fallbackDoubt } from './identity/agent.js';
import type { Rules } from './rules/rules.js';

/** What a gateway will do that whoever started it may not expect. */
export function startWarnings({ face, agent, defaultAgent }: GatewayOptions, rules: Rules | undefined): string[] {
  if (rules === undefined) return ['there are no rules: every agent may use every tool of every server'];
  const doubt = agent === undefined ? fallbackDoubt(defaultAgent, rules) : undefined;
  const unknown =
    agent === undefined || rules.agents.includes(agent)
      ? undefined
      : `the agent ${agent} is not in the rules, and may use nothing`;
  const nobody =
    face === 'transparent' && agent === undefined && rules.denyOnMissingAgent
      ? 'the face transparent has no argument that names an agent, and the rules deny calls without one: set the agent, or let clients prove who they are'
      : undefined;
  return [doubt, unknown, nobody].filter((message) => message !== undefined);
}
