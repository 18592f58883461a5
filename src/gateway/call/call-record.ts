import type { McpCaller } from '../../serving/mcp/mcp-service.js';
import type { CallFailure, FailureCode } from './call-failure.js';
import type { GatewayRequest } from './gateway-request.js';

/** What is to be known of one decision: for audits and metrics. Never holds arguments or results. */
export interface CallRecord {
  readonly requestId: string;
  readonly agent: string | undefined;
  /** Whoever asked, see `clientName`. */
  readonly client: string | undefined;
  /** `tools/call`, `tools/list`; `http` for a request that was refused before it was read. */
  readonly operation: string;
  readonly server: string | undefined;
  /** The tool, the prompt or the resource. */
  readonly subject: string | undefined;
  readonly decision: 'ALLOW' | 'DENY' | 'ERROR';
  readonly rule: string | undefined;
  /** In words that hold neither arguments nor what servers and plugins said. */
  readonly reason: string | undefined;
  /** Class of the error: a code of `FailureCode`, `tool_error` for a result that says it is one, or `HTTP_401`. */
  readonly error: string | undefined;
  readonly latencyMs: number;
  /** What was asked, to be hashed by who needs it; not to be kept. */
  readonly request: GatewayRequest | undefined;
  /** What was answered, to be measured; not to be kept. */
  readonly result: Readonly<Record<string, unknown>> | undefined;
}

/**
 * Who asked, so that a claim never looks like a proof: `user:` with the user that was proven, `app:` with name and version
 * that the client gives itself.
 */
export function clientName({ identity, info }: Pick<McpCaller, 'identity' | 'info'>): string | undefined {
  if (identity?.user !== undefined) return `user:${identity.user}`;
  return info === undefined ? undefined : `app:${info.name}/${info.version}`;
}

/** Takes a record of each decision. Must not throw. */
export type CallRecorder = (record: CallRecord) => void;

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
