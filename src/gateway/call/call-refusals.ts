import { blockText } from '../../guard/blocked-call.js';
import { CallFailure, type FailureCode } from './call-failure.js';
import type { Blocked } from './guarded-leg.js';

/** Whether an agent may make a call. */
export interface Admission {
  readonly allowed: boolean;
  /** Where the rule stands that decided. */
  readonly rule: string | undefined;
  /** For the agent, where it may not; else for those who read audits. */
  readonly reason: string;
  /** Default: DENIED_BY_POLICY. */
  readonly code?: FailureCode;
}

export function deniedFailure(admission: Admission | undefined): CallFailure {
  const { code = 'DENIED_BY_POLICY', reason = 'The call is not allowed.', rule } = admission ?? {};
  return new CallFailure(code, reason, { rule });
}

/** What an agent is told of a block: the words of the plugin, and its code. Its details are for programs, and left out. */
export function blockedFailure(blocked: Blocked | undefined): CallFailure {
  const { violation, httpHeaders } = blocked ?? {};
  return new CallFailure('BLOCKED_BY_PLUGIN', violation === undefined ? 'Blocked.' : blockText(violation), {
    violationCode: violation?.code,
    rpcCode: violation?.mcpErrorCode,
    httpStatus: violation?.httpStatusCode,
    httpHeaders,
  });
}
