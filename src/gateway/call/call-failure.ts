/** What came of a call that has no result, as agents and audits are told it. */
export type FailureCode =
  | 'INVALID_AGENT_ID'
  | 'FALLBACK_AGENT_NOT_IN_RULES'
  | 'NO_FALLBACK_CONFIGURED'
  | 'DENIED_BY_POLICY'
  | 'SERVER_NOT_FOUND'
  | 'TOOL_NOT_FOUND'
  | 'PROMPT_NOT_FOUND'
  | 'RESOURCE_NOT_FOUND'
  | 'INVALID_ARGUMENTS'
  | 'BLOCKED_BY_PLUGIN'
  | 'PLUGIN_FAILED'
  | 'SERVER_UNAVAILABLE'
  | 'LOGIN_NEEDED'
  | 'REFUSED_BY_SERVER'
  | 'OUTCOME_UNKNOWN'
  | 'TOO_LARGE'
  | 'BUSY'
  | 'TIMEOUT'
  | 'CANCELLED'
  | 'INTERNAL_ERROR';

/** What else is known of a failure. */
export interface FailureDetails {
  /** Where the rule stands that decided: `agents.a.deny.tools.p[0]`. */
  readonly rule?: string | undefined;
  /** For audits, where it is not what the agent is told. */
  readonly reason?: string | undefined;
  /** Milliseconds after which it may be tried again. */
  readonly retryAfterMs?: number | undefined;
  /** What the server answered: the code and the data of its JSON-RPC error. */
  readonly rpcCode?: number | undefined;
  readonly rpcData?: unknown;
  /** The message of that error, without a word of ours. */
  readonly serverMessage?: string | undefined;
  /** Of a violation. */
  readonly violationCode?: string | undefined;
  readonly httpStatus?: number | undefined;
  readonly httpHeaders?: Readonly<Record<string, string>> | undefined;
  readonly cause?: unknown;
}

/** Why a call has no result. The message is for the agent that made it. */
export class CallFailure extends Error {
  readonly code: FailureCode;
  readonly details: FailureDetails;

  constructor(code: FailureCode, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'CallFailure';
    this.code = code;
    this.details = details;
  }
}

/** The failure as programs read it. */
export function failureRecord({ code, message, details }: CallFailure): Record<string, unknown> {
  const { rule, retryAfterMs, violationCode, httpHeaders } = details;
  return {
    code,
    message,
    ...(rule !== undefined && { rule }),
    ...(violationCode !== undefined && { violationCode }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(httpHeaders !== undefined && { headers: httpHeaders }),
  };
}
