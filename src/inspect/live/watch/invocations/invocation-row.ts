import type { InvocationRow } from '../../feed/feed-invocations.js';
import { rounded } from '../model/latencies.js';
import { shownName } from '../redaction/shown-text.js';
import type { KeptInvocation } from './kept-invocation.js';
import { phaseOf, stepStates } from './step-details.js';

/** An invocation as the list has it. */
export function invocationRow(kept: KeptInvocation, timeOf: (onClock: number) => number): InvocationRow {
  const { trace, id, subject, agent, tenant, call } = kept;
  const { chain, end, beganAt, requestId, steps } = trace;
  const decider = end?.stoppedBy === undefined ? undefined : steps[end.stoppedBy];
  return {
    id,
    requestId: shownName(requestId),
    hook: shownName(chain.hook.name),
    subject,
    ...(agent !== undefined && { agent }),
    ...(tenant !== undefined && { tenant }),
    t: rounded(timeOf(beganAt)),
    ...(end !== undefined && { decided: rounded(end.at - beganAt) }),
    outcome: end?.kind ?? 'running',
    ...(decider !== undefined && { by: shownName(decider.plugin.name) }),
    ticks: stepStates(trace).map(({ step, status }) => [phaseOf(step.plugin.rights.phase), status]),
    ...(call !== undefined && { call: call.id }),
  };
}
