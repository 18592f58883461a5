import type { Logger } from '../../observability/logger.js';
import type { CallFailure, FailureCode } from './call-failure.js';
import type { GatewayCaller, GatewayRequest } from './gateway-request.js';

/** What is to be known of one decision: for audits and metrics. Never holds arguments or results. */
export interface CallRecord {
  readonly requestId: string;
  readonly caller: GatewayCaller;
  /** `tools/call`, `tools/list`. */
  readonly operation: string;
  readonly server: string | undefined;
  /** The tool, the prompt or the resource. */
  readonly subject: string | undefined;
  readonly decision: 'ALLOW' | 'DENY' | 'ERROR';
  readonly rule: string | undefined;
  readonly reason: string | undefined;
  /** Class of the error: a code of `FailureCode`, or `tool_error` for a result that says it is one. */
  readonly error: string | undefined;
  readonly latencyMs: number;
  /** What was asked, to be hashed by who needs it; not to be kept. */
  readonly request: GatewayRequest | undefined;
  /** What was answered, to be measured; not to be kept. */
  readonly result: Readonly<Record<string, unknown>> | undefined;
}

/** Takes a record of each decision. */
export type CallRecorder = (record: CallRecord) => void;

/** A recorder whose troubles are for the log: whoever keeps records does not decide what comes of calls. */
export function unfailingRecorder(recorder: CallRecorder, logger: Logger): CallRecorder {
  return (record) => {
    try {
      recorder(record);
    } catch (error) {
      logger.error({ err: error, operation: record.operation }, 'a decision could not be put on record');
    }
  };
}

/** What a failure counts as: a guard's word, or trouble. */
export function decisionOf(failure: CallFailure | undefined): CallRecord['decision'] {
  if (failure === undefined) return 'ALLOW';
  return denials.has(failure.code) ? 'DENY' : 'ERROR';
}

const denials: ReadonlySet<FailureCode> = new Set<FailureCode>([
  'DENIED_BY_POLICY',
  'BLOCKED_BY_PLUGIN',
  'INVALID_AGENT_ID',
  'FALLBACK_AGENT_NOT_IN_RULES',
  'NO_FALLBACK_CONFIGURED',
  'TOOL_NOT_FOUND',
  'PROMPT_NOT_FOUND',
  'RESOURCE_NOT_FOUND',
]);
