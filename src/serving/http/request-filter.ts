import type { IncomingMessage } from 'node:http';
import type { McpIdentity } from '../mcp/mcp-service.js';
import type { Refusal } from './http-answers.js';
import type { LookAtHead } from './http-response.js';

/** Looks at requests to `/mcp` whose senders have proven who they are, and at the heads of their answers. */
export interface RequestFilter {
  /** Undefined: nothing to look at, which costs nothing. What it rejects with is status 500: nothing passes. */
  before(
    request: IncomingMessage,
    identity: McpIdentity | undefined,
  ): Promise<Admission | Refusal> | Admission | Refusal | undefined;
}

/** What a filter makes of a request that it lets pass. */
export interface Admission {
  readonly identity: McpIdentity | undefined;
  /** Headers of the request as all that comes later sees them; names in lower case, no credentials among them. */
  readonly headers: Readonly<Record<string, string>>;
  /** Absent where nobody wants to see the answer. */
  readonly after?: LookAtHead;
}
