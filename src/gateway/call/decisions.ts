import { randomUUID } from 'node:crypto';
import { messageOf } from '../../errors.js';
import type { McpCall } from '../../serving/mcp/mcp-service.js';
import type { Rules } from '../rules/rules.js';
import { agentOfCall, type AgentSettings } from './agent-of-call.js';
import { failureCodeOf } from './call-errors.js';
import { CallFailure } from './call-failure.js';
import { type CallRecorder, clientName, decisionOf } from './call-record.js';
import { recordedReason } from './recorded-reason.js';

export interface DecisionsDependencies {
  readonly rules: () => Rules | undefined;
  readonly settings: AgentSettings;
  readonly record: CallRecorder;
  readonly now: () => number;
}

/** A question that is no call of a server, or does not come to be one. */
export interface Question {
  /** `tools/list`, `list_servers`. */
  readonly operation: string;
  readonly server?: string | undefined;
  /** The tool, the prompt or the resource. */
  readonly subject?: string | undefined;
  /** When it came. Default: now. */
  readonly startedAt?: number;
}

/** Who asks, and what is told to audits of questions that no server is asked. */
export class Decisions {
  readonly #dependencies: DecisionsDependencies;

  constructor(dependencies: DecisionsDependencies) {
    this.#dependencies = dependencies;
  }

  /** Who asks. @throws CallFailure that says why it is nobody, and audits are told */
  agentOf(call: McpCall, question: Question, claimed: unknown): string | undefined {
    const { rules, settings } = this.#dependencies;
    return this.prepare(call, undefined, question, () => agentOfCall(call.caller, claimed, settings, rules()));
  }

  /** Does what has to be done before a question is decided; where it fails, that was the decision. */
  prepare<Prepared>(call: McpCall, agent: string | undefined, question: Question, work: () => Prepared): Prepared {
    try {
      return work();
    } catch (error) {
      this.record(call, agent, question, failureFor(error));
      throw error;
    }
  }

  /** Tells audits of a question. */
  record(
    call: McpCall,
    agent: string | undefined,
    { operation, server, subject, startedAt }: Question,
    failure: CallFailure | undefined,
  ): void {
    const { now, record } = this.#dependencies;
    record({
      requestId: randomUUID(),
      agent,
      client: clientName(call.caller),
      operation,
      server,
      subject,
      decision: decisionOf(failure),
      rule: failure?.details.rule,
      reason: failure === undefined ? undefined : recordedReason(failure),
      error: failure?.code,
      latencyMs: startedAt === undefined ? 0 : now() - startedAt,
      request: undefined,
      result: undefined,
    });
  }

  /**
   * Answers a question, and tells audits of it once, whatever becomes of it.
   *
   * @param work is given what to tell of a failure that stands in the answer
   */
  async answer<Answer>(
    call: McpCall,
    agent: string | undefined,
    question: Question,
    work: (tell: (told: CallFailure) => void) => Promise<Answer> | Answer,
  ): Promise<Answer> {
    const asked = { ...question, startedAt: this.#dependencies.now() };
    let failure: CallFailure | undefined;
    try {
      return await work((told) => (failure = told));
    } catch (error) {
      failure = failureFor(error);
      throw error;
    } finally {
      this.record(call, agent, asked, failure);
    }
  }
}

function failureFor(error: unknown): CallFailure {
  if (error instanceof CallFailure) return error;
  return new CallFailure(failureCodeOf(error), messageOf(error), { cause: error });
}
