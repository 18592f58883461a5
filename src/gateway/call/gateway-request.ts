import type { GuardedMethod } from '../../guard/guarded-request.js';
import type { RequestParams } from '../../guard/request-params.js';
import type { McpCall } from '../../serving/mcp/mcp-service.js';

/** Who makes a call, and for which client it is. Both are parameters of the call: nothing is read from a session. */
export interface GatewayCaller {
  /** Undefined where nobody has to be one: there are no rules. */
  readonly agent: string | undefined;
  readonly call: McpCall;
}

/** One request of an agent to one server. */
export interface GatewayRequest {
  readonly server: string;
  readonly method: GuardedMethod;
  /** Those of the method, with the names that the server knows. */
  readonly params: RequestParams;
  /** Milliseconds that the agent gives; default: what the entry of the server says. */
  readonly timeoutMs?: number | undefined;
}

/**
 * What has come of a call. A server of the coming revision may also return what it needs from a person: that is a second
 * kind, and the call is made again with the answers.
 */
export interface GatewayAnswer {
  readonly kind: 'complete';
  /** As the server gave it, and the hooks left it. */
  readonly result: Readonly<Record<string, unknown>>;
}

/** The tool, the prompt or the resource that a request is about. */
export function subjectOf({ method, params }: Pick<GatewayRequest, 'params'> & { readonly method: string }): string {
  const subject = params[method === 'resources/read' ? 'uri' : 'name'];
  return typeof subject === 'string' ? subject : '';
}
