import { randomUUID } from 'node:crypto';
import type { McpCall } from '../../serving/mcp/mcp-service.js';
import type { Rules } from '../rules/rules.js';
import { agentOfCall, type AgentSettings } from './agent-of-call.js';
import type { CallFailure } from './call-failure.js';
import { type CallRecorder, decisionOf } from './call-record.js';

export interface DecisionsDependencies {
  readonly rules: () => Rules | undefined;
  readonly settings: AgentSettings;
  readonly record: CallRecorder;
}

/** What a question is about, where it is known. */
export interface Asked {
  readonly server?: string | undefined;
  readonly subject?: string | undefined;
}

/** Who asks, and what is told to audits of questions that no server is asked. */
export class Decisions {
  readonly #dependencies: DecisionsDependencies;

  constructor(dependencies: DecisionsDependencies) {
    this.#dependencies = dependencies;
  }

  /** @throws CallFailure */
  agentOf(call: McpCall, claimed: unknown): string | undefined {
    const { rules, settings } = this.#dependencies;
    return agentOfCall(call.caller, claimed, settings, rules());
  }

  record(
    call: McpCall,
    agent: string | undefined,
    operation: string,
    failure: CallFailure | undefined,
    { server, subject }: Asked = {},
  ): void {
    this.#dependencies.record({
      requestId: randomUUID(),
      caller: { agent, call },
      operation,
      server,
      subject,
      decision: decisionOf(failure),
      rule: failure?.details.rule,
      reason: failure?.details.reason ?? failure?.message,
      error: failure?.code,
      latencyMs: 0,
      request: undefined,
      result: undefined,
    });
  }
}
