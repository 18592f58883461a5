import type { BackgroundOwner, BackgroundWork } from './background-work.js';
import type { ExecutionLog } from './execution-log.js';
import type { HookSpans } from './hook-spans.js';
import type { InvocationRequest } from './invocation-request.js';
import type { InvocationTrace } from './invocation-trace.js';

/** Who runs invocations. */
export interface InvocationOwner extends BackgroundOwner {
  readonly spans: HookSpans | undefined;
  /** Of an invocation that somebody watches; undefined where nobody does. */
  traceOf(request: InvocationRequest, executions: ExecutionLog): InvocationTrace | undefined;
  /** An invocation begins, and ends. */
  entered(request: InvocationRequest): void;
  left(request: InvocationRequest): void;
  startBackground(work: BackgroundWork): void;
}
