import type { CallFailure } from '../../call/call-failure.js';
import type { ToolResult } from '../tool-result.js';

/** What one of the gateway's own tools answers, and what audits are told of it. */
export interface OwnAnswer {
  readonly result: ToolResult;
  /** The server that was asked about. */
  readonly server?: string;
  /** Why the answer is empty, where the result tells it in words of its own. */
  readonly failure?: CallFailure;
}
