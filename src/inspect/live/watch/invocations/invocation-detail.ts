import type { InvocationDetail } from '../../feed/feed-invocations.js';
import { rounded } from '../model/latencies.js';
import { payloadDiff } from '../redaction/payload-diff.js';
import { withoutQuotes } from '../redaction/quoted-payload.js';
import { shownError, withoutUrlSecrets } from '../redaction/shown-errors.js';
import { shownText } from '../redaction/shown-text.js';
import type { ValueView } from '../redaction/value-view.js';
import { sequenceOf } from './call-sequence.js';
import { invocationRow } from './invocation-row.js';
import type { KeptInvocation } from './kept-invocation.js';
import { type DetailDependencies, keysFor, stepDetails } from './step-details.js';
import { pointedAt, violationDetail } from './violation-detail.js';

/** Everything of one invocation. Put together when somebody asks: differences cost what payloads cost. */
export function invocationDetail(kept: KeptInvocation, dependencies: DetailDependencies): InvocationDetail {
  const { view, timeOf } = dependencies;
  const { trace } = kept;
  const { chain, changes = [], end, payload } = trace;
  const known = keysFor(kept, dependencies);
  const maskedAt = pointedAt(kept, view, known);
  const violation = violationDetail(kept, view, known);
  const [first, last] = [changes[0], changes.at(-1)];
  const seen = changes.findLast(({ index }) => end?.stoppedBy === undefined || index < end.stoppedBy)?.after ?? payload;
  const told = toldTo(kept, view);
  const deadline = deadlineOf(kept);
  return {
    ...invocationRow(kept, timeOf),
    revision: `r${chain.generation.revision}`,
    steps: stepDetails(kept, known, maskedAt, dependencies),
    ...(violation !== undefined && { violation }),
    fp: [view.fingerprint(payload), view.fingerprint(seen)],
    ...(first !== undefined &&
      last !== undefined && { diff: payloadDiff(first.before, last.after, { view, known, maskedAt }) }),
    ...(told !== undefined && { told }),
    sequence: sequenceOf(kept, timeOf),
    ...(deadline !== undefined && { deadline: rounded(timeOf(deadline)) }),
    ...(end?.error !== undefined &&
      end.kind !== 'blocked' && { error: shownError(end.error, rounded(timeOf(end.at)), view) }),
  };
}

/** What the agent was told. It knows what it asked, and whoever looks here may not. */
function toldTo({ call, payloads }: KeptInvocation, view: ValueView): string | undefined {
  if (call?.failure === undefined) return undefined;
  const { message } = call.failure;
  return shownText(withoutUrlSecrets(view.isShown ? message : withoutQuotes(message, payloads)));
}

/** When the time of the plugin is over that runs. */
function deadlineOf({ trace }: KeptInvocation): number | undefined {
  if (trace.end !== undefined) return undefined;
  const due = trace.executions.runs.flatMap(({ startedAt, endedAt }, index) => {
    const step = trace.steps[index];
    return step === undefined || endedAt !== undefined ? [] : [startedAt + step.timeoutMs];
  });
  return due.length === 0 ? undefined : Math.min(...due);
}
