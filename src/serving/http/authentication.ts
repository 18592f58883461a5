import type { IncomingMessage } from 'node:http';
import type { McpIdentity } from '../mcp/mcp-service.js';
import type { Refusal } from './http-answers.js';

/**
 * Says who sends a request, before anything else of it is looked at; undefined: nobody has to prove who they are. A
 * {@link Refusal} may carry headers, `WWW-Authenticate` for instance. What it rejects with is status 500: nothing passes.
 */
export type Authenticate = (request: IncomingMessage) => Promise<McpIdentity | undefined | Refusal>;

/** Tells a refusal from an identity. */
export function isRefusal(answer: object | undefined): answer is Refusal {
  return answer !== undefined && 'status' in answer;
}
